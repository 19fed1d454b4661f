"""What a lock has to tell, in words."""

from __future__ import annotations

from cortexlock.cli import stale_words
from cortexlock.model import lock_facts as facts


def words(note: facts.Note) -> str:
    """Return a note as one line; what is text already as it is."""
    match note:
        case str():
            return note
        case facts.WillBeStale(lockfile, reason):
            said = stale_words.words(reason.fact)
            return f"{reason.file}: {said}: `check` calls {lockfile} stale unless the file says the same"
