"""Parts of files on their way into the cache: each written by one process, and continued by another if that one ends.

A part is locked (`flock`) by who writes it, and its lock ends with the process, however that ends. A part that nobody
has locked was left: the next who wants the file continues it. Where there are no such locks (Windows, some network
file systems) every try begins anew.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import IO

_SUFFIX = ".part"
_UNLOCKED = ".own-part"
"""How the name ends of a part that nobody else may continue: it is not locked, or not yet."""
_OLD = 86400.0
"""Seconds after which a part that could not be locked is one that was left."""


@dataclass(slots=True)
class Part:
    """A part that this process writes.

    Attributes:
        file: Open for reading and writing.
        path: Where it is.
        adopted: Whether somebody else began it.
    """

    file: IO[bytes]
    path: Path
    adopted: bool

    def empty(self) -> IO[bytes]:
        """Drop what is there, and return the file at its beginning."""
        self.file.seek(0)
        self.file.truncate()
        return self.file

    def discard(self) -> None:
        """Remove the file: what it holds is of no use."""
        self.path.unlink(missing_ok=True)

    def commit(self, path: Path) -> None:
        """Give it its final name. It stays locked until then: nobody takes it for one that was left."""
        if os.name == "nt":
            self.file.close()  # Windows renames no open file, and has no locks to lose here
        self.path.chmod(0o644)
        self.path.replace(path)


@contextmanager
def opened(directory: Path, *, adopt: bool) -> Iterator[Part]:
    """Yield a part to write in a directory: the largest that was left there, or a new one.

    What the block leaves of it, neither renamed nor discarded, stays for the next time, unless it is empty.

    Args:
        directory: Of the file that is to be; made if need be.
        adopt: Whether one that was left is continued.

    Raises:
        OSError: The directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    part = (_adopted(directory) if adopt else None) or _new(directory)
    _clear(directory, but=part.path)
    try:
        with part.file:
            yield part
    finally:
        with suppress(OSError):
            if not adopt or not part.path.stat().st_size:
                part.path.unlink()


def left(directory: Path) -> list[Path]:
    """Return the parts that are in a directory, whoever writes them."""
    return sorted(directory.glob(f".*{_SUFFIX}"))


def _adopted(directory: Path) -> Part | None:
    """Return the largest part that nobody writes, locked."""
    found: list[tuple[int, Path]] = []
    for path in left(directory):
        with suppress(OSError):
            found.append((path.lstat().st_size, path))
    for _, path in sorted(found, reverse=True):
        with suppress(OSError), ExitStack() as stack:
            file = stack.enter_context(open(path, "r+b", opener=_itself))
            there = os.fstat(file.fileno())
            if stat.S_ISREG(there.st_mode) and _lock(file) and os.path.samestat(path.lstat(), there):
                stack.pop_all()
                return Part(file, path, adopted=True)
    return None


def _itself(path: str, flags: int) -> int:
    """Open a file and nothing that a link leads to, which would be written over; a pipe is not waited for."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _new(directory: Path) -> Part:
    """Make a part, locked before it has the name of one: nobody takes it for one that was left."""
    handle, name = mkstemp(dir=directory, prefix=".", suffix=_UNLOCKED)
    file, path = os.fdopen(handle, "w+b"), Path(name)
    if _lock(file):
        path = path.rename(path.with_suffix(_SUFFIX))
    return Part(file, path, adopted=False)


def _lock(file: IO[bytes]) -> bool:
    """Lock a file, and return whether that could be done."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _clear(directory: Path, *, but: Path) -> None:
    """Remove what was left long ago."""
    for part in (*left(directory), *directory.glob(f".*{_UNLOCKED}")):
        with suppress(OSError):
            if part != but and part.stat().st_mtime < time.time() - _OLD:
                part.unlink()
