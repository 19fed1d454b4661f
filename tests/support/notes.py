"""The notes of a lock, as the command line says them."""

from __future__ import annotations

from cortexlock.cli.lock_words import words
from cortexlock.lock.locked import Locked


def notes_of(locked: Locked) -> tuple[str, ...]:
    """Return what a lock has to tell, in words."""
    return tuple(words(note) for note in locked.notes)
