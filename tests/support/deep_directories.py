"""Directories that are nested deeper than Python's stack, and are gone again: pytest could not remove them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def deep(root: Path, depth: int) -> Iterator[None]:
    """Have so many directories, one in the other, below a directory; all are named `d`."""
    path = root
    for _ in range(depth):
        path /= "d"
        path.mkdir()
    try:
        yield
    finally:
        while path != root and path.is_dir():
            for entry in path.iterdir():
                entry.unlink()
            path.rmdir()
            path = path.parent
