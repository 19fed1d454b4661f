"""How versions of distributions compare."""

from __future__ import annotations

from packaging.version import Version


def same_version(one: str, other: str) -> bool:
    """Whether two versions are equal (PEP 440), also if one is written in another way or is none at all."""
    try:
        return Version(one) == Version(other)
    except ValueError:  # or one that has more digits than Python reads
        return one == other
