"""Files that were verified before the first step, when they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cortexlock.errors import IntegrityError, StepError
from cortexlock.replay.supply.cache import refuse_altered


@contextmanager
def unaltered(files: Iterable[tuple[Path, str]]) -> Iterator[None]:
    """Run what compares the hashes of files by itself: where it fails, say whether it is for that.

    Args:
        files: Paths, and the sha256 of each.

    Raises:
        IntegrityError: It failed, and a file has other bytes now.
    """
    try:
        yield
    except (StepError, IntegrityError):
        refuse_altered(files)
        raise
