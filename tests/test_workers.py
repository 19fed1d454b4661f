"""Functions in processes of their own."""

from __future__ import annotations

import os
import shlex
import sys
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Queue

import pytest

from cortexlock.errors import InputError, NoSolutionError
from cortexlock.pip.resolution.values import Cause, ForAnotherPython, ImpossibleError
from cortexlock.process import run
from cortexlock.workers import WorkerError, Workers, side_by_side
from tests.support import in_workers
from tests.support.processes import is_running, wait_until


def _ignore(_number: int, _text: str) -> None:
    """Take a message."""


@pytest.mark.usefixtures("cold")
def test_results_are_in_the_order_of_the_arguments() -> None:
    messages: list[tuple[int, str]] = []
    found = side_by_side(
        in_workers.square, [3, 1, 2], env=os.environ, on_message=lambda *message: messages.append(message)
    )
    assert found == [9, 1, 4]
    assert sorted(messages) == [(0, "squaring 3"), (1, "squaring 1"), (2, "squaring 2")]


def test_nothing_to_do() -> None:
    assert side_by_side(in_workers.square, [], env={}, on_message=_ignore) == []


@pytest.mark.usefixtures("cold")
def test_each_has_a_process_and_exactly_the_environment_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/ambient")
    before = dict(os.environ)
    (first, first_env), (second, second_env) = side_by_side(
        in_workers.process, [None, None], env={"A": "b"}, on_message=_ignore
    )
    assert len({first, second, os.getpid()}) == 3
    assert first_env == second_env == {"A": "b"}
    assert dict(os.environ) == before


def test_they_run_at_the_same_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert side_by_side(in_workers.meet, [(one, two), (two, one)], env=os.environ, on_message=_ignore) == [True, True]


def test_error_comes_as_it_was_raised() -> None:
    with pytest.raises(InputError) as caught:
        side_by_side(in_workers.fail, ["fine", "input"], env=os.environ, on_message=_ignore)
    assert (caught.value.what, caught.value.where, caught.value.hint) == ("no", "requirements.txt:3", "yes")


def test_error_with_values_of_its_own_and_a_cause_that_cannot_be_pickled() -> None:
    with pytest.raises(ImpossibleError) as caught:
        side_by_side(in_workers.fail, ["impossible"], env=os.environ, on_message=_ignore)
    assert caught.value.causes == (Cause("a", "a>1"),)
    assert caught.value.versions == {"a": ("1.0",)}
    assert caught.value.other_python == (ForAnotherPython("b", ">=3.7"),)


def test_first_argument_that_fails_decides() -> None:
    with pytest.raises(NoSolutionError):
        side_by_side(in_workers.fail, ["solution", "input"], env=os.environ, on_message=_ignore)


def test_bug_keeps_its_traceback_and_what_was_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WorkerError) as caught:
        side_by_side(in_workers.fail, ["bug"], env=os.environ, on_message=_ignore)
    text = str(caught.value)
    assert "KeyError: 'bug'" in text
    assert "in fail" in text
    assert "printed to stdout" in text
    assert "printed to stderr" in text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("what", "said"), [("exit", "SystemExit: 7"), ("end", "without a word, exit code 9")])
def test_worker_that_ends(what: str, said: str) -> None:
    with pytest.raises(WorkerError, match=said):
        side_by_side(in_workers.fail, [what, "fine"], env=os.environ, on_message=_ignore)


@pytest.mark.usefixtures("cold")
def test_interrupt_ends_all_of_them(tmp_path: Path) -> None:
    interrupted: list[float] = []

    def interrupt(_number: int, _text: str) -> None:
        interrupted.append(time.monotonic())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(in_workers.sleep, [str(tmp_path / "0"), str(tmp_path / "1")], env=os.environ, on_message=interrupt)
    assert time.monotonic() - interrupted[0] < 50
    assert wait_until(lambda: not any(map(_is_running, tmp_path.glob("[01]"))), seconds=10)


def _is_running(note: Path) -> bool:
    """Whether the process runs whose number is in a file: where its parent was killed, it ends a moment later."""
    return is_running(int(note.read_text(encoding="ascii")))


