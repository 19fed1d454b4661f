"""Versions as PEP 440 has them."""

from __future__ import annotations


def is_version(text: str) -> bool:
    """Whether a text is a version."""
    from packaging.version import Version  # noqa: PLC0415 - `check` does not pay for it

    try:
        Version(text)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False
    return True
