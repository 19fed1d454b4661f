"""What is in the cache directory, how much of it there is, and its removal: all of it can be fetched or made again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_FILES = ("artifacts", "build-wheels", "http", "pages", "repodata", "sdists")
"""Directories of files, each of which stands by itself."""

MOST = 10 << 30
"""Bytes that a cache directory has, more or less, when nobody prunes it."""

_LESS = 0.8
"""The part of the bound that is left when there was more."""

_STAMP = "bounded"
"""A file whose time of writing tells when the size was looked at last."""

_EVERY = 24 * 60 * 60
"""Seconds between two looks: each walks through all of it."""

_TREES = ("built", "git", "interpreters")
"""Directories of directories, each of which is used as a whole."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: the number of files, and their bytes."""

    files: int
    size: int


def clean(cache: Path) -> Removed:
    """Remove everything that cortexlock has put into a cache directory; what else is there stays.

    Raises:
        OSError: Something cannot be removed.
    """
    return _removed(_entries(cache), lambda _entry: True)


def prune(cache: Path, *, before: float) -> Removed:
    """Remove what was neither written nor read since a time, in seconds since 1970.

    Raises:
        OSError: Something cannot be removed.
    """
    return _removed(_entries(cache), lambda entry: _last_used(entry) < before)


def bound(cache: Path, *, now: float, most: int = MOST) -> Removed:
    """Remove what was used longest ago, if there is more than a bound; it is looked at once a day.

    Args:
        cache: The directory, in which something was written.
        now: The time, in seconds since 1970.
        most: The bound in bytes.

    Raises:
        OSError: Something cannot be read, written or removed.
    """
    stamp = cache / _STAMP
    if stamp.is_file() and 0 <= now - stamp.stat().st_mtime < _EVERY:
        return Removed(0, 0)
    stamp.touch()
    os.utime(stamp, (now, now))
    sizes = {entry: _size(entry) for entry in _entries(cache)}
    too_much = sum(sizes.values()) - most * _LESS if sum(sizes.values()) > most else 0
    oldest = []
    for entry in sorted(sizes, key=_last_used) if too_much else ():
        if too_much <= 0:
            break
        oldest.append(entry)
        too_much -= sizes[entry]
    return _removed(iter(oldest), lambda _entry: True)


def _size(entry: Path) -> int:
    return sum(path.lstat().st_size for path in (_files(entry) if entry.is_dir() else [entry]))


def _entries(cache: Path) -> Iterator[Path]:
    """Yield what can be removed by itself. Links are no part of a cache: what they lead to is somebody else's."""
    for name in _FILES:
        if not (cache / name).is_symlink():
            yield from list(_files(cache / name))
    for name in _TREES:
        if (cache / name).is_dir() and not (cache / name).is_symlink():
            yield from sorted(each for each in (cache / name).iterdir() if not each.is_symlink())


def _files(directory: Path) -> Iterator[Path]:
    for root, _directories, names in os.walk(directory):
        yield from (Path(root, name) for name in sorted(names))


def _last_used(entry: Path) -> float:
    # The time of reading is not kept on every disk; that of writing is.
    found = [path.lstat() for path in (_files(entry) if entry.is_dir() else [entry])]
    return max((max(status.st_mtime, status.st_atime) for status in found), default=0)


def _removed(entries: Iterator[Path], is_to_go: Callable[[Path], bool]) -> Removed:
    files = size = 0
    for entry in entries:
        if not is_to_go(entry):
            continue
        sizes = [path.lstat().st_size for path in (_files(entry) if entry.is_dir() else [entry])]
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
        files, size = files + len(sizes), size + sum(sizes)
    return Removed(files, size)
