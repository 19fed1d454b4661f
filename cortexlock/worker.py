"""What runs in a worker: one function, with an environment and an output of its own; its outcome goes to who asked."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cortexlock import process
from cortexlock.errors import CortexlockError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_STDOUT, _STDERR = 1, 2


def heed_ends() -> None:
    """Let this process end by SIGTERM, by way of its `finally`s: its programs, in their own sessions, would stay else.

    Ctrl-C is for who has started it, who ends it then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, and for what blocks or not by itself
    signal.signal(signal.SIGTERM, _end)


def be_as_told(env: dict[str, str], log: str) -> None:
    """Have this environment, and print to a file."""
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # of another environment, perhaps
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, _STDOUT)
    os.dup2(descriptor, _STDERR)
    os.close(descriptor)


def work(
    connection: Connection, function: Callable[..., object], argument: object, env: dict[str, str], log: str
) -> None:
    """Call a function, and send its messages and its outcome.

    Args:
        connection: Gets pairs: `message` with a value, at last `result`, `error` or `bug` with its value.
        function: What is called, with the argument and a callable that takes messages, from any thread.
        argument: Its argument.
        env: The whole environment.
        log: The file that gets what is printed.
    """
    heed_ends()
    be_as_told(env, log)
    tell(connection, lambda on_message: function(argument, on_message), log=log)


def tell(
    connection: Connection, function: Callable[[Callable[[object], None]], object], *, log: str | None = None
) -> None:
    """Call a function, and send what comes of it, as `work` does, in a process that is ready.

    Args:
        connection: As for `work`.
        function: Gets the callable that takes messages.
        log: The file that has what was printed; None: another process shows it.
    """
    sending = Lock()

    def on_message(message: object) -> None:
        with sending:
            connection.send(("message", message))

    try:
        outcome = "result", function(on_message)
    except CortexlockError as error:
        error.__cause__ = error.__context__ = None  # chained errors of libraries cannot always be pickled
        outcome = "error", error
    except BaseException:  # noqa: BLE001 - a bug is reported whole by the process that started this one
        import traceback  # noqa: PLC0415 - only a bug pays for it

        with suppress(OSError):
            sys.stdout.flush()  # its buffer is otherwise written when the process ends
            printed = Path(log).read_text(encoding="utf-8", errors="replace") if log else ""
            outcome = "bug", f"{traceback.format_exc()}\n{printed[-4000:]}"
    with sending, suppress(OSError):  # who ends this worker reads no more
        connection.send(outcome)


def _end(number: int, _frame: object) -> None:
    process.end_caller(SystemExit(128 + number))
