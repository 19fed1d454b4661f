"""Directories and all that is below them, however deep: what a stranger made may be deeper than Python's stack."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def scanned(
    root: Path, *, enters: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Yield the entries of a directory and of those below it; links are not followed, what cannot be read is empty.

    `os.walk` does the same, and calls itself for each level before Python 3.12.

    Args:
        root: The directory.
        enters: Whether to look into one, by its path relative to the root.

    Yields:
        Each directory's path relative to the root, with `/` at its end, empty for the root itself; and its entries.
    """
    left = [""]
    while left:
        inside = left.pop()
        try:
            with os.scandir(f"{root}/{inside}") as found:
                entries = list(found)
        except OSError:
            continue
        yield inside, entries
        paths = [f"{inside}{entry.name}" for entry in entries if entry.is_dir(follow_symlinks=False)]
        left += [f"{path}/" for path in paths if enters(path)]
