"""Functions in processes of their own, side by side: for what changes the state of its whole process.

conda-lock and pip change `os.environ`, loggers and marker functions, and print. Each call gets a fresh process, and
what it prints goes to a file that is shown only with a bug's traceback. Where that can be done, the processes are
forked from one that has imported what they need.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import active_count
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from cortexlock import worker
from cortexlock.common_place import CommonPlace

if TYPE_CHECKING:  # what starts no process does not pay for it
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from typing_extensions import Self

    from cortexlock.fork_server import ForkServer

_Argument = TypeVar("_Argument")
_Message = TypeVar("_Message")
_Result = TypeVar("_Result")

_GRACE = 10.0
"""Seconds that a process has to end what it has started."""


class WorkerError(RuntimeError):
    """A worker failed in a way that no user can mend; the message has its traceback and its output."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(
    function: Callable[[_Argument, Callable[[_Message], None]], _Result],
    arguments: Sequence[_Argument],
    *,
    env: Mapping[str, str],
    on_message: Callable[[int, _Message], None],
) -> list[_Result]:
    """Call a function once per argument, each call in a process of its own, all at the same time.

    Args:
        function: A module's function of an argument and of a callable that takes messages.
        arguments: Values that can be pickled, as messages are.
        env: The whole environment of the processes.
        on_message: Called in this process with the number of the argument and each message.

    Returns:
        The results, in the order of the arguments.

    Raises:
        CortexlockError: As a call raised it; if several did, that of the first argument.
        WorkerError: A call raised anything else, or its process ended without a word.
    """
    with Workers(env) as workers:
        return workers.side_by_side(function, arguments, on_message=on_message)


class Workers:
    """Processes of one environment, for any number of calls from any thread; a context that ends all of them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start none yet; `env` is their whole environment."""
        self._env = dict(env)
        self._place = CommonPlace("cortexlock-workers-")
        self._numbers = count()
        self._server: ForkServer | None = None
        self._processes: list[BaseProcess] = []
        self._is_over = False

    def __enter__(self) -> Self:
        """Start what forks them, where that can be done."""
        if sys.platform != "linux":
            return self
        from cortexlock import fork_server  # noqa: PLC0415 - as above

        asking, asked = fork_server.pair()
        self._server = fork_server.ForkServer(asking)
        try:
            with asked:
                if active_count() == 1:  # a copy of a process with threads would wait for their locks
                    self._start(fork_server.serve_as_copy, asked, self._env, self._log(), asking, by="fork")
                else:
                    self._start(fork_server.serve, asked, self._env, self._log())
        except BaseException:  # an interrupt that came meanwhile: nobody else knows of the process yet
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End all of them, with what they have started."""
        if self._is_over:
            return
        self._is_over = True
        if self._server is not None:
            self._server.close()
        else:
            for process in self._processes:
                process.terminate()
        for process in self._processes:
            process.join(_GRACE * (1 if self._server is None else 2))  # a server waits as long for its workers
            if process.is_alive():
                process.kill()
                process.join()
        self._place.close()

    @property
    def directory(self) -> Path:
        """The `CommonPlace` of the processes."""
        return self._place.directory

    def prepare(self, function: Callable[[], object]) -> None:
        """Have a module's function called once, which imports what the workers need, where they are forked."""
        if self._server is not None:
            self._server.prepare(function)

    def side_by_side(
        self,
        function: Callable[[_Argument, Callable[[_Message], None]], _Result],
        arguments: Sequence[_Argument],
        *,
        on_message: Callable[[int, _Message], None],
    ) -> list[_Result]:
        """Call a function as `side_by_side` does.

        Raises:
            CancelledError: The context has ended meanwhile.
        """
        if self._is_over:
            raise CancelledError
        workers: dict[Connection[Any, Any], tuple[int, Callable[[], int | None]]] = {}
        try:
            for number, argument in enumerate(arguments):
                connection, exit_code = self._begin(function, argument)
                workers[connection] = number, exit_code
            outcomes = _outcomes(dict(workers), on_message)
        except (OSError, RuntimeError):
            if self._is_over:
                raise CancelledError from None
            raise
        finally:
            for connection in workers:
                connection.close()
        if self._is_over:
            raise CancelledError
        results = []
        for number in range(len(arguments)):
            kind, value = outcomes[number]
            if kind == "error":
                raise value
            if kind == "bug":
                raise WorkerError(value)
            results.append(value)
        return results

    def _begin(
        self, function: Callable[..., object], argument: object
    ) -> tuple[Connection[Any, Any], Callable[[], int | None]]:
        """Start a call; return where it says what it has to say, and what tells the exit code once it has ended."""
        import multiprocessing  # noqa: PLC0415 - as above

        ours, theirs = multiprocessing.Pipe()
        log, server = self._log(), self._server
        if server is None:
            process = self._start(worker.work, theirs, function, argument, self._env, log)
            exit_code = _exit_code_of(process)
        else:
            pid = server.fork(theirs)
            exit_code = lambda: server.exit_code(pid)  # noqa: E731 - of two kinds
        theirs.close()  # so that the end of the worker is the end of the pipe
        if server is not None:
            with suppress(BrokenPipeError):  # it has ended, and says no word
                ours.send((function, argument, self._env, log))
        return ours, exit_code

    def _start(
        self, target: Callable[..., object], *args: object, by: Literal["fork", "spawn"] = "spawn"
    ) -> BaseProcess:
        import multiprocessing  # noqa: PLC0415 - as above

        context = multiprocessing.get_context("fork") if by == "fork" else multiprocessing.get_context("spawn")
        process = context.Process(target=target, args=args, daemon=False)
        with _without_interrupts(tracked=by == "spawn"), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on counts threads of libraries, too
            process.start()
            self._processes.append(process)
        return process

    def _log(self) -> str:
        return str(Path(self._place.directory, f"{next(self._numbers)}.log"))


def _exit_code_of(process: BaseProcess) -> Callable[[], int | None]:
    def exit_code() -> int | None:
        process.join()
        return process.exitcode

    return exit_code


@contextmanager
def _without_interrupts(*, tracked: bool) -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: a terminal sends it to all of them, and this one ends the others.

    It is blocked from their first instruction on; in this process, one that comes meanwhile comes afterwards.
    `tracked`: multiprocessing starts a process beside them that tracks their resources.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    if tracked:
        from multiprocessing import resource_tracker  # noqa: PLC0415 - Windows has none

        resource_tracker.ensure_running()  # it is started otherwise with the first process, and lets signals in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcomes(
    waiting: dict[Connection[Any, Any], tuple[int, Callable[[], int | None]]], on_message: Callable[[int, Any], None]
) -> dict[int, tuple[str, Any]]:
    """Receive messages until each worker has given its outcome: `result`, `error` or `bug`, with its value."""
    from multiprocessing.connection import wait  # noqa: PLC0415 - as above

    outcomes: dict[int, tuple[str, Any]] = {}
    while waiting:
        for ready in wait(list(waiting)):
            connection = next(known for known in waiting if known is ready)
            number, exit_code = waiting[connection]
            try:
                kind, value = connection.recv()
            except (EOFError, ConnectionResetError):  # the latter: before it has read what it is to do
                kind, value = "bug", f"a worker ended without a word, exit code {exit_code()}"
            if kind == "message":
                on_message(number, value)
            else:
                outcomes[number] = kind, value
                del waiting[connection]
    return outcomes
