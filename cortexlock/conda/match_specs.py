"""The name in a MatchSpec, as records of channels and of environments write what they depend on."""

from __future__ import annotations

from cortexlock.patterns import pattern

_NAME = pattern(r"\s*(?:\S*::)?(?P<name>[^\s=<>!~\[:]+)")


def name_of(spec: str) -> str:
    """Return the name in a MatchSpec, without channel and conditions; empty where it has none."""
    match = _NAME.match(spec)
    return match["name"] if match else ""
