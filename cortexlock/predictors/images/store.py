"""Contents of files, kept in one file on disk, so that an image takes no more memory than its names do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from cortexlock.errors import StepError
from cortexlock.predictors.images import limits
from cortexlock.predictors.images.tree import Stored


class Store:
    """Kept contents. The file has no name, and goes with the object."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the store
        self._end = 0

    def has_room(self, size: int) -> bool:
        """Whether a file of this size can be kept."""
        return size <= limits.STORED_FILE and self._end + size <= limits.STORED

    def keep(self, layer: int, pieces: Iterable[bytes]) -> Stored:
        """Keep a content, and say where it is.

        Raises:
            StepError: It cannot be written.
        """
        start = self._end
        self._file.seek(start)
        self._end += write(self._file, pieces)
        return Stored(layer, start, self._end - start)

    def read(self, stored: Stored) -> bytes:
        """Return a kept content."""
        self._file.seek(stored.offset)
        return self._file.read(stored.size)

    def close(self) -> None:
        """Give the disk space back."""
        close(self._file)


def write(file: IO[bytes], pieces: Iterable[bytes]) -> int:
    """Write all of something to a temporary file; return how many bytes it were.

    Raises:
        StepError: It cannot be written. What the pieces raise is theirs.
    """
    size = 0
    for piece in pieces:
        with _writable():
            size += file.write(piece)
    with _writable():
        file.flush()
    return size


@contextmanager
def _writable() -> Iterator[None]:
    """Say of a file that cannot be written that it is so, whatever is being read meanwhile."""
    try:
        yield
    except OSError as error:
        what = f"what is kept of an image cannot be written: {error.strerror or error}"
        raise StepError(what, where=tempfile.gettempdir(), hint="make room there, or set TMPDIR") from None


def close(file: IO[bytes]) -> None:
    """Close a temporary file; what could not be written is not missed any more."""
    with suppress(OSError):  # Python tries to write it once more, and closes the file all the same
        file.close()
