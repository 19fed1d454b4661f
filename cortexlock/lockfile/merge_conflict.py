"""A lockfile with the markers of a merge conflict: what its two sides say, as far as it can be read.

Such a lockfile is carried out by nobody. For a lock, versions of both sides are preferences: what they agree on stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cortexlock.formats.conflict_markers import MARKER
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, Step
from cortexlock.model.package import BuildRequirement, CondaPackage, PipPackage

if TYPE_CHECKING:
    from packaging.version import Version


def sides(text: str) -> tuple[str, str]:
    """Return what each side of a merge says; what was there before both (diff3) is left out."""
    ours: list[str] = []
    theirs: list[str] = []
    here: tuple[list[str], ...] = (ours, theirs)
    for line in text.splitlines(keepends=True):
        marker = MARKER.fullmatch(line.rstrip("\n"))
        if marker is None:
            for side in here:
                side.append(line)
            continue
        match marker["kind"][0]:
            case "<":
                here = (ours,)
            case "|":
                here = ()
            case "=":
                here = (theirs,)
            case _:
                here = (ours, theirs)
    return "".join(ours), "".join(theirs)


def merged(ours: Lockfile, theirs: Lockfile) -> Lockfile:
    """Return one lockfile of two, for its versions and settings: what only one has, and the newer of what both have."""
    steps = tuple(_merged_step(step, theirs) for step in ours.steps)
    names = {step.step for step in steps}
    return replace(
        ours,
        steps=(*steps, *(step for step in theirs.steps if step.step not in names)),
        exclude_newer=max(ours.exclude_newer, theirs.exclude_newer),
    )


def _merged_step(step: Step, theirs: Lockfile) -> Step:
    other = theirs.step(step.step)
    if isinstance(step, PipStep) and isinstance(other, PipStep):
        builds = _newest((*step.build_requirements, *other.build_requirements), lambda each: each.package)
        return replace(
            step,
            packages=_newest((*step.packages, *other.packages), lambda package: package),
            build_requirements=builds,
        )
    if isinstance(step, CondaStep) and isinstance(other, CondaStep):
        return replace(step, packages=_newest((*step.packages, *other.packages), lambda package: package))
    return step


_Entry = TypeVar("_Entry", CondaPackage, PipPackage, BuildRequirement)


def _newest(entries: Sequence[_Entry], package: Callable[[_Entry], CondaPackage | PipPackage]) -> tuple[_Entry, ...]:
    """Return one entry for each name, the one with the newest version, sorted by name."""
    found: dict[str, _Entry] = {}
    for entry in sorted(entries, key=lambda each: _order(package(each).version)):
        found[package(entry).name] = entry
    return tuple(_sorted(found))


def _sorted(found: dict[str, _Entry]) -> Iterator[_Entry]:
    return (found[name] for name in sorted(found))


def _order(version: str) -> tuple[bool, Version | str, str]:
    """Return what sorts versions: as pip does where all are valid, and before all others those that are not."""
    from packaging.version import Version  # noqa: PLC0415 - `check` does not pay for it

    try:
        return (True, Version(version), version)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return (False, version, version)
