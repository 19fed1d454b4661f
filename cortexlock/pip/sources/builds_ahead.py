"""Builds of sdists for their metadata, ahead of the resolver and side by side: what they tell is kept for it.

Whether an sdist is looked into, and what follows from it, decides the resolver, as before: it finds what is kept, or
builds by itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import TYPE_CHECKING, Any

from cortexlock import process, workers
from cortexlock.pip.sources.errands import Errands

if TYPE_CHECKING:
    from typing_extensions import Self
_MOST = 100
"""Sdists of one resolution that are looked into ahead."""

_GRACE = 2.0
"""Seconds that the end waits for threads whose programs were ended."""


class BuildsAhead:
    """Looks into sdists, by as many threads as there are processors; a context that ends them and what they started.

    pyproject-hooks raises warnings of backends here, and filters of warnings hold for all threads: none is heard for as
    long as the context lasts.
    """

    def __init__(self, errands: Errands) -> None:
        """Begin with nothing; `errands` are those of the thread that resolves."""
        self._errands = errands
        self._programs = process.Programs()
        self._coming: dict[str, Future[None]] = {}
        self._beside: dict[Hashable, Future[None]] = {}
        self._lock = Lock()
        self._is_over = False
        self._quiet = warnings.catch_warnings()
        self._pool = ThreadPoolExecutor(workers.processors(), thread_name_prefix="build")
        self._preparing = ThreadPoolExecutor(1, thread_name_prefix="prepare")

    def __enter__(self) -> Self:
        """Begin."""
        self._quiet.__enter__()
        warnings.simplefilter("ignore")
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End all builds."""
        with self._lock:
            self._is_over = True
            running = (*self._coming.values(), *self._beside.values())
        self._errands.close()
        self._programs.end()
        for pool in (self._pool, self._preparing):
            pool.shutdown(wait=False, cancel_futures=True)
        wait([each for each in running if not each.cancelled()], timeout=_GRACE)
        self._quiet.__exit__(None, None, None)

    def begin(self, archive: str, look: Callable[[], None]) -> None:
        """Look into an sdist, unless that was begun before.

        Args:
            archive: Its sha256.
            look: Looks into it, and keeps what it tells where the resolver finds it.
        """
        with self._lock:
            if not self._is_over and archive not in self._coming and len(self._coming) < _MOST:
                self._coming[archive] = self._pool.submit(self._look, look)

    def beside(self, key: Hashable, prepare: Callable[[], None]) -> None:
        """Prepare what a build will need while it does something else, once for each key.

        Where that fails, the build comes to it, and says so.
        """
        with self._lock:
            if not self._is_over and key not in self._beside:
                self._beside[key] = self._preparing.submit(self._look, prepare)

    def wait_for(self, archive: str) -> None:
        """Wait for what was begun for an sdist, in the thread that resolves, and do what builds ask of it meanwhile."""
        if archive in self._coming:
            self._errands.wait_for(self._coming[archive])

    def wait(self, coming: Future[Any]) -> None:
        """Do what builds ask of the thread that resolves until something else is done, in that thread alone."""
        if self._errands.is_mine:
            self._errands.wait_for(coming)

    def attend(self) -> None:
        """Do what builds ask of the thread that resolves, in that thread."""
        self._errands.attend()

    def _look(self, look: Callable[[], None]) -> None:
        with self._programs.among():
            look()
