"""What builds wait for: build requirements that are built themselves, and what the prefix must have first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from cortexlock.model.package import BuildRequirement, PipPackage


def needed_for(names: Collection[str], requirements: Sequence[BuildRequirement]) -> tuple[BuildRequirement, ...]:
    """Return what the builds of some packages need, what is built for them in turn included, in the given order."""
    needing = set(names)
    while True:
        found = tuple(each for each in requirements if not needing.isdisjoint(each.needed_by))
        more = {each.needing for each in found if each.package.needs_build} - needing
        if not more:
            return found
        needing |= more


def built_in_prefix(packages: Iterable[PipPackage]) -> tuple[PipPackage, ...]:
    """Return what is built without isolation, in the order in which that is done: after all other distributions.

    Each comes after what its build needs and after what it requires itself; where these go round in a circle, what its
    build needs counts.
    """
    left = {each.name: each for each in packages if each.no_build_isolation and each.needs_build}
    needs = {name: [need for need in package.builds_with if need in left] for name, package in left.items()}
    for name in sorted(left):
        required = sorted(each.name for each in left.values() if name in each.by)
        needs[name] += [need for need in required if name not in _reached(need, needs)]
    found: dict[str, PipPackage] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        for need in needs[name]:
            if need not in found and need not in above:
                add(need, (*above, name))
        found.setdefault(name, left[name])

    for name in sorted(left):
        add(name, ())
    return tuple(found.values())


def _reached(start: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        more = set(needs[waiting.pop()]) - found
        found |= more
        waiting += more
    return found


def build_context(package: PipPackage, packages: Iterable[PipPackage]) -> frozenset[str]:
    """Return the names of the distributions of a step that a build without isolation is made for and with."""
    required = {each.name for each in packages if package.name in each.by}
    return frozenset(required | set(package.builds_with))
