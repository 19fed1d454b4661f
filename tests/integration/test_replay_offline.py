"""`fetch` into a directory, then `install --offline --from` in a place without any network interface."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.full_project import LOCKED, install_arguments, make_full_case, run
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, tree_of

pytestmark = pytest.mark.slow


@pytest.fixture
def case(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Case:
    return make_full_case(tmp_path, wheelhouse, index_server.simple_url)


@pytest.fixture
def bundle(case: Case, tmp_path: Path) -> Path:
    assert case.index_url is not None
    directory = tmp_path / "bundle"
    done = run("fetch", case.directory, "--output", directory, "--index-url", case.index_url, "--cache-dir", case.cache)
    assert done.returncode == 0, done.stderr
    assert "complete for cortexlock.cpu.yaml\n  7 files" in done.stdout
    assert "1 git checkout" in done.stdout
    return directory


def _without_network() -> list[str]:
    """Return the command that runs another without network interfaces."""
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
        ):
            return command
    pytest.skip("this machine lets nobody make a network namespace")


def test_an_air_gapped_build(case: Case, bundle: Path, tmp_path: Path, index_server: IndexServer) -> None:
    sources = [tmp_path / "wheelhouse", tmp_path / "repository", case.directory / "channel"]
    for source in sources:
        shutil.move(source, tmp_path / f"{source.name}-elsewhere")
    case.cache, case.index_url = tmp_path / "other-cache", None
    asked = len(index_server.requests)
    arguments = install_arguments(case, "--offline", "--from", bundle)
    done = run(*arguments, before=_without_network())
    assert done.returncode == 0, done.stderr
    assert installed(case.prefix) == LOCKED
    assert (case.prefix / "lib" / "libdemo.so").read_text() == "binary" * 1000
    assert len(index_server.requests) == asked
    assert "nothing to do" in run(*arguments, before=_without_network()).stdout


def test_the_directory_is_the_same_each_time_and_may_be_read_only(case: Case, bundle: Path, tmp_path: Path) -> None:
    before = {path: content for path, content in tree_of(bundle).items() if "/.git/" not in path}
    again = tmp_path / "again"
    options: list[str | Path] = ["--index-url", str(case.index_url), "--cache-dir", case.cache]
    for directory in (bundle, again):
        assert run("fetch", case.directory, "--output", directory, *options).returncode == 0
        assert {path: content for path, content in tree_of(directory).items() if "/.git/" not in path} == before
    index = json.loads((bundle / "cortexlock-bundle.json").read_text())
    assert [each["name"] for each in index["files"]] == sorted(each["name"] for each in index["files"])
    assert all((bundle / each["path"]).exists() for each in index["files"])
    assert {each["name"] for each in index["files"]} == {*LOCKED, "libdemo", "pydemo", "tool"} - {"tree"}


def test_what_is_not_there_is_said(case: Case, bundle: Path, tmp_path: Path) -> None:
    case.cache = tmp_path / "other-cache"
    entry = next(bundle.glob("artifacts/sha256/*/*/wheel-1.0-*.whl"))
    content = entry.read_bytes()
    entry.unlink()
    done = run(*install_arguments(case, "--offline", "--from", bundle))
    assert done.returncode == 5
    assert "wheel 1.0 (wheel-1.0-py3-none-any.whl): the file is not on this machine" in done.stderr
    entry.write_bytes(content[:-1] + b"x")
    done = run(*install_arguments(case, "--offline", "--from", bundle))
    assert done.returncode == 6
    assert "wheel 1.0 (wheel-1.0-py3-none-any.whl): the file that is there is not as locked" in done.stderr
    assert installed(case.prefix) == {"changed": "1.0"}
    done = run(*install_arguments(case, "--offline", "--from", tmp_path))
    assert done.returncode == 2
    assert "no directory that `cortexlock fetch` made" in done.stderr
