"""The use case `verify`: all of a prefix against image and lockfile; nothing of it is run or changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cortexlock.model.lockfile import Lockfile
from cortexlock.replay.prefix.comparison import compare
from cortexlock.replay.prefix.problem import Comparison
from cortexlock.replay.prefix.receipt import read_receipt
from cortexlock.replay.prefix.state import read_state


def verify_prefix(lockfile: Lockfile, root: Path, environment: Mapping[str, str]) -> Comparison:
    """Compare a prefix with a lockfile and with the image that it is for, as `install` does.

    Where a replay was completed, what its receipt says was there beside image and lock, or not there any more, is a
    note: the script may install and remove what it likes.

    Args:
        lockfile: What was locked.
        root: The prefix.
        environment: Variables for its interpreter, which is asked for its version only if no file tells it.

    Raises:
        UsageError: It is no prefix with a Python.
        DifferenceError: A record of a package, or the receipt, cannot be read.
        IntegrityError: A record names files outside the prefix.
    """
    state = read_state(root, environment)
    return compare(lockfile, state, read_receipt(state.prefix.root))
