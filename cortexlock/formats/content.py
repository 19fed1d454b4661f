"""The bytes of a file that a user names or puts into a project."""

from __future__ import annotations

import errno
from pathlib import Path

from cortexlock.errors import InputError
from cortexlock.formats import regular_file

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
        with regular_file.opened(path) as file:
            found = regular_file.read(file, largest=largest)
    except ValueError:
        raise OSError(errno.EINVAL, "its name has a NUL character") from None
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(errno.EINVAL, "it is a link to what is not there") from None
        raise
    if len(found) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest >> 20} MiB")
    return found


def unreadable(file: str, error: OSError) -> InputError:
    """Make the error of a file that cannot be read; `file` is how messages call it."""
    hint = "is the name right?" if isinstance(error, FileNotFoundError) else "put a file there that can be read"
    if file.startswith("~"):
        hint = "`~` is no home directory in a file: write a path relative to the project"
    return InputError.at(file, None, f"cannot be read: {error.strerror}", hint=hint)
