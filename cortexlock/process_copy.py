"""A copy of this process that does something for it, on another processor."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from threading import active_count
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Channel: TypeAlias = "Connection[Any, Any]"
"""What a process and its copy tell each other by, in values that can be pickled."""

_GRACE = 10.0
"""Seconds that the copy has to end."""


class ProcessCopy:
    """A copy of this process, by a fork, that serves it until it is told to end, or this process ends."""

    @staticmethod
    def is_possible() -> bool:
        """Whether this process is a worker that can be copied: a copy of one with threads would wait for them."""
        from multiprocessing import parent_process  # noqa: PLC0415 - what starts no process does not pay for it

        return sys.platform == "linux" and parent_process() is not None and active_count() == 1

    def __init__(self, serve: Callable[[Channel], None], *, may_copy: bool = False) -> None:
        """Begin.

        Args:
            serve: Called in the copy, which ends when it returns or raises; with this process, its connection ends.
            may_copy: Whether it may have copies itself; whoever lets it must end it, whatever happens.
        """
        import multiprocessing  # noqa: PLC0415 - as above

        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(serve, theirs, self.connection), daemon=not may_copy)
        with warnings.catch_warnings():  # Python 3.12 on counts threads of libraries, too, which a copy does not need
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def terminate(self) -> None:
        """Tell the copy to end, if it has not."""
        self._process.terminate()

    def end(self) -> None:
        """Wait for the end of the copy, which knows of it."""
        self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.connection.close()


def _serve(serve: Callable[[Channel], None], connection: Channel, other: Channel) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    other.close()
    try:
        with suppress(EOFError):
            serve(connection)
    finally:
        os._exit(0)  # what the process that it is a copy of has to clear away is not its own
