"""Which build requirements a build needs, where some of these are built themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cortexlock.model.package import BuildRequirement


def needed_for(names: Collection[str], requirements: Sequence[BuildRequirement]) -> tuple[BuildRequirement, ...]:
    """Return what the builds of some packages need, what is built for them in turn included, in the given order."""
    needing = set(names)
    while True:
        found = tuple(each for each in requirements if not needing.isdisjoint(each.needed_by))
        more = {each.needing for each in found if each.package.needs_build} - needing
        if not more:
            return found
        needing |= more
