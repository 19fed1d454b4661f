"""Functions in processes of their own, side by side: for what changes the state of its whole process.

conda-lock and pip change `os.environ`, loggers and marker functions, and print. Each call gets a fresh interpreter, and
what it prints goes to a file that is shown only with a bug's traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from cortexlock.errors import CortexlockError

if TYPE_CHECKING:  # what starts no process does not pay for it
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext, SpawnProcess

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")

_STDOUT, _STDERR = 1, 2
_GRACE = 10.0
"""Seconds that a worker has to end what it has started."""


class WorkerError(RuntimeError):
    """A worker failed in a way that no user can mend; the message has its traceback and its output."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(
    function: Callable[[_Argument, Callable[[str], None]], _Result],
    arguments: Sequence[_Argument],
    *,
    env: Mapping[str, str],
    on_message: Callable[[int, str], None],
) -> list[_Result]:
    """Call a function once per argument, each call in a process of its own, all at the same time.

    Args:
        function: A module's function of an argument and of a callable that takes messages.
        arguments: Values that can be pickled.
        env: The whole environment of the processes.
        on_message: Called in this process with the number of the argument and each message.

    Returns:
        The results, in the order of the arguments.

    Raises:
        CortexlockError: As a call raised it; if several did, that of the first argument.
        WorkerError: A call raised anything else, or its process ended without a word.
    """
    import multiprocessing  # noqa: PLC0415 - what starts no process does not pay for it
    import tempfile  # noqa: PLC0415 - as above

    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="cortexlock-workers-") as logs:
        workers: dict[Connection[Any, Any], tuple[int, SpawnProcess]] = {}
        try:
            for number, argument in enumerate(arguments):
                log = str(Path(logs, f"{number}.log"))
                connection, process = _start(context, function, argument, dict(env), log)
                workers[connection] = number, process
            outcomes = _outcomes(dict(workers), on_message)
        finally:
            for connection in workers:  # first: a full pipe would hold a worker up
                connection.close()
            _end_all([process for _number, process in workers.values()])
    results = []
    for number in range(len(arguments)):
        kind, value = outcomes[number]
        if kind == "error":
            raise value
        if kind == "bug":
            raise WorkerError(value)
        results.append(value)
    return results


def _start(
    context: SpawnContext, function: Callable[..., object], argument: object, env: dict[str, str], log: str
) -> tuple[Connection[Any, Any], SpawnProcess]:
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sending, function, argument, env, log), daemon=False)
    try:
        with _without_interrupts():
            process.start()
        sending.close()  # so that the end of the worker is the end of the pipe
    except BaseException:  # an interrupt that came meanwhile: nobody else knows of the process yet
        if process.pid is not None:
            _end_all([process])
        raise
    return receiving, process


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: a terminal sends it to all of them, and this one ends the others.

    It is blocked from their first instruction on; in this process, one that comes meanwhile comes afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - Windows has none

    resource_tracker.ensure_running()  # it is started otherwise with the first process, and lets signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcomes(
    waiting: dict[Connection[Any, Any], tuple[int, SpawnProcess]], on_message: Callable[[int, str], None]
) -> dict[int, tuple[str, Any]]:
    """Receive messages until each worker has given its outcome: `result`, `error` or `bug`, with its value."""
    from multiprocessing.connection import wait  # noqa: PLC0415 - as above

    outcomes: dict[int, tuple[str, Any]] = {}
    while waiting:
        for ready in wait(list(waiting)):
            connection = next(known for known in waiting if known is ready)
            number, process = waiting[connection]
            try:
                kind, value = connection.recv()
            except EOFError:
                process.join()
                kind, value = "bug", f"a worker ended without a word, exit code {process.exitcode}"
            if kind == "message":
                on_message(number, value)
            else:
                outcomes[number] = kind, value
                del waiting[connection]
    return outcomes


def _end_all(processes: Sequence[SpawnProcess]) -> None:
    """End workers, with what they have started."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_GRACE)
        if process.is_alive():
            process.kill()
            process.join()


def _end(number: int, _frame: object) -> None:
    """End a worker by way of its `finally`s: its programs, in sessions of their own, would stay otherwise."""
    raise SystemExit(128 + number)


def _work(
    connection: Connection[Any, Any], function: Callable[..., object], argument: object, env: dict[str, str], log: str
) -> None:
    """Run in the worker: set its environment and output up, call, send the outcome."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, and for what blocks or not by itself
    signal.signal(signal.SIGTERM, _end)
    os.environ.clear()
    os.environ.update(env)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, _STDOUT)
    os.dup2(descriptor, _STDERR)
    sending = Lock()

    def on_message(text: str) -> None:  # from any thread
        with sending:
            connection.send(("message", text))

    try:
        outcome = "result", function(argument, on_message)
    except CortexlockError as error:
        error.__cause__ = error.__context__ = None  # chained errors of libraries cannot always be pickled
        outcome = "error", error
    except BaseException:  # noqa: BLE001 - a bug is reported whole by the process that started this one
        import traceback  # noqa: PLC0415 - only a bug pays for it

        with suppress(OSError):
            sys.stdout.flush()  # its buffer is otherwise written when the process ends
            printed = Path(log).read_text(encoding="utf-8", errors="replace")
            outcome = "bug", f"{traceback.format_exc()}\n{printed[-4000:]}"
    with sending, suppress(OSError):  # who ends this worker reads no more
        connection.send(outcome)
