"""The bytes of a file that a user names or puts into a project."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from cortexlock.errors import InputError

LARGEST = 1 << 24
"""Bytes of the largest file that is read as text: real ones have less than a hundredth of it."""


def read(path: Path, *, largest: int = LARGEST) -> bytes:
    """Return what a regular file holds; a pipe or a device is not waited for.

    Args:
        path: The file.
        largest: How many bytes it may have.

    Raises:
        OSError: It cannot be read, is no regular file, or is too large; `strerror` says why.
    """
    try:
        mode = path.stat().st_mode
    except ValueError:
        raise OSError(errno.EINVAL, "its name has a NUL character") from None
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(errno.EINVAL, "it is a link to what is not there") from None
        raise
    if stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a directory")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    # Between the look and the opening it may have become a pipe, which would be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        found = file.read(largest + 1)
    if len(found) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest >> 20} MiB")
    return found


def unreadable(file: str, error: OSError) -> InputError:
    """Make the error of a file that cannot be read; `file` is how messages call it."""
    hint = "is the name right?" if isinstance(error, FileNotFoundError) else "put a file there that can be read"
    return InputError.at(file, None, f"cannot be read: {error.strerror}", hint=hint)
