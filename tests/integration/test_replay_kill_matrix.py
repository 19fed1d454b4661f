"""kill -9 at many points of `fetch` and `install`, under Python 3.6: the next run always completes it.

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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cortexlock.replay.prefix.receipt import RECEIPT_NAME
from cortexlock.replay.verify import verify_prefix
from tests.support.full_project import LOCKED, command, install_arguments, make_full_case, run, write_lockfile
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, tree_of

pytestmark = pytest.mark.interpreter

_POINTS = 50
_PARTS = 5
"""Tests that share the points, so that several can run at one time."""

_SEED = 20200616


@dataclass
class _Row:
    """A point at which it was killed: after which line, how many seconds later, with its children or without."""

    number: int
    fetch: bool
    after: int
    delay: float
    children: bool
    warm: bool
    last: str = ""
    result: str = ""
    verified: int | None = None


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


_SCRIPT = """\
for number in 1 2 3 4 5 6 7 8; do echo "number $number"; sleep 0.1; done
echo run >> runs
"""
"""It prints and takes some time: many points are within it."""


def _arguments(case: Case, bundle: Path, *, fetch: bool) -> list[str | Path]:
    if not fetch:
        return install_arguments(case)
    options: list[str | Path] = ["--output", bundle, "--cache-dir", case.cache, "--index-url", str(case.index_url)]
    return ["fetch", case.directory, *options]


def _killed(arguments: Sequence[str | Path], row: _Row) -> None:
    """Begin, and kill it at a point."""
    process = subprocess.Popen(
        command(*arguments, "--verbose"), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
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


def _files(bundle: Path) -> dict[str, bytes]:
    """Return the files of a bundle, but for what git notes for itself and what may be left for a day."""
    tree = tree_of(bundle)
    return {path: tree[path] for path in tree if not any(part.startswith(".") for part in path.split("/"))}


@pytest.mark.parametrize("part", range(_PARTS))
def test_the_next_run_completes_it(  # noqa: PLR0913, PLR0917 - fixtures
    tmp_path: Path,
    wheelhouse: Path,
    index_server: IndexServer,
    python36: Path,
    capsys: pytest.CaptureFixture[str],
    part: int,
) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url, python=python36)
    case.script = _SCRIPT
    write_lockfile(case)
    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    bundle = tmp_path / "bundle"
    lines = {
        fetch: len(run(*_arguments(case, bundle, fetch=fetch), "--verbose").stderr.splitlines())
        for fetch in (True, False)
    }
    assert installed(case.prefix) == LOCKED
    receipt = (case.prefix / RECEIPT_NAME).read_bytes()
    whole = _files(bundle)
    index_server.delay = 0.02
    chosen = random.Random(_SEED)  # noqa: S311 - points, not secrets
    rows = []
    for number in range(_POINTS):
        fetch = number % 5 == 4
        after, delay = chosen.randrange(1, lines[fetch]), round(chosen.uniform(0, 0.15), 3)
        rows.append(_Row(number, fetch, after, delay, number % 2 == 0, number % 3 == 0))
    rows = rows[part * _POINTS // _PARTS : (part + 1) * _POINTS // _PARTS]
    for row in rows:
        shutil.rmtree(case.prefix)
        shutil.copytree(untouched, case.prefix, symlinks=True)
        (case.directory / "runs").unlink(missing_ok=True)
        shutil.rmtree(bundle, ignore_errors=True)
        if not row.warm:
            shutil.rmtree(case.cache, ignore_errors=True)
        arguments = _arguments(case, bundle, fetch=row.fetch)
        _killed(arguments, row)
        done = run(*arguments)
        if row.fetch:
            right, said = _files(bundle) == whole, sorted(set(_files(bundle)) ^ set(whole))
        else:
            report = verify_prefix(case.lockfile, case.prefix, {})
            remains = [path.name for path in case.prefix.glob(".cortexlock-*")]
            again = run("verify", case.directory, "--prefix", case.prefix)
            row.verified = again.returncode
            same = (case.prefix / RECEIPT_NAME).read_bytes() == receipt
            right = not report.differs and installed(case.prefix) == LOCKED and not remains and same
            said = [str(report), *remains, "" if same else "another receipt"]
        row.result = "complete" if (done.returncode, right) == (0, True) else f"{done.stderr} {said}"
    with capsys.disabled():
        print(f"\nseed {_SEED}")
        for row in rows:
            print(
                f"{row.number:3} {row.delay:5.3f} s after line {row.after:2} ({row.last[:48]:48})"
                f" {'fetch  ' if row.fetch else 'install'}"
                f" {'all  ' if row.children else 'alone'} {'warm' if row.warm else 'cold'} -> {row.result}"
                + ("" if row.verified is None else f", verify {row.verified}")
            )
    assert {row.result for row in rows} == {"complete"}
    assert {row.verified for row in rows} <= {None, 0}
