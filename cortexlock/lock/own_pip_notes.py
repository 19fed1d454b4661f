"""What a lock has to say of the image's own pip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cortexlock.pip.resolution.values import OwnPip

_SHOWN = 8
"""Packages that are named."""


def of_versions(found: Sequence[OwnPip]) -> tuple[str, ...]:
    """Say what the image's own pip would have left, and what that would have broken."""
    notes = []
    for each in found[:_SHOWN]:
        said = "; ".join(
            f"{name} {version}, which requires {requirement}" for name, version, requirement in each.broken
        )
        instead = f" in place of {each.locked}" if each.locked else ""
        notes.append(
            f"the image's own pip {each.pip} takes what it comes to first, and would leave {each.name} "
            f"{each.version}{instead}{f'; broken then: {said}' if said else ''}"
        )
    notes += [f"the image's own pip would leave {len(found) - _SHOWN} more otherwise"] if len(found) > _SHOWN else []
    return tuple(notes)
