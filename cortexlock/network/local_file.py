"""Files of this machine, read as those of a server are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cortexlock.errors import NetworkError
from cortexlock.formats import regular_file

PIECE = 1 << 16
"""Bytes: what is lost of a file that breaks off is less than that."""


def pieces(path: Path, *, skip: int = 0) -> Iterator[bytes]:
    """Yield the bytes of a file, but for the first `skip`.

    Raises:
        NetworkError: It cannot be read.
    """
    try:
        with regular_file.opened(path) as file:
            file.seek(skip)
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise NetworkError(f"the file cannot be read ({error.strerror})") from error
