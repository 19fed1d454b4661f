"""Several installations at one time: two into one prefix, ten from one cache."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.full_project import (
    LOCKED,
    command,
    install_arguments,
    make_full_case,
    run,
    verified,
    write_lockfile,
)
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import tree_of

pytestmark = pytest.mark.slow


def test_two_into_one_prefix(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    started = [
        subprocess.Popen(command(*install_arguments(case, "--verbose")), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert sum("waiting for another replay in this prefix" in text for text in said) == 1
    assert sum("nothing to do" in text for text in said) == 1
    assert installed(case.prefix) == LOCKED
    assert (case.directory / "runs").read_text() == "run\n"
    assert run("verify", case.directory, "--prefix", case.prefix).returncode == 0


def test_ten_from_one_cache(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    case.script = None  # one that writes into the project would be run ten times at once
    (case.directory / "script.sh").unlink()
    write_lockfile(case)
    prefixes = [tmp_path / f"prefix{number}" for number in range(10)]
    for prefix in prefixes:
        shutil.copytree(case.prefix, prefix, symlinks=True)
    started = []
    for prefix in prefixes:
        case.prefix = prefix
        started.append(subprocess.Popen(command(*install_arguments(case)), stderr=subprocess.PIPE, text=True))
    said = [process.communicate(timeout=240)[1] for process in started]
    failed = [text for process, text in zip(started, said, strict=True) if process.returncode]
    assert failed == []
    for prefix in prefixes:
        assert installed(prefix) == LOCKED
        case.prefix = prefix
        assert verified(case) == 0
    assert not list(case.cache.rglob("*.part"))
    assert not list((case.cache / "builds").iterdir())
    assert len(list((case.cache / "git").iterdir())) == 1


def test_six_that_fetch_into_one_directory(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    """Each copies the checkout that the cache has."""
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    arguments = ("fetch", case.directory, "--index-url", str(case.index_url), "--cache-dir", case.cache, "--output")
    assert run(*arguments, case.cache).returncode == 0
    target = tmp_path / "bundle"
    started = [
        subprocess.Popen(command(*arguments, target), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = [process.communicate(timeout=240)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 6, said
    assert len(list((target / "git").iterdir())) == 1
    assert tree_of(target) == tree_of(case.cache)
