"""What threads ask of the one that resolves is done there, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import pytest

from cortexlock.pip.sources.errands import Errands


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A thread."""
    with ThreadPoolExecutor(1) as opened:
        yield opened


def test_errands_are_done_by_their_owner(pool: ThreadPoolExecutor) -> None:
    errands = Errands()
    assert errands.ask(threading.get_ident) == threading.get_ident()
    asked = pool.submit(errands.ask, threading.get_ident)
    errands.wait_for(asked)
    assert asked.result() == threading.get_ident()


def test_errors_are_those_of_who_asked(pool: ThreadPoolExecutor) -> None:
    errands = Errands()
    asked = pool.submit(errands.ask, lambda: 1 // 0)
    errands.wait_for(asked)
    with pytest.raises(ZeroDivisionError):
        asked.result()


def test_what_waits_is_done_when_the_owner_comes_by(pool: ThreadPoolExecutor) -> None:
    errands, begun = Errands(), threading.Event()
    errands.attend()

    def work() -> str:
        begun.set()
        return errands.ask(lambda: "done")

    asked = pool.submit(work)
    begun.wait(5)
    while not asked.done():
        errands.attend()
    assert asked.result() == "done"


def test_nothing_is_waited_for_in_the_middle_of_an_errand(pool: ThreadPoolExecutor) -> None:
    errands = Errands()
    never: Future[None] = Future()

    def errand() -> str:
        errands.wait_for(never)  # who asked could be who is waited for
        errands.attend()
        return "done"

    asked = pool.submit(errands.ask, errand)
    errands.wait_for(asked)
    assert asked.result() == "done"
    assert errands.ask(errand) == "done"


def test_nobody_waits_for_an_owner_that_is_gone(pool: ThreadPoolExecutor) -> None:
    errands, begun = Errands(), threading.Event()

    def work() -> None:
        begun.set()
        errands.ask(lambda: None)

    asked = pool.submit(work)
    begun.wait(5)
    errands.close()
    with pytest.raises(CancelledError):
        asked.result(5)
    with pytest.raises(CancelledError):
        pool.submit(errands.ask, lambda: None).result(5)


def test_an_interrupt_in_an_errand_leaves_nobody_waiting(pool: ThreadPoolExecutor) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    errands = Errands()
    asked = pool.submit(errands.ask, interrupted)
    with pytest.raises(KeyboardInterrupt):
        errands.wait_for(asked)
    errands.close()
    with pytest.raises(CancelledError):
        asked.result(timeout=10)
