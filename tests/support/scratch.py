"""Where temporary files of the tests are: in memory, where the machine has room for them there."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - of Linux; what is made in it is this user's alone
_ROOM = 2 << 30  # bytes: several times what a whole run needs


def use_memory() -> None:
    """Have temporary files in memory, unless TMPDIR says where they are to be.

    A replay makes many small files. A disk takes up to a hundred times as long as memory to make one, and waits when
    it is told that they are to last.
    """
    if sys.platform != "linux" or any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")) or not _has_room():
        return
    directory = _MEMORY / f"cortexlock-tests-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    if directory.stat().st_uid == os.getuid():
        os.environ["TMPDIR"] = str(directory)
        tempfile.tempdir = None  # it is asked for anew


def _has_room() -> bool:
    """Whether files in memory can be made, and run."""
    try:
        found = os.statvfs(_MEMORY)
    except OSError:
        return False
    return (
        os.access(_MEMORY, os.W_OK | os.X_OK)
        and not found.f_flag & os.ST_NOEXEC
        and found.f_bavail * found.f_frsize >= _ROOM
    )
