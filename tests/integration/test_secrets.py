"""Credentials end to end: lock and install where servers demand them, and look for them everywhere afterwards."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cortexlock.lockfile import files
from cortexlock.model.lockfile import Credentials, Lockfile
from tests.support.environments import make_venv
from tests.support.file_server import Answer, FileServer
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.processes import ArgumentWatch
from tests.support.wheels import make_tree, make_wheel

pytestmark = pytest.mark.slow

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of servers on loopback
FORMS = (TOKEN, base64.b64encode(f"me:{TOKEN}".encode()).decode(), base64.b64encode(f"{TOKEN}:".encode()).decode())


class VaryingIndex(IndexServer):
    """An index whose answers are for who asks, and may be cached."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Say so."""
        found = super().answer(path, headers)
        more = {"Vary": "Authorization", "Cache-Control": "max-age=600", "ETag": '"1"'}
        return Answer(found.body, found.content_type, found.status, {**found.headers, **more})


@dataclass
class World:
    """A project, an environment, and servers that demand credentials."""

    root: Path
    index: IndexServer
    archives: FileServer
    repositories: FileServer

    @property
    def project(self) -> Path:
        """The project."""
        return self.root / "project"

    @property
    def prefix(self) -> Path:
        """The environment."""
        return self.root / "prefix"

    def write(self, token: str) -> None:
        """Write the requirements with a token, or with what stands for it."""
        lines = (
            f"--extra-index-url http://me:{token}@{self.index.host}/simple/",
            "internal-thing",
            f"direct @ http://me:{token}@{self.archives.host}/direct-1.0-py3-none-any.whl",
            f"git+http://{token}@{self.repositories.host}/bare.git@main#egg=from-git",
        )
        (self.project / "requirements.txt").write_text("\n".join(lines) + "\n")

    def run(self, command: str, *arguments: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command; nothing of it may have a credential in its arguments or say one."""
        line = [sys.executable, "-m", "cortexlock", command, *arguments, str(self.project)]
        variables = {**os.environ, **({"TOKEN": token} if token else {})}
        with ArgumentWatch() as watch:
            done = subprocess.run(line, env=variables, check=False, capture_output=True, text=True)
        assert watch.met(f"cortexlock\0{command}")
        for form in (*FORMS, "0f-yesterday", "r0tated"):
            assert watch.met(form) == []
            assert form not in done.stdout
            assert form not in done.stderr
        return done

    def lock(self, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """Lock."""
        return self.run("lock", "--refresh", "--verbose", "--cache-dir", str(self.root / "cache"), token=token)

    def install(self, token: str | None = None, cache: str = "cache") -> subprocess.CompletedProcess[str]:
        """Install."""
        places = ("--prefix", str(self.prefix), "--cache-dir", str(self.root / cache))
        return self.run("install", "--verbose", *places, token=token)

    @property
    def lockfile(self) -> Lockfile:
        """The lockfile."""
        return files.read(self.project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")

    def holders(self) -> list[str]:
        """Return the files that a credential stands in: below the root and in the home directory."""
        return [
            path.relative_to(directory).as_posix()
            for directory in (self.root, Path(os.environ["HOME"]))
            for path in directory.rglob("*")
            if any(form in path.name for form in FORMS)
            or (path.is_file() and any(form.encode() in path.read_bytes() for form in FORMS))
        ]


def _git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["/usr/bin/env", "git", *identity, *arguments], cwd=directory, check=True, capture_output=True)


def _make(root: Path, python: Path | str) -> None:
    """Make the environment, its predictor file, the project, and what the servers have."""
    make_venv(root / "prefix", python)
    (root / "project").mkdir()
    make_wheel(root / "index", "internal-thing", "1.0", requires=["other-thing"])
    make_wheel(root / "index", "other-thing", "2.0")
    make_wheel(root / "archives", "direct", "1.0")
    make_tree(root / "work", "from-git", "3.0")
    _git(root / "work", "init", "-q", "-b", "main")
    _git(root / "work", "add", "-f", ".")
    _git(root / "work", "commit", "-qm", "one")
    (root / "repositories").mkdir()
    _git(root, "clone", "-q", "--bare", "work", "repositories/bare.git")
    _git(root / "repositories" / "bare.git", "update-server-info")
    image = str(root / "project" / "image.yaml")
    capture = ["predictors", "capture", "--platform", "cpu", "--output", image, str(root / "prefix")]
    subprocess.run([sys.executable, "-m", "cortexlock", *capture], check=True, capture_output=True)


@pytest.fixture(
    params=["host", pytest.param("3.6", marks=pytest.mark.interpreter)],
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Servers that run, for the Python of the host and for 3.6."""
    if sys.platform != "linux":
        pytest.skip("arguments of other processes are read from /proc")
    python = request.getfixturevalue("python36") if request.param == "3.6" else sys.executable
    _make(tmp_path, python)
    with (
        VaryingIndex(tmp_path / "index", auth=("me", TOKEN)) as index,
        FileServer(tmp_path / "archives", auth=("me", TOKEN)) as archives,
        FileServer(tmp_path / "repositories", auth=(TOKEN, "")) as repositories,
        IndexServer(tmp_path / "nothing") as public,
    ):
        repositories.delay = 0.01
        lines = f"predictor: image.yaml\nindex-url: {public.simple_url}\n"
        (tmp_path / "project" / "cortexlock.yaml").write_text(lines)
        yield World(tmp_path, index, archives, repositories)


def _is_complete(world: World) -> bool:
    expected = {"direct": "1.0", "from-git": "3.0", "internal-thing": "1.0", "other-thing": "2.0"}
    return expected.items() <= installed(world.prefix).items()


def test_a_token_of_the_environment(world: World) -> None:
    world.write("${TOKEN}")
    refused = world.lock()
    assert refused.returncode == 2
    assert "requirements.txt:1: the environment variable TOKEN, which the line needs, is not set" in refused.stderr
    locked = world.lock(TOKEN)
    assert locked.returncode == 0, locked.stderr
    by = ("${TOKEN}",)
    assert world.lockfile.credentials == (
        Credentials(by, index="extra-1"),
        Credentials(by, package="direct"),
        Credentials(by, package="from-git"),
    )
    before = (world.project / "cortexlock.cpu.yaml").read_bytes()
    assert b"127.0.0.1" not in before.replace(world.archives.host.encode(), b"").replace(
        world.repositories.host.encode(), b""
    )
    refused = world.install(cache="empty")
    assert refused.returncode == 5
    assert "set TOKEN in the environment: requirements.txt:" in refused.stderr
    refused = world.install("0f-yesterday", cache="empty")
    assert refused.returncode == 5
    assert "check the credentials: requirements.txt:" in refused.stderr
    done = world.install(TOKEN)
    assert done.returncode == 0, done.stderr
    assert _is_complete(world)
    assert world.holders() == []


def test_a_token_in_the_file(world: World) -> None:
    world.write(TOKEN)
    locked = world.lock()
    assert locked.returncode == 0, locked.stderr
    assert {given.supplied_by for given in world.lockfile.credentials} == {("requirements.txt",)}
    written = (world.project / "cortexlock.cpu.yaml").read_bytes()
    done = world.install()
    assert done.returncode == 0, done.stderr
    assert _is_complete(world)
    assert world.holders() == ["project/requirements.txt"]

    world.write("r0tated")
    assert world.run("check").returncode == 0
    refused = world.lock()
    assert refused.returncode == 5
    assert "check the credentials in requirements.txt:" in refused.stderr
    assert (world.project / "cortexlock.cpu.yaml").read_bytes() == written


def test_a_token_with_characters_that_end_a_host(world: World) -> None:
    token = "Sup3rSecretPart/xyz@c #"  # noqa: S105 - of servers on loopback
    world.index.auth = world.archives.auth = ("me", token)
    world.repositories.auth = (token, "")
    world.write("${TOKEN}")
    locked = world.lock(token)
    assert locked.returncode == 0, locked.stderr
    assert {given.supplied_by for given in world.lockfile.credentials} == {("${TOKEN}",)}
    lines = (world.project / "requirements.txt").read_text().splitlines()
    for line in (lines[0], *lines[2:]):
        (world.project / "requirements.txt").write_text(f"{line}\ninternal-thing\n")
        refused = world.lock(f"{token}-of-yesterday")
        assert refused.returncode == 5, refused.stderr
        assert "Sup3rSecretPart" not in refused.stderr + refused.stdout
