"""A page of an index within bounds: an index is not trusted to come to an end, nor to unpack to what it promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from cortexlock.errors import NetworkError

LARGEST = 256 << 20
"""Bytes of a page, unpacked: the largest ones of PyPI have a tenth of it."""

LONGEST = 600.0
"""Seconds in which a page has to come."""


def read(
    pieces: Iterable[bytes],
    *,
    where: str,
    largest: int = LARGEST,
    longest: float = LONGEST,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """Return what pieces are together.

    Args:
        pieces: The content, unpacked, as it comes.
        where: The page, for the message.
        largest: How many bytes it may have.
        longest: How many seconds it may take.
        clock: The time in seconds.

    Raises:
        NetworkError: There is more, or it takes longer.
    """
    began, size, found = clock(), 0, []
    hint = "an index's pages are smaller and faster: is its address right?"
    for piece in pieces:
        size += len(piece)
        if size > largest:
            raise NetworkError(f"the page does not end within {largest >> 20} MiB", where=where, hint=hint)
        if clock() - began > longest:
            raise NetworkError(f"the page has not come within {longest:.0f} seconds", where=where, hint=hint)
        found.append(piece)
    return b"".join(found)
