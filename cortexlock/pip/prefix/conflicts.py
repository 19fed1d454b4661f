"""Image and lock together: which requirements do not hold, as `pip check` would find in the container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from cortexlock.formats.requirement import MarkerEnvironment, holds, parsed, unmarked
from cortexlock.model.package import Conflict

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Present:
    """A distribution in an environment: version and `Requires-Dist` values."""

    version: str
    requires: tuple[str, ...]


def broken(
    before: Mapping[str, Present], after: Mapping[str, Present], environment: Mapping[str, str]
) -> tuple[Conflict, ...]:
    """Return the conflicts that a lock brings or alters; those that the image had by itself are not the lock's.

    Args:
        before: What the image has, by normalized name.
        after: What is there once the lock is carried out, by normalized name.
        environment: The target's marker environment (PEP 508).

    Returns:
        The conflicts, sorted by package and requirement. What did not hold in the image either, and does not hold with
        another version now, is marked: the lock has not broken it.
    """
    known = list(_conflicts(before, environment))
    same = {_key(found) for found in known}
    already = {(found.package, found.version, found.requirement) for found in known}
    new = [
        replace(found, already=(found.package, found.version, found.requirement) in already)
        for found in _conflicts(after, environment)
        if _key(found) not in same
    ]
    return tuple(sorted(new, key=_key))


def _key(conflict: Conflict) -> tuple[str, str, str]:
    return conflict.package, conflict.requirement, conflict.found


def _conflicts(present: Mapping[str, Present], environment: Mapping[str, str]) -> Iterator[Conflict]:
    key = tuple(environment.items())
    for name, distribution in present.items():
        for text in distribution.requires:
            requirement = _applicable(text, key)
            if requirement is None:
                continue
            other = present.get(canonicalize_name(requirement.name))
            # Pre-releases count: what is installed is installed (pip check does the same).
            if other is None or not _is_met(requirement, other.version):
                found = other.version if other else ""
                yield Conflict(name, distribution.version, str(unmarked(text)), found)


def _applicable(text: str, environment: MarkerEnvironment) -> Requirement | None:
    """Parse a requirement; None where it is for an extra or another environment, or from before PEP 508."""
    try:
        return parsed(text) if holds(text, environment) else None
    except InvalidRequirement:
        return None


def _is_met(requirement: Requirement, version: str) -> bool:
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except ValueError:  # a version from before PEP 440
        return False


def with_changes(before: Mapping[str, Present], changes: Sequence[tuple[str, Present]]) -> dict[str, Present]:
    """Return an environment in which distributions are added or replaced."""
    return {**before, **dict(changes)}
