"""The bytes of a file that a user names or puts into a project."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from cortexlock.errors import InputError


def read(path: Path) -> bytes:
    """Return what a regular file holds; a pipe or a device is not waited for.

    Raises:
        OSError: It cannot be read, or is no regular file; `strerror` says why.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(errno.EINVAL, "it is a link to what is not there") from None
        raise
    if stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a directory")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return path.read_bytes()


def unreadable(file: str, error: OSError) -> InputError:
    """Make the error of a file that cannot be read; `file` is how messages call it."""
    hint = "is the name right?" if isinstance(error, FileNotFoundError) else "put a file there that can be read"
    return InputError.at(file, None, f"cannot be read: {error.strerror}", hint=hint)
