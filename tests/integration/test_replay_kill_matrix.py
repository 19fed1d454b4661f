"""kill -9 at many points of fetch and replay, under Python 3.6: the next run always completes it.

At every second point all that was started is killed, too, as when a container is; at the others the installers go on
for a moment, as when only cortexlock is killed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cortexlock.replay.verifying import verify_prefix
from tests.support.full_project import LOCKED, command, install_arguments, make_full_case, run
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case

pytestmark = pytest.mark.interpreter

_POINTS = 50
_SEED = 20200616


@dataclass
class _Row:
    """A point at which it was killed: after which line, how many seconds later, with its children or without."""

    number: int
    after: int
    delay: float
    children: bool
    warm: bool
    last: str = ""
    result: str = ""


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that these have."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        if parent == pid:
            found += [int(entry.name), *_descendants(int(entry.name))]
    return found


def _killed(case: Case, row: _Row) -> None:
    """Install, and kill it at a point."""
    process = subprocess.Popen(
        command(*install_arguments(case, "--verbose")), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    with process:
        for _ in range(row.after):
            row.last = process.stderr.readline().strip() or row.last
        time.sleep(row.delay)
        victims = [process.pid, *(_descendants(process.pid) if row.children else ())]
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)


def test_the_next_run_completes_it(
    tmp_path: Path, wheelhouse: Path, index_server: IndexServer, python36: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url, python=python36)
    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    lines = len(run(*install_arguments(case, "--verbose")).stderr.splitlines())
    assert installed(case.prefix) == LOCKED
    index_server.delay = 0.02
    chosen = random.Random(_SEED)  # noqa: S311 - points, not secrets
    rows = [
        _Row(
            number, chosen.randrange(1, lines + 1), round(chosen.uniform(0, 0.25), 3), number % 2 == 0, number % 3 == 0
        )
        for number in range(_POINTS)
    ]
    for row in rows:
        shutil.rmtree(case.prefix)
        shutil.copytree(untouched, case.prefix, symlinks=True)
        (case.directory / "runs").unlink(missing_ok=True)
        if not row.warm:
            shutil.rmtree(case.cache)
        _killed(case, row)
        done = run(*install_arguments(case))
        report = verify_prefix(case.lockfile, case.prefix, {})
        right = not report.differs and installed(case.prefix) == LOCKED
        remains = [path.name for path in case.prefix.glob(".cortexlock-*")]
        row.result = "complete" if (done.returncode, right, remains) == (0, True, []) else f"{done.stderr} {report}"
    with capsys.disabled():
        print(f"\nseed {_SEED}")
        for row in rows:
            print(
                f"{row.number:3} {row.delay:5.3f} s after line {row.after:2} ({row.last[:48]:48})"
                f" {'all  ' if row.children else 'alone'} {'warm' if row.warm else 'cold'} -> {row.result}"
            )
    assert {row.result for row in rows} == {"complete"}
