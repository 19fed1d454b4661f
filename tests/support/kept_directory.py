"""A directory that is made again as it once was, at the cost of what has changed in it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, ...]
"""What changes with a file: mode, inode, size, times in nanoseconds. Nobody but the kernel sets the last time."""


def stamps(directory: Path, *, deep: bool = True) -> dict[str, Stamp]:
    """Return the stamps of all that is in a directory, by path below it; of directories, their modes alone.

    Args:
        directory: The directory; it may be missing.
        deep: Whether to go into those that are in it.
    """
    found: dict[str, Stamp] = {}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(directory / below))
        except FileNotFoundError:
            continue
        for entry in entries:
            path = f"{below}{entry.name}"
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                found[path] = (status.st_mode,)
                if deep:
                    waiting.append(f"{path}/")
            else:
                found[path] = (
                    status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
                )  # fmt: skip
    return found


class KeptDirectory:
    """A directory as it was when this was made."""

    def __init__(self, directory: Path, copy: Path) -> None:
        """Copy it.

        Args:
            directory: The directory; it may be missing, and `bring_back` removes it then.
            copy: Where the copy goes; what is there is removed.
        """
        self._directory = directory
        self._copy = copy
        self._is_there = directory.is_dir()
        shutil.rmtree(copy, ignore_errors=True)
        if self._is_there:
            shutil.copytree(directory, copy, symlinks=True)
        self._stamps = stamps(directory)

    def bring_back(self) -> None:
        """Make it as it was: what was not there is removed, what has changed is copied."""
        if not self._is_there:
            shutil.rmtree(self._directory, ignore_errors=True)
            return
        self._directory.mkdir(exist_ok=True)
        now = stamps(self._directory)
        if now == self._stamps:
            return
        changed = {path for path in {*now, *self._stamps} if now.get(path) != self._stamps.get(path)}
        for path in sorted(changed & {*now}):
            _remove(self._directory / path)
        now = stamps(self._directory)
        for path in sorted({*self._stamps} - {*now}):
            place, kept = self._directory / path, self._copy / path
            if stat.S_ISDIR(self._stamps[path][0]):
                place.mkdir(parents=True)
                place.chmod(stat.S_IMODE(self._stamps[path][0]))
            else:
                shutil.copy2(kept, place, follow_symlinks=False)
        self._stamps = stamps(self._directory)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
