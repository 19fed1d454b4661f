"""What threads ask of the one that resolves: pip's resolver serves one thread, and builds beside it ask it, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, get_ident
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class Errands:
    """Calls that are made in the thread which made this object, whichever thread asks for them."""

    def __init__(self) -> None:
        """Let the current thread make the calls."""
        self._owner = get_ident()
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._lock = Lock()
        self._is_busy = False
        self._is_over = False

    def ask(self, function: Callable[[], _Result]) -> _Result:
        """Call a function in the owner's thread, and return what it returns or raise what it raises.

        Raises:
            CancelledError: The owner takes no more errands.
        """
        if self.is_mine:
            with self._busy():
                return function()
        answer: Future[_Result] = Future()
        with self._lock:
            if self._is_over:
                raise CancelledError
            self._waiting.put((answer, function))
        return answer.result()

    @property
    def is_mine(self) -> bool:
        """Whether the current thread is the owner."""
        return get_ident() == self._owner

    def attend(self) -> None:
        """Do what waits, in the owner's thread; nothing in the middle of another errand."""
        while not (self._is_busy or self._waiting.empty()):  # nobody else takes from it
            self._do(self._waiting.get())

    def wait_for(self, coming: Future[Any]) -> None:
        """Do errands until a future is done.

        In the middle of an errand this waits for nothing: whoever the future comes from could wait for that errand.
        """
        if self._is_busy:
            return
        coming.add_done_callback(lambda _: self._waiting.put(None))
        while not coming.done():
            self._do(self._waiting.get())

    def close(self) -> None:
        """Take no more errands; whoever waits for one waits in vain."""
        with self._lock:
            self._is_over = True
        while not self._waiting.empty():
            waiting = self._waiting.get()
            if waiting is not None:
                waiting[0].cancel()

    def _do(self, waiting: tuple[Future[Any], Callable[[], Any]] | None) -> None:
        if waiting is None:  # a future is done
            return
        answer, function = waiting
        with self._busy():
            try:
                answer.set_result(function())
            except Exception as error:  # noqa: BLE001 - whoever asked gets it
                answer.set_exception(error)
            finally:
                answer.cancel()  # of an interrupt: nobody else answers; nothing where it is answered

    @contextmanager
    def _busy(self) -> Iterator[None]:
        before, self._is_busy = self._is_busy, True
        try:
            yield
        finally:
            self._is_busy = before
