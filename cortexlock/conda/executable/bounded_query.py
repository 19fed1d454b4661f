"""A look at channels that comes to an end, whatever they answer: py-rattler itself has no bounds.

It writes what it fetches into its cache, unpacked, or keeps it in memory. Both are looked at while it works.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_Found = TypeVar("_Found")
_PERIOD = 0.2  # seconds between two looks
_REMAINS = ".tmp*"  # what py-rattler calls files that have not come whole
_DAY = 86_400.0
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes that `ru_maxrss` counts in


@dataclass(frozen=True, slots=True)
class Bounds:
    """What channels may take together.

    Attributes:
        size: Bytes of one file, unpacked; the largest ones of conda-forge have half a gigabyte.
        memory: Bytes of memory beyond what was needed before.
        seconds: How long.
    """

    size: int = 1 << 30
    memory: int = 4 << 30
    seconds: float = 1200.0


class EndlessAnswerError(Exception):
    """What channels answer does not end; the text says within what, to be said after a channel's address."""


async def within(bounds: Bounds, query: Awaitable[_Found], cache: Path) -> _Found:
    """Return what a query of py-rattler comes to.

    What it has left in the cache is removed if it does not end; so is what was left there a day ago or earlier.

    Args:
        bounds: What it may take.
        query: The query.
        cache: The directory of its cache.

    Raises:
        EndlessAnswerError: It takes more.
    """
    _remove(_remains(cache), before=time.time() - _DAY)
    before = _remains(cache)
    began, memory = time.monotonic(), _memory()

    def why_not() -> str:
        if any(_size(file) > bounds.size for file in _own(cache, before)):
            return f"does not end within {bounds.size >> 20} MiB"
        if _memory() - memory > bounds.memory:
            return f"takes more than {bounds.memory >> 20} MiB of memory"
        if time.monotonic() - began > bounds.seconds:
            return f"has not answered within {bounds.seconds:.0f} seconds"
        return ""

    task = asyncio.ensure_future(query)
    while not (await asyncio.wait({task}, timeout=_PERIOD))[0]:
        if reason := why_not():
            own = _own(cache, before)
            task.cancel()
            _remove(own)
            raise EndlessAnswerError(reason)
    return task.result()


def _memory() -> int:
    """Return how many bytes of memory this process has needed so far at most; 0 where nobody tells."""
    if os.name == "nt":  # pragma: no cover - not there
        return 0
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def _remains(cache: Path) -> set[Path]:
    return {*cache.glob(_REMAINS)} if cache.is_dir() else set()


def _own(cache: Path, before: set[Path]) -> set[Path]:
    """Return what this process has not got whole; what came meanwhile where no system tells whose files are."""
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        return _remains(cache) - before
    own = set()
    for each in open_files.iterdir():
        with suppress(OSError):  # it was closed meanwhile
            own.add(str(each.readlink()))
    return {file for file in _remains(cache) if str(file.resolve()) in own}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # it has come whole, and has its name
        return 0


def _remove(files: set[Path], before: float | None = None) -> None:
    for file in files:
        with suppress(OSError):
            if before is None or file.stat().st_mtime < before:
                file.unlink()
