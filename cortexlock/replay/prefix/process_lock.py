"""One replay at a time in a prefix: a file lock, which lasts as long as anything that writes there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.model.replay import OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing

LOCK_NAME = ".cortexlock.lock"

_SIGNS = ("pyvenv.cfg", "conda-meta", "bin/python", "bin/python3")
"""What tells an environment from any other directory, which gets no lock file."""


@contextmanager
def exclusive(prefix: Path, on_event: OnEvent) -> Iterator[int]:
    """Keep other replays out of a prefix, or wait for one that is running there; yield what holds the lock.

    What writes to the prefix keeps it open, so that the lock of a replay that was killed lasts until its installer,
    which nobody could tell to stop, has come to its end.
    """
    import fcntl  # noqa: PLC0415 - Windows, where this module can be imported, has none

    if not prefix.is_dir():
        raise UsageError(
            "there is no such prefix", where=str(prefix), hint="name the image's environment with --prefix"
        )
    if not any((prefix / sign).exists() for sign in _SIGNS):
        raise UsageError(
            "there is no Python environment in it", where=str(prefix), hint="name the image's environment with --prefix"
        )
    try:
        descriptor = os.open(prefix / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise UsageError(
            f"the prefix cannot be written: {error.strerror}", where=str(prefix), hint="run as its owner"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_event(ReplayEvent("check", Doing.WAITS, kind="milestone"))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
