"""A directory that the processes of one command share, and by which what they leave running knows when to end.

What one of them has started may serve the others when that one has ended. It ends with the command, however that comes:
who has made the directory holds a lock on a file in it, which no process inherits, and the system takes it back.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_ALIVE, _RUNNING = "alive", "running"
_GRACE = 3.0
"""Seconds that the end waits for what was left running."""

_LOOK_EVERY = 0.003


class CommonPlace:
    """The directory, as who has made it sees it."""

    def __init__(self, prefix: str) -> None:
        """Make it, among the temporary ones of the system; the prefix is one of its name."""
        self._temporary = TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
        self.directory = Path(self._temporary.name)
        """Where it is."""
        self._alive: int | None = os.open(alive(self.directory), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._lock(self._alive)

    def close(self) -> None:
        """Have all that was left running end, and remove the directory."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
            self._wait()
        self._temporary.cleanup()

    def _wait(self) -> None:
        """Wait until nothing is running any more."""
        try:
            running = os.open(self.directory / _RUNNING, os.O_RDWR)
        except OSError:  # nothing ever was
            return
        until = time.monotonic() + _GRACE
        while not self._lock(running) and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        os.close(running)

    @staticmethod
    def _lock(descriptor: int) -> bool:
        """Lock a file for this process alone; tell if no other one has done so. Where there are no locks, nobody has.

        What is forked has no part in such a lock (`fcntl`, not `flock`).
        """
        with suppress(ImportError):  # Windows
            import fcntl  # noqa: PLC0415 - Windows has none

            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                return error.errno not in {errno.EACCES, errno.EAGAIN}
        return True


def alive(directory: Path) -> Path:
    """Return the file that is locked for as long as a common place lasts.

    What is left running waits for a shared lock on it, and has one on the file `running` beside it.
    """
    return directory / _ALIVE
