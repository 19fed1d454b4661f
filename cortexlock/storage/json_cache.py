"""A cache of JSON values: a file for each key, of which nothing is needed and nothing is trusted."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from cortexlock.formats import content, json_text
from cortexlock.storage import whole_file

_LARGEST = 1 << 28
"""Bytes of the largest value that is read."""


class JsonCache:
    """A directory of values, for one scope: what reads and writes with another scope never meets them."""

    def __init__(self, directory: Path, scope: str) -> None:
        """Keep values in a directory, which need not be there yet."""
        self._directory = directory
        self._scope = scope

    def find(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value, or None: there is none, or none that can be read."""
        try:
            return json_text.parsed(content.read(self._path(key), largest=_LARGEST))
        except (OSError, json_text.JsonError):
            return None

    def keep(self, key: str, value: object) -> None:
        """Keep a value. Where nothing can be written, it is not kept."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            whole_file.write(path, json.dumps(value, separators=(",", ":")).encode())

    def stamp(self, key: str, now: float) -> None:
        """Note that a value was looked at and is as it is kept; `now` is in seconds since 1970."""
        with suppress(OSError):
            os.utime(self._path(key), (now, now))

    def stamped(self, key: str) -> float:
        """Return when that was noted last, in seconds since 1970; 0: there is no such value."""
        try:
            return self._path(key).stat().st_mtime
        except OSError:
            return 0

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(f"{self._scope}\0{key}".encode()).hexdigest()
        return self._directory / name[:2] / f"{name}.json"
