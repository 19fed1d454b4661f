"""Bytes that a thread reads, unpacks and hashes while those before them are looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_AHEAD = 3  # pieces


class ReadAhead:
    """Pieces of something, in their order; to be closed by whoever opens it."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        """Take a function that returns the next bytes, none at the end. Until this is closed, only it may call it."""
        self._read = read
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._pieces: deque[Future[bytes]] = deque(self._pool.submit(read) for _ in range(_AHEAD))

    def close(self) -> None:
        """Wait for the thread to end."""
        self._pool.shutdown(cancel_futures=True)

    def piece(self) -> bytes:
        """Return the next bytes; none at the end. Raises what reading them raised."""
        piece = self._pieces.popleft().result()
        self._pieces.append(self._pool.submit(self._read))
        return piece
