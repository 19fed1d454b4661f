"""Requirements (PEP 508), each text parsed once: what an image requires is looked at many times in one lock."""

from __future__ import annotations

from functools import lru_cache

from packaging.requirements import Requirement


@lru_cache(maxsize=8192)
def parsed(text: str) -> Requirement:
    """Parse a requirement, which nobody may change.

    Raises:
        InvalidRequirement: It is none.
    """
    return Requirement(text)
