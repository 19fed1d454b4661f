"""Files of an environment, which anybody may have written: regular ones, of a bounded size, or one clear error."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from cortexlock.errors import Advice, DifferenceError
from cortexlock.formats import regular_file

_LARGEST = 1 << 28
"""Bytes of the largest file that is read whole: the longest real list of files has a tenth of it."""


def read(path: Path, *, largest: int = _LARGEST) -> bytes | None:
    """Return what a regular file holds; None where there is none: a directory, a pipe or a device is no such file.

    Args:
        path: The file.
        largest: Bytes that it may have.

    Raises:
        DifferenceError: It cannot be read, or is too large.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with regular_file.opened(path) as file:
            found = regular_file.read(file, largest=largest)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise damaged(path, f"the file cannot be read: {what}") from error
    if len(found) > largest:
        raise damaged(path, f"the file is larger than {largest >> 20} MiB")
    return found


def read_text(path: Path, *, errors: str = "replace", largest: int = _LARGEST) -> str | None:
    """Return the text of a file, UTF-8; None where there is none.

    Args:
        path: The file.
        errors: What becomes of other bytes; see `bytes.decode`.
        largest: Bytes that it may have.

    Raises:
        DifferenceError: It cannot be read, or is too large.
    """
    content = read(path, largest=largest)
    return None if content is None else content.decode("utf-8", errors=errors)


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a JSON file holds.

    Raises:
        DifferenceError: There is no such file, it cannot be read, is too large, or holds no JSON.
    """
    content = read(path)
    if content is None:
        raise damaged(path, "the record cannot be read: it is no regular file")
    try:
        return json.loads(content.decode("utf-8"))  # as all others read it: `json` takes UTF-16, too
    except RecursionError:
        what = "it is nested too deep"
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        what = str(error)
    except ValueError:
        what = "a number in it has thousands of digits"
    raise damaged(path, f"the record cannot be read: {what}")


def damaged(path: Path, what: str, *, hint: Advice | str = Advice.FRESH_COPY) -> DifferenceError:
    """Make the error of a file that is not what it should be."""
    return DifferenceError(what, where=str(path), hint=hint)