_INTERRUPTIBLE = """
import os, signal, sys
from cortexlock.workers import side_by_side
from tests.support.in_workers import sleep
signal.signal(signal.SIGINT, signal.default_int_handler)  # who started the tests may ignore it
try:
    open("started", "w").close()
    side_by_side(sleep, sys.argv[1:], env=os.environ, on_message=lambda number, text: print(text, flush=True))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(os.name != "posix", reason="process groups are those of POSIX")
@pytest.mark.parametrize("when", ["started", "1"])
def test_ctrl_c_reaches_the_workers_only_as_their_end(tmp_path: Path, when: str) -> None:
    script = f"""
    set -m
    {shlex.quote(sys.executable)} -c {shlex.quote(_INTERRUPTIBLE)} 0 1 >out 2>err &
    while [ ! -e {when} ]; do sleep 0.02; done
    sleep 0.1
    kill -INT -$!
    wait $!
    """
    root = str(Path(__file__).parent.parent)
    completed = run(["bash", "-c", script], env={**os.environ, "PYTHONPATH": root}, cwd=tmp_path)
    assert (tmp_path / "err").read_text(encoding="utf-8") == ""
    assert completed.returncode == 130


@pytest.mark.usefixtures("cold")
def test_what_a_worker_has_started_ends_with_it(tmp_path: Path) -> None:
    def interrupt(_number: int, _text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(in_workers.start_program, [str(tmp_path / "pid")], env=os.environ, on_message=interrupt)
    assert wait_until(lambda: not _is_running(tmp_path / "pid"), seconds=10)


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_what_is_prepared_each_worker_has_and_nothing_of_another_one() -> None:
    with Workers(os.environ) as workers:
        workers.prepare(in_workers.load)
        assert workers.side_by_side(in_workers.add, ["a", "b"], on_message=_ignore) == [["once", "a"], ["once", "b"]]
        assert workers.side_by_side(in_workers.add, ["c"], on_message=_ignore) == [["once", "c"]]


def test_calls_from_several_threads_have_their_own_results_and_messages() -> None:
    found: dict[int, tuple[list[int], list[tuple[int, str]]]] = {}

    def call(number: int) -> None:
        messages: list[tuple[int, str]] = []
        results = workers.side_by_side(
            in_workers.square, [number, -number], on_message=lambda *message: messages.append(message)
        )
        found[number] = results, sorted(messages)

    with Workers(os.environ) as workers, ThreadPoolExecutor(4) as pool:
        list(pool.map(call, range(1, 6)))
    assert found == {n: ([n * n, n * n], [(0, f"squaring {n}"), (1, f"squaring {-n}")]) for n in range(1, 6)}


def test_the_end_of_all_cancels_calls_of_other_threads(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with Workers(os.environ) as workers:
            waiting: Queue[str] = Queue()
            call = pool.submit(
                workers.side_by_side,
                in_workers.sleep,
                [str(tmp_path / "pid")],
                on_message=lambda _, text: waiting.put(text),
            )
            waiting.get(timeout=60)
        with pytest.raises(CancelledError):
            call.result(timeout=60)
    assert wait_until(lambda: not _is_running(tmp_path / "pid"), seconds=10)


_KILLED = """
import os, signal, sys
from cortexlock.workers import side_by_side
from tests.support.in_workers import start_program
def kill(number, text):
    os.kill(os.getpid(), signal.SIGKILL)
side_by_side(start_program, sys.argv[1:], env=os.environ, on_message=kill)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
@pytest.mark.usefixtures("cold")
def test_kill_of_who_asked_ends_the_workers_and_what_they_have_started(tmp_path: Path) -> None:
    root = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", _KILLED, str(tmp_path / "pid")]
    assert run(command, env={**os.environ, "PYTHONPATH": root, "MARK": str(tmp_path)}).returncode == -9
    assert (tmp_path / "pid").exists()
    until = time.monotonic() + 60
    while left := _with_mark(str(tmp_path)):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def _with_mark(mark: str) -> list[str]:
    """Return the numbers of the processes that were started with a variable, or forked from such."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"MARK={mark}\0".encode() in path.read_bytes():
                found.append(path.parent.name)
    return found
