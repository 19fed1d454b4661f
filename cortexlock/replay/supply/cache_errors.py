"""What goes wrong with the cache, as errors that say what to do."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cortexlock.errors import StepError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Numbers of errors that are the disk's fault, whatever program has met them."""


class UnwritableCacheError(StepError):
    """The cache cannot be written."""


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the errors of the system that the block meets, or a program that it starts, into one that says what to do.

    Args:
        place: The directory of the cache that the block writes to.

    Raises:
        UnwritableCacheError: The cache cannot be written.
        StepError: A file elsewhere cannot be read.
    """
    try:
        yield
    except OSError as error:
        file = error.filename
        if isinstance(file, str) and error.errno not in _FULL and not Path(file).is_relative_to(place):
            raise StepError(f"the file cannot be read or written: {reason_of(error)}", where=file) from error
        raise unwritable(reason_of(error), place) from error
    except UnwritableCacheError:
        raise
    except StepError as error:
        reason = next((os.strerror(number) for number in _FULL if os.strerror(number) in error.output), None)
        if reason is None:
            raise
        raise unwritable(reason, place, [error.what]) from error


def reason_of(error: OSError) -> str:
    """Return why the system refused something, without the path; of several reasons (`shutil.Error`) the first."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        text = str(error.args[0][0][-1])
        return text.partition("] ")[2].partition(": ")[0] or text
    return error.strerror or str(error)


def unwritable(reason: str, place: Path, details: Iterable[str] = ()) -> UnwritableCacheError:
    """Return the error of a cache that cannot be written."""
    return UnwritableCacheError(
        f"the cache cannot be written: {reason}",
        details=details,
        where=str(place),
        hint="make space, or name another directory with --cache-dir",
    )
