"""What a lockfile calls the indexes and find-links pages that the project gives no name: it has no URL of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, TypeAlias

from cortexlock.patterns import pattern

DEFAULT_INDEX = "default"
"""The primary index: PyPI, or the mirror that the user names when locking or replaying."""

DeclaredIn: TypeAlias = Literal["extra", "pip-extra", "links", "pip-links"]
"""Where one is named: indexes and find-links of a requirements file, and of the user's pip configuration (`pip-`)."""

_NUMBERED = pattern(r"(?:pip-)?(?:extra|links)-\d+")


def numbered(declared: DeclaredIn, number: int, taken: Collection[str]) -> tuple[str, int]:
    """Return a free alias, `extra-1`, from a number on, and the number that it has."""
    while f"{declared}-{number}" in taken:
        number += 1
    return f"{declared}-{number}", number


def is_made_up(alias: str) -> bool:
    """Whether an alias of a lockfile is one that no project has to give."""
    return alias == DEFAULT_INDEX or _NUMBERED.fullmatch(alias) is not None
