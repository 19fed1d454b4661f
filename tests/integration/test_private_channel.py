"""Channels that demand a token or a password: they get it, and nobody else does."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from cortexlock.lockfile import files
from cortexlock.lockfile.text import dumps
from cortexlock.model.lockfile import CondaStep, PreInstalled
from cortexlock.model.predictor import CondaRecord
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.file_server import Answer, ChannelServer, Fault
from tests.support.image import write_conda_records
from tests.support.processes import ArgumentWatch
from tests.support.replay import Case, make_case

pytestmark = pytest.mark.slow

PROGRAM = Path(sysconfig.get_path("scripts")) / "cortexlock"
VERSION = ".".join(map(str, sys.version_info[:3]))
TOKEN = "to-4711-ken-0815"  # noqa: S105 - of a server on loopback; conda reads lists in lower case
FORMS = (TOKEN, base64.b64encode(f"me:{TOKEN}".encode()).decode())
PACKAGES = (
    Package("base", suffix=".conda", files={"share/base.txt": "base"}),
    Package("tool", depends=["base"], hashes=["md5"], files={"share/tool.txt": "tool"}),
)


class TokenServer(ChannelServer):
    """Channels that are there for who knows the token only: `/t/<token>/channel/…`."""

    def respond(self, path: str, headers: Mapping[str, str]) -> tuple[Answer, Fault | None]:
        """Answer below the token, and nowhere else."""
        start = f"/t/{TOKEN}/"
        if not path.startswith(start):
            return Answer(b"who are you?\n", "text/plain", HTTPStatus.FORBIDDEN), None
        return super().respond(f"/{path.removeprefix(start)}", headers)


@pytest.fixture(params=["token", "password"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChannelServer]:
    """A server that demands a token in the path, or a password."""
    conda_packages.write_channel(tmp_path / "channels" / "main", PACKAGES)
    by_token = request.param == "token"
    made = TokenServer(tmp_path / "channels") if by_token else ChannelServer(tmp_path / "channels", auth=("me", TOKEN))
    with made as running:
        yield running


def _private(server: ChannelServer, secret: str) -> str:
    if isinstance(server, TokenServer):
        return f"{server.url}/t/{secret}/main"
    return server.channel("main").replace("://", f"://me:{secret}@")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose list asks for a package of the private channel."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "conda-packages.txt").write_text("tool\n", encoding="utf-8")
    return directory


def _configure(project: Path, *channels: str) -> None:
    listed = "".join(f"  - {channel}\n" for channel in channels)
    (project / "cortexlock.yaml").write_text(
        f"predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nchannels:\n{listed}", encoding="utf-8"
    )


def _run(*arguments: str | Path, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
    """Run the program; neither its output nor any argument of any program may have the secret."""
    with ArgumentWatch() as watch:
        done = subprocess.run(
            [PROGRAM, *arguments], env={**os.environ, **(variables or {})}, capture_output=True, text=True, check=False
        )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    for form in FORMS:
        assert form not in said
        assert watch.met(form) == []
    return said


def _with_secret(*directories: Path) -> list[str]:
    """Return the files that have the secret, but for those of the project that were written with it."""
    written = {"cortexlock.yaml", "conda-packages.txt"}
    return [
        str(path)
        for directory in directories
        for path in directory.rglob("*")
        if path.is_file() and path.name not in written and any(form.encode() in path.read_bytes() for form in FORMS)
    ]


def _locked(project: Path) -> dict[str, str]:
    step = files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml").step("conda")
    assert isinstance(step, CondaStep)
    return {package.name: package.channel for package in step.packages}


@pytest.mark.parametrize("way", ["configured", "variable", "prefix", "explicit"])
def test_a_lock_has_no_credential_and_says_none(server: ChannelServer, project: Path, tmp_path: Path, way: str) -> None:
    variables = {}
    url = _private(server, TOKEN)
    if way == "configured":
        _configure(project, url)
    elif way == "variable":
        _configure(project, _private(server, "${CHANNEL_TOKEN}"))
        variables["CHANNEL_TOKEN"] = TOKEN
    else:
        conda_packages.write_channel(project / "channel", [Package("other")])
        _configure(project, "./channel")
        lines = [f"{url}::tool", f"{url}::base"]
        if way == "explicit":
            lines = ["@EXPLICIT", *(f"{url}/linux-64/{package.file}" for package in PACKAGES)]
        (project / "conda-packages.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    cache = tmp_path / "cache"
    _run("lock", project, "--verbose", "--cache-dir", cache, variables=variables)
    assert _locked(project) == {"base": server.channel("main"), "tool": server.channel("main")}
    assert _with_secret(project, cache) == []
    assert TOKEN not in _run("check", project, "--json", variables=variables)
    assert TOKEN not in _run("show", project, "--json", variables=variables)


def test_errors_have_no_credential(server: ChannelServer, project: Path, tmp_path: Path) -> None:
    cache = ["--cache-dir", str(tmp_path / "cache")]
    _configure(project, _private(server, TOKEN))
    (project / "conda-packages.txt").write_text("absent\n", encoding="utf-8")
    assert "no channel has a package `absent`" in _run("lock", project, *cache, code=4)
    _configure(project, _private(server, f"{TOKEN}-wrong"))
    assert server.channel("main") in _run("lock", project, *cache, code=5)
    _configure(project, _private(server, "${CHANNEL_TOKEN}"))
    said = _run("lock", project, *cache, code=2)
    assert "needs the variable CHANNEL_TOKEN, which is not set" in said


def test_another_conda_gets_no_credential(server: ChannelServer, project: Path, tmp_path: Path) -> None:
    _configure(project, _private(server, TOKEN))
    conda = Path(sysconfig.get_path("scripts")) / "cortexlock-conda"
    said = _run("lock", project, "--cache-dir", tmp_path / "cache", "--conda", conda, code=2)
    assert f"the channel {server.channel('main')} has credentials" in said


@pytest.fixture
def case(tmp_path: Path, server: ChannelServer) -> Case:
    """A project that is locked to the private channel, and an environment for it."""
    root = tmp_path / "case"
    root.mkdir()
    case = make_case(root)
    (case.directory / "requirements.txt").unlink()
    (case.directory / "conda-packages.txt").write_text("tool\n", encoding="utf-8")
    write_conda_records(case.prefix, [CondaRecord("python", VERSION)])
    case.pre_installed.append(PreInstalled("conda", "python", VERSION))
    public = server.channel("main")
    for package in PACKAGES:
        content = (server.directory / "main" / package.subdir / package.file).read_bytes()
        case.conda.append(conda_packages.locked(package, content, channel=public))
    return case


def _write(case: Case, server: ChannelServer) -> None:
    lockfile = replace(case.lockfile, channels=(server.channel("main"),))
    (case.directory / "cortexlock.cpu.yaml").write_text(dumps(lockfile), encoding="utf-8")


@pytest.mark.parametrize("way", ["configured", "variable", "explicit"])
def test_a_replay_gets_the_credential_from_where_it_was(case: Case, server: ChannelServer, way: str) -> None:
    variables = {}
    if way == "explicit":
        url = _private(server, TOKEN)
        lines = ["@EXPLICIT", *(f"{url}/linux-64/{package.file}" for package in PACKAGES)]
        (case.directory / "conda-packages.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        secret = TOKEN if way == "configured" else "${CHANNEL_TOKEN}"
        variables = {"CHANNEL_TOKEN": TOKEN}
        (case.directory / "cortexlock.yaml").write_text(f"channels: ['{_private(server, secret)}']\n", encoding="utf-8")
    _write(case, server)
    place = ["--prefix", str(case.prefix), "--cache-dir", str(case.cache), "--verbose"]
    _run("install", case.directory, *place, variables=variables)
    assert (case.prefix / "share" / "tool.txt").read_text(encoding="utf-8") == "tool"
    assert _with_secret(case.prefix, case.cache, case.directory) == []
    assert len(server.asked_for(PACKAGES[0].file)) == 1


def test_a_replay_without_the_credential_is_a_clear_error(case: Case, server: ChannelServer) -> None:
    _write(case, server)
    place = ["--prefix", str(case.prefix), "--cache-dir", str(case.cache)]
    said = _run("install", case.directory, *place, code=5)
    assert "the server answers 40" in said
    assert not (case.prefix / "share").exists()
