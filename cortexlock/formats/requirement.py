"""Requirements (PEP 508), each text parsed once: what an image requires is looked at many times in one lock."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from cortexlock.formats.versions import is_bounded

MarkerEnvironment: TypeAlias = tuple[tuple[str, str], ...]
"""A marker environment (PEP 508) as pairs, which can be a key."""


@lru_cache(maxsize=8192)
def parsed(text: str) -> Requirement:
    """Parse a requirement, which nobody may change.

    Raises:
        InvalidRequirement: It is none, or one that nobody writes: it has a hundred brackets or a thousand digits.
    """
    if not is_bounded(text):
        raise InvalidRequirement("it has more brackets or digits than any requirement")
    return Requirement(text)


@lru_cache(maxsize=8192)
def unmarked(text: str) -> Requirement:
    """Parse a requirement as `parsed` does, and leave its marker out.

    Raises:
        InvalidRequirement: It is none.
    """
    found = Requirement(text)  # `copy.copy` of one parses it anew, too
    found.marker = None
    return found


@lru_cache(maxsize=8192)
def holds(text: str, environment: MarkerEnvironment, extras: frozenset[str] = frozenset()) -> bool:
    """Whether the marker of a requirement holds: without any extra, or with one of some.

    One that compares what cannot be compared (`os_name ~= "posix"`) does not.

    Raises:
        InvalidRequirement: It is none.
    """
    marker = parsed(text).marker
    try:
        return marker is None or any(
            marker.evaluate({**dict(environment), "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (ValueError, RecursionError):
        return False
