"""A function that is called in a copy of this process, while this one goes on; messages and outcome come here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from cortexlock import worker
from cortexlock.process_copy import Channel, ProcessCopy

_Message = TypeVar("_Message")
_Result = TypeVar("_Result")


class CopiedCall(Generic[_Message, _Result]):
    """A call that has begun; `ProcessCopy.is_possible` tells whether one can be."""

    def __init__(self, function: Callable[[Callable[[_Message], None]], _Result]) -> None:
        """Begin.

        Args:
            function: Gets a callable that takes messages, which can be pickled, as its result can.
        """
        self._copy = ProcessCopy(partial(_serve, function), may_copy=True)

    def result(self, on_message: Callable[[_Message], None]) -> _Result:
        """Wait for the outcome; messages are handed on while this waits, and not before.

        Raises:
            CortexlockError: As the function raised it.
            RuntimeError: It raised anything else, or ended without a word.
        """
        while True:
            try:
                kind, value = self._copy.connection.recv()
            except (EOFError, ConnectionResetError):
                raise RuntimeError("a copy of this process ended without a word") from None
            if kind == "message":
                on_message(value)
            elif kind == "result":
                result: _Result = value
                return result
            elif kind == "error":
                raise value
            else:
                raise RuntimeError(value)

    def end(self) -> None:
        """End it, with what it has started, whether it is done or not."""
        self._copy.terminate()
        self._copy.end()


def _serve(function: Callable[[Callable[[Any], None]], object], connection: Channel) -> None:
    worker.heed_ends()
    worker.tell(connection, function)
