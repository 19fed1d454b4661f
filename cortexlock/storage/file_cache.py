"""A cache of files: one for each key, of which nothing is needed and nothing is trusted."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cortexlock.formats import content
from cortexlock.storage import whole_file

_LARGEST = 1 << 28
"""Bytes of the largest file that is read."""


class FileCache:
    """A directory of files, for one scope: what reads and writes with another scope never meets them."""

    def __init__(self, directory: Path, scope: str, *, suffix: str) -> None:
        """Keep files in a directory, which need not be there yet; their names end in `suffix`."""
        self._directory = directory
        self._scope = scope
        self._suffix = suffix

    def find(self, key: str) -> bytes | None:
        """Return what a file holds, or None: there is none, or none that can be read."""
        try:
            return content.read(self._path(key), largest=_LARGEST)
        except OSError:
            return None

    def keep(self, key: str, value: bytes) -> None:
        """Keep a file. Where nothing can be written, it is not kept."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole_file.write(path, value)

    def stamp(self, key: str, now: float) -> None:
        """Note that a file was looked at and is as it is kept; `now` is in seconds since 1970."""
        with suppress(OSError):
            os.utime(self._path(key), (now, now))

    def stamped(self, key: str) -> float:
        """Return when that was noted last, in seconds since 1970; 0: there is no such file."""
        try:
            return self._path(key).stat().st_mtime
        except OSError:
            return 0

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(f"{self._scope}\0{key}".encode()).hexdigest()
        return self._directory / name[:2] / f"{name}{self._suffix}"
