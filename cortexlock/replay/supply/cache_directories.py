"""Entries of the cache that are directories: written by one process at a time, there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock.errors import StepError

_UNWRITABLE = "The cache cannot be written"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Numbers of errors that are the disk's fault, whatever program has met them."""
_CANNOT_LOCK = frozenset((errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL))


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Keep other processes from writing an entry, or wait for one that does.

    The lock ends with the process, however that ends. The file that is locked lies beside the entry and goes with the
    block. Where there are no such locks (Windows, some network file systems) nobody waits.

    Args:
        place: The entry, which need not be there; its directory is made.

    Raises:
        OSError: The directory cannot be written.
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


def put(place: Path, fill: Callable[[Path], object]) -> None:
    """Put a directory into its place, and what was there out of it. The caller is `alone` with the place.

    Args:
        place: The entry.
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


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the errors of the system that the block meets, or a program that it starts, into one that says what to do.

    Args:
        place: The directory of the cache that the block writes to.

    Raises:
        StepError: The cache cannot be written, or a file elsewhere cannot be read.
    """
    try:
        yield
    except OSError as error:
        file = error.filename
        if isinstance(file, str) and error.errno not in _FULL and not Path(file).is_relative_to(place):
            raise StepError(f"The file cannot be read or written: {reason_of(error)}", where=file) from error
        raise unwritable(reason_of(error), place) from error
    except StepError as error:
        reason = next((os.strerror(number) for number in _FULL if os.strerror(number) in error.what), None)
        if reason is None or error.what.startswith(_UNWRITABLE):
            raise
        raise unwritable(reason, place, error.what) from error


def reason_of(error: OSError) -> str:
    """Return why the system refused something, without the path; of several reasons (`shutil.Error`) the first."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        text = str(error.args[0][0][-1])
        return text.partition("] ")[2].partition(": ")[0] or text
    return error.strerror or str(error)


def unwritable(reason: str, place: Path, details: str = "") -> StepError:
    """Return the error of a cache that cannot be written."""
    return StepError(
        f"{_UNWRITABLE}: {reason}\n{details}".rstrip(),
        where=str(place),
        hint="make space, or name another directory with --cache-dir",
    )


def _locked(path: Path) -> int:
    """Return a descriptor of a lock file, locked, that is still the one of its name."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
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
