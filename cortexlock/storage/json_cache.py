"""A cache of JSON values: a file for each key, of which nothing is needed and nothing is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cortexlock.formats import json_text
from cortexlock.storage.file_cache import FileCache


class JsonCache:
    """A directory of values, for one scope: what reads and writes with another scope never meets them."""

    def __init__(self, directory: Path, scope: str) -> None:
        """Keep values in a directory, which need not be there yet."""
        self._files = FileCache(directory, scope, suffix=".json")

    def find(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value, or None: there is none, or none that can be read."""
        content = self._files.find(key)
        try:
            return None if content is None else json_text.parsed(content)
        except json_text.JsonError:
            return None

    def keep(self, key: str, value: object) -> None:
        """Keep a value. Where nothing can be written, it is not kept."""
        self._files.keep(key, json.dumps(value, separators=(",", ":")).encode())
