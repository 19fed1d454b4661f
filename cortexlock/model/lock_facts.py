"""What a lock has to tell besides the lockfile, as values: `cli/lock_words.py` has the words."""

from __future__ import annotations

from typing import TypeAlias

from cortexlock.model.stale_facts import StaleReason
from cortexlock.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class WillBeStale:
    """`check` will call a lockfile stale: an option of the command line, which is gone by then, decided."""

    lockfile: str
    reason: StaleReason


Note: TypeAlias = WillBeStale | str
"""A text is what a reader of a file, or a program, has to say."""
