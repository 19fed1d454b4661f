"""Workers that are started once anything has to be locked anew: where nothing has changed, nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from cortexlock.workers import Workers


class LazyWorkers:
    """The workers of one project or many, started when the first of them needs them; a context that ends them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start none; `env` is their environment."""
        self._env = env
        self._lock = Lock()
        self._workers: Workers | None = None
        self._is_over = False

    @property
    def were_needed(self) -> bool:
        """Whether anything was locked anew."""
        return self._workers is not None

    def get(self) -> Workers:
        """Return the workers, from any thread.

        Raises:
            CancelledError: The context has ended.
        """
        with self._lock:
            if self._is_over:
                from concurrent.futures import CancelledError  # noqa: PLC0415 - where nothing has changed, nobody pays for it

                raise CancelledError
            if self._workers is None:
                from cortexlock.lock import preparation  # noqa: PLC0415 - as above
                from cortexlock.workers import Workers  # noqa: PLC0415 - as above

                self._workers = Workers(self._env).__enter__()
                self._workers.prepare(preparation.for_all)  # while this process reads what the first needs
            return self._workers

    def end(self) -> None:
        """End all of them: nobody is given any after that."""
        with self._lock:
            self._is_over = True
        if self._workers is not None:
            self._workers.__exit__()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End."""
        self.end()
