"""What a resolution found out and a lockfile has no place for: facts that the user should know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cortexlock.model.package import PipPackage
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.resolution.locked_package import place_of
from cortexlock.pip.resolution.values import MovedPreference, OwnPip, PassedOver, Resolved, Unhashed


@dataclass(frozen=True, slots=True)
class Unsuited:
    """What the build of `name`, in the prefix, declares to need, and the version that it finds there instead."""

    name: str
    requirement: str
    found: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be said of a resolution.

    Attributes:
        ambiguous: Name, index and other indexes of what more than one index offers: pip takes the best version of any.
        undated: The alias of each index and page that the cut-off date does not hold for, with the names of what is
            locked from there.
        passed_over: Files of what was chosen that could have been chosen, and could not be read.
        moved: Locked versions that have no file for the target any more.
        unknown_extras: Name, version and the extra that was asked for and that there is none of.
        unhashed: What the image's pip refuses, as others have hashes.
        unsuited: What builds in the prefix find there in another version than they ask for.
        own_pip: What the image's own pip would have left otherwise.
    """

    ambiguous: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    undated: tuple[tuple[str, tuple[str, ...]], ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    moved: tuple[MovedPreference, ...] = ()
    unknown_extras: tuple[tuple[str, str, str], ...] = ()
    unhashed: tuple[Unhashed, ...] = ()
    unsuited: tuple[Unsuited, ...] = ()
    own_pip: tuple[OwnPip, ...] = ()


def ambiguous(
    chosen: Sequence[Resolved], pages: Callable[[str], Sequence[str]], places: Sequence[Location]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield name, index, and the other indexes, of what more than one index has.

    Args:
        chosen: What was chosen.
        pages: Returns the pages that have files of a project.
        places: The indexes and find-links locations.
    """
    for found in chosen:
        own = place_of(found.page, places) if found.page else None
        if own is not None and own.kind == "index":
            there = (place_of(page, places) for page in pages(found.name))
            others = {place.alias for place in there if place is not None and place.kind == "index"} - {own.alias}
            if others:
                yield found.name, own.alias, tuple(sorted(others))


def undated(packages: Sequence[PipPackage], places: Sequence[Location]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the aliases that the cut-off date does not hold for, with the names of what is locked from there."""
    names = {
        place.alias: tuple(sorted({package.name for package in packages if package.alias == place.alias}))
        for place in places
        if place.is_undated
    }
    return tuple((alias, found) for alias, found in names.items() if found)


def of_chosen(chosen: Sequence[Resolved], found: Sequence[PassedOver]) -> tuple[PassedOver, ...]:
    """Return the files that were passed over for those that were chosen."""
    names = {resolved.name for resolved in chosen if not resolved.installed}
    return tuple(each for each in found if each.name in names)


def unknown_extras(chosen: Sequence[Resolved]) -> tuple[tuple[str, str, str], ...]:
    """Return name, version and extra of what was asked for and is not there."""
    return tuple((found.name, found.version, extra) for found in chosen for extra in found.unknown_extras)
