"""The root file system of an image in a directory of this machine: its links stay within it."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from cortexlock.formats.directory_walk import scanned
from cortexlock.predictors.images import limits
from cortexlock.predictors.images.image_path import Look, Parts

_OF_THE_KERNEL = frozenset({"dev", "proc", "sys"})


class DiskRoot:
    """A directory as a root file system: a `FileSystem`."""

    def __init__(self, root: Path) -> None:
        """Take a directory."""
        self._root = root

    def look(self, parts: Parts) -> Look | None:
        """Return what lies in a place, or None."""
        path = self._root.joinpath(*parts)
        try:
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                return Look("symlink", str(path.readlink()))
        except (OSError, ValueError):
            return None
        if stat.S_ISDIR(mode):
            return Look("directory")
        return Look("file" if stat.S_ISREG(mode) else "other")

    def names(self, parts: Parts) -> list[str]:
        """Return the names in a directory, sorted; none where it cannot be read."""
        try:
            return sorted(each.name for each in self._root.joinpath(*parts).iterdir())
        except OSError:
            return []

    def find(self, matches: Callable[[str, str], bool]) -> list[Parts]:
        """Return the paths, sorted, for which it holds that their last two parts match: directory and name."""
        found: list[Parts] = []
        for inside, entries in scanned(self._root, enters=lambda path: path not in _OF_THE_KERNEL):
            place = tuple(inside.split("/")[:-1])
            above = place[-1] if place else ""
            found += [(*place, entry.name) for entry in entries if matches(above, entry.name)]
        return sorted(found)

    def read(self, parts: Parts) -> bytes:
        """Return the content of a file.

        Raises:
            OSError: It cannot be read, or is larger than what is read of images.
        """
        path = self._root.joinpath(*parts)
        with path.open("rb") as file:
            content = file.read(limits.STORED_FILE + 1)
        if len(content) > limits.STORED_FILE:
            raise OSError(f"{path} is larger than {limits.STORED_FILE} bytes")
        return content
