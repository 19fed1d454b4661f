"""Each fault once: one clear error with its exit code, the prefix as before or completed by the next run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from cortexlock.model.package import FromGit
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from tests.support.full_project import (
    LOCKED,
    command,
    install_arguments,
    keep_builds,
    repository,
    run,
    verified,
    write_lockfile,
)
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, tree_of
from tests.support.template import Template
from tests.support.wheels import make_sdist, make_wheel

_WHEEL = "wheel-1.0-py3-none-any.whl"
_IMPATIENT = """
import runpy
from cortexlock.replay import install
from cortexlock.network import http

http.TIMEOUT = (5, 0.3)
install.BACKOFF = 0
runpy.run_module("cortexlock", run_name="__main__", alter_sys=True)
"""
pytestmark = pytest.mark.slow

Note: TypeAlias = Callable[[int, str], None]
Expect: TypeAlias = Callable[[subprocess.CompletedProcess[str], int, str], None]


@pytest.fixture
def wheelhouse(template: Template) -> Path:
    return template.wheelhouse


@pytest.fixture
def index_server(template: Template) -> IndexServer:
    return template.server


@pytest.fixture
def case(template: Template) -> Case:
    return template.case(_add_big)


def _add_big(case: Case) -> None:
    big = {"big.bin": os.urandom(3 << 20).hex(), "big.py": ""}
    case.add(make_wheel(case.directory.parent / "wheelhouse", "big", "1.0", modules=big))
    write_lockfile(case)
    keep_builds(case)


def _touched(case: Case) -> dict[str, bytes]:
    return {name: content for name, content in tree_of(case.prefix).items() if name != LOCK_NAME}


def _complete(case: Case) -> None:
    done = run(*install_arguments(case))
    assert done.returncode == 0, done.stderr
    assert installed(case.prefix) == {**LOCKED, "big": "1.0"}
    assert run("verify", case.directory, "--prefix", case.prefix).returncode == 0


def _mounted(*commands: str) -> list[str]:
    """Return the command that runs another after some mounts that nobody else sees."""
    if not shutil.which("unshare") or _fails(["unshare", "--map-root-user", "--mount", "true"]):
        pytest.skip("this machine lets nobody make a mount namespace")
    script = " && ".join((*commands, 'exec "$@"'))
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]


def _fails(arguments: list[str]) -> bool:
    return subprocess.run(arguments, check=False, capture_output=True).returncode != 0


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The rows of a table of faults, printed when all have been tried."""
    rows: list[str] = []
    yield rows
    manager = request.config.pluginmanager.getplugin("capturemanager")
    with manager.global_and_fixture_disabled() if manager else nullcontext():
        print("\n\nexit  verify  fault, and what is said of it", *rows, sep="\n")


@pytest.fixture
def note(request: pytest.FixtureRequest, table: list[str]) -> Note:
    """Add a row to the table: the exit code, and what is said."""

    def add(code: int, said: str) -> None:
        differs = verified(request.getfixturevalue("case"))
        table.append(f"{code:4}  {differs:6}  {request.node.name.removeprefix('test_').replace('_', ' ')}: {said}")

    return add


@pytest.fixture
def expect(note: Note) -> Expect:
    """Judge how an installation ended, and add it to the table."""

    def judge(done: subprocess.CompletedProcess[str], code: int, what: str) -> None:
        _one_message(done, code, what)
        error = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
        note(done.returncode, re.sub(r"/\S*/", "…/", error.removeprefix("error: ")))

    return judge


