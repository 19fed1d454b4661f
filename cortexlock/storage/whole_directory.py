"""A directory that one process at a time writes, and that is there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

# A link in the place of a lock file is not followed: it would make a file where it leads.
_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_CANNOT_LOCK = frozenset((errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL))


@contextmanager
def exclusive(place: Path) -> Iterator[None]:
    """Keep other processes from writing a directory, or wait for one that does.

    The lock ends with the process, however that ends. The locked file lies beside the directory and goes with the
    block. Where there are no such locks (Windows, some network file systems) nobody waits.

    Args:
        place: The directory, which need not be there; the one that it is in is made.

    Raises:
        OSError: That one cannot be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    path = place.parent / f".{place.name}.lock"
    descriptor = _locked(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # before the lock ends: who opened it meanwhile sees that it is not there any more
        os.close(descriptor)


def replace(place: Path, fill: Callable[[Path], object]) -> None:
    """Put a directory into its place, and what was there out of it. The caller is `exclusive` with the place.

    Args:
        place: The directory.
        fill: Makes the directory whose path it is given, and says by an error that it is not to be used.

    Raises:
        OSError: It cannot be written.
    """
    for left in place.parent.glob(f".{place.name}.*.new"):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.", suffix=".new") as temporary:
        fresh = Path(temporary, "fresh")
        fill(fresh)
        with suppress(FileNotFoundError):
            place.rename(Path(temporary, "old"))  # at once, unlike its removal: nobody sees the half of it
        fresh.rename(place)


def _locked(path: Path) -> int:
    """Return a descriptor of a lock file, locked, that is still the one of its name."""
    while True:
        descriptor = os.open(path, _LOCK_FLAGS, 0o644)
        try:
            if not _lock(descriptor) or _is_there(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file, and return whether there are locks."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno in _CANNOT_LOCK:
            return False
        raise
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False
