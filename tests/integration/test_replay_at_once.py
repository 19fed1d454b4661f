"""Several installations at one time: two into one prefix, ten from one cache."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.full_project import LOCKED, command, install_arguments, make_full_case, run
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import make_case, make_venv
from tests.support.wheels import make_sdist, make_wheel


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
    from tests.support.full_project import write_lockfile  # noqa: PLC0415 - of this test only

    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.add(make_wheel(wheelhouse, "demo", "1.0"))
    case.add(make_sdist(wheelhouse, "built", "1.0"))
    write_lockfile(case)
    make_venv(tmp_path / "empty")
    prefixes = [tmp_path / f"prefix{number}" for number in range(10)]
    for prefix in prefixes:
        shutil.copytree(tmp_path / "empty", prefix, symlinks=True)
    started = []
    for prefix in prefixes:
        case.prefix = prefix
        started.append(subprocess.Popen(command(*install_arguments(case)), stderr=subprocess.PIPE, text=True))
    said = [process.communicate(timeout=240)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 10, said
    for prefix in prefixes:
        assert installed(prefix) == {"built": "1.0", "demo": "1.0"}
        assert run("verify", case.directory, "--prefix", prefix).returncode == 0
    assert not list(case.cache.rglob("*.part"))
    assert not list((case.cache / "builds").iterdir())
