"""Contents of files, kept in one file on disk, so that an image takes no more memory than its names do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import IO

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
        """Keep a content, and say where it is."""
        start = self._end
        self._file.seek(start)
        for piece in pieces:
            self._end += self._file.write(piece)
        return Stored(layer, start, self._end - start)

    def read(self, stored: Stored) -> bytes:
        """Return a kept content."""
        self._file.seek(stored.offset)
        return self._file.read(stored.size)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