def _one_message(done: subprocess.CompletedProcess[str], code: int, what: str) -> None:
    assert done.returncode == code, done.stderr
    assert re.search(what, done.stderr), done.stderr
    assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == 1
    assert "hint: " in done.stderr
    assert "bug in cortexlock" not in done.stderr


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("not-found", (5, "answers 404")),
        ("error", (5, "answers 500|cannot be reached|cannot be fetched")),
        ("wrong-bytes", (6, "has other bytes than those that were locked")),
        ("truncated", (5, "breaks off")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_server_that_answers_wrongly(
    case: Case, index_server: IndexServer, fault: str, outcome: tuple[int, str], expect: Expect
) -> None:
    before = _touched(case)
    index_server.fail(_WHEEL, fault)  # type: ignore[arg-type]  # one of the kinds
    done = run(*install_arguments(case))
    expect(done, *outcome)
    assert "wheel 1.0" in done.stderr
    assert _touched(case) == before
    index_server.fail(_WHEEL, "slow", times=0)
    _complete(case)


def test_a_server_that_is_too_slow(case: Case, index_server: IndexServer, expect: Expect) -> None:
    """With a time-out that is shorter than the program's."""
    before = _touched(case)
    index_server.fail(_WHEEL, "slow", delay=5)
    arguments = [sys.executable, "-c", _IMPATIENT, *map(str, install_arguments(case))]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    expect(done, 5, "breaks off")
    assert "wheel 1.0" in done.stderr
    assert _touched(case) == before
    index_server.fail(_WHEEL, "slow", times=0)
    _complete(case)


def test_a_network_that_has_vanished(case: Case, expect: Expect) -> None:
    before = _touched(case)
    case.index_url = "http://127.0.0.1:9/simple/"
    expect(run(*install_arguments(case)), 5, "cannot be reached")
    assert _touched(case) == before


def test_a_full_disk_of_the_cache(case: Case, expect: Expect) -> None:
    before = _touched(case)
    case.cache.mkdir(exist_ok=True)
    place = shlex.quote(str(case.cache))
    small = _mounted(f"mount -t tmpfs -o size=1m none {place}")
    done = run(*install_arguments(case), before=small)
    expect(done, 7, r"the cache's disk has \d MB left, and 7 MB are to be fetched")
    assert _touched(case) == before
    case.packages = [replace(package, size=0) for package in case.packages]  # nothing is known in advance
    write_lockfile(case)
    done = run(*install_arguments(case), before=small)
    expect(done, 7, "the cache cannot be written: No space left on device")
    assert "--cache-dir" in done.stderr
    assert _touched(case) == before
    _complete(case)


def test_a_full_disk_in_the_middle_of_a_git_checkout(case: Case, expect: Expect) -> None:
    before = _touched(case)
    directory = case.directory.parent / "repository"
    (directory / "big.bin").write_bytes(os.urandom(6 << 20))
    case.packages = [each for each in case.packages if not isinstance(each.source, FromGit)]
    case.packages.append(repository(directory))
    write_lockfile(case)
    case.cache.mkdir(exist_ok=True)
    small = _mounted(f"mount -t tmpfs -o size=8m none {shlex.quote(str(case.cache))}")
    done = run(*install_arguments(case), before=small)
    expect(done, 7, "the cache cannot be written: No space left on device")
    assert "--cache-dir" in done.stderr
    assert "credentials" not in done.stderr
    assert _touched(case) == before
    _complete(case)


def test_a_full_disk_in_the_middle_of_a_build(case: Case, wheelhouse: Path, expect: Expect) -> None:
    """Once where the build environment is made, once where the build writes."""
    case.packages = [each for each in case.packages if each.name not in {"built", "big", "fromgit"}]
    greedy = "from backend import *\nopen('scratch.bin', 'wb').write(bytes(20 << 20))\n"
    system = '[build-system]\nrequires = []\nbuild-backend = "greedy"\nbackend-path = ["."]\n'
    case.add(make_sdist(wheelhouse, "built", "1.0", modules={"greedy.py": greedy}, pyproject=system))
    write_lockfile(case)
    case.cache.mkdir(exist_ok=True)
    place = shlex.quote(str(case.cache))
    for options in ("size=16m", "size=16m,nr_inodes=60"):
        done = run(*install_arguments(case), before=_mounted(f"mount -t tmpfs -o {options} none {place}"))
        expect(done, 7, "the cache cannot be written: No space left on device")
        assert "--cache-dir" in done.stderr
        assert "venv` of" not in done.stderr


def test_a_full_disk_of_the_prefix(case: Case, expect: Expect) -> None:
    """What is too little is known before anything is touched."""
    place, copy = shlex.quote(str(case.prefix)), shlex.quote(f"{case.prefix}-copy")
    mounts = (f"cp -a {place} {copy}", f"mount -t tmpfs -o size=4m none {place}", f"cp -a {copy}/. {place}")
    done = run(*install_arguments(case), before=_mounted(*mounts))
    expect(done, 7, r"the prefix's disk has \d MB left, and \d+ MB are needed")


def test_a_file_that_cannot_be_written(case: Case, note: Note) -> None:
    """As where a quota ends in the middle of a step."""
    assert run("fetch", case.directory, "--output", case.cache, "--index-url", str(case.index_url)).returncode == 0
    done = run(*install_arguments(case), before=["bash", "-c", 'ulimit -f 4000; exec "$@"', "bash"])
    assert done.returncode == 7, done.stderr
    assert "uv cannot install the wheels (exit code" in done.stderr
    note(done.returncode, "uv cannot install the wheels")
    assert "Traceback" not in done.stderr
    _complete(case)


def test_a_read_only_prefix(case: Case, expect: Expect) -> None:
    before = _touched(case)
    place = shlex.quote(str(case.prefix))
    mounts = (f"mount --bind {place} {place}", f"mount -o remount,ro,bind {place}")
    expect(run(*install_arguments(case), before=_mounted(*mounts)), 2, "the prefix cannot be written")
    assert _touched(case) == before


def test_a_read_only_cache(case: Case, index_server: IndexServer, note: Note) -> None:
    """What it has is used, what it has not lasts as long as the installation."""
    done = run("fetch", case.directory, "--output", case.cache, "--index-url", str(case.index_url))
    assert done.returncode == 0, done.stderr
    next(case.cache.rglob(_WHEEL)).unlink()
    shutil.rmtree(case.cache / "built")
    before, asked = tree_of(case.cache), len(index_server.asked_for("big-1.0-py3-none-any.whl"))
    place = shlex.quote(str(case.cache))
    mounts = (f"mount --bind {place} {place}", f"mount -o remount,ro,bind {place}")
    done = run(*install_arguments(case), before=_mounted(*mounts))
    assert done.returncode == 0, done.stderr
    assert installed(case.prefix) == {**LOCKED, "big": "1.0"}
    assert len(index_server.asked_for(_WHEEL)) == 2
    assert len(index_server.asked_for("big-1.0-py3-none-any.whl")) == asked
    assert tree_of(case.cache) == before
    note(done.returncode, "nothing: what is not there is fetched for this once")


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize(
    "ending", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["int", "term", "hup"]
)
@pytest.mark.parametrize("moment", ["fetch", "script"])
def test_a_signal(
    case: Case, index_server: IndexServer, moment: str, ending: tuple[signal.Signals, int], note: Note
) -> None:
    number, code = ending
    if moment == "fetch":
        index_server.fail(_WHEEL, "slow", delay=30)

        def begun() -> bool:
            return bool(index_server.asked_for(_WHEEL))
    else:
        case.script = "sleep 600 & echo $! > sleeping\necho $$ > shell\nwait\n"
        write_lockfile(case)
        begun = (case.directory / "shell").exists
    with subprocess.Popen(command(*install_arguments(case)), stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait_for(begun)
            process.send_signal(number)
            begin = time.monotonic()
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()  # where it has not ended, nobody is to wait for it
    assert process.returncode == code
    assert time.monotonic() - begin < 20  # the server would answer after 30 seconds, the script after 600
    assert said.splitlines()[-1] == ("interrupted" if code == 130 else "terminated")
    note(process.returncode, said.splitlines()[-1])
    assert "Traceback" not in said
    if moment == "script":
        for name in ("shell", "sleeping"):
            _wait_for(partial(_has_ended, int((case.directory / name).read_text())))
    else:
        index_server.fail(_WHEEL, "slow", times=0)
        _complete(case)


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
