"""What extras of an image's distributions are for: those that nobody installed say much, and nobody needs it.

An extra counts as installed if all that it asks for on the image's platform is there. A lock that is asked for another
one finds its requirements in the metadata that the index has of the same version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from cortexlock.formats.requirement import parsed
from cortexlock.model.predictor import Distribution

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class _ExtraRequirement:
    """A requirement of extras: as written, parsed, and the extras that it belongs to."""

    text: str
    requirement: Requirement
    extras: frozenset[str]


def without_others(distributions: Sequence[Distribution], markers: Mapping[str, str]) -> tuple[Distribution, ...]:
    """Return distributions without the extras that are not installed.

    What is on no index keeps them all: nobody else knows what they ask for.

    Args:
        distributions: All that is installed.
        markers: The marker environment of the image.
    """
    there = {one.name: one for one in distributions}
    asked = {one.name: _asked(one, markers) for one in distributions if one.on_index and one.extras}
    installed = {name: set().union(*(each.extras for each in texts)) for name, texts in asked.items()}
    changed = True
    while changed:  # extras can ask for each other: what is left at last holds together
        changed = False
        for name, texts in asked.items():
            lacking = {extra for each in texts if not _is_there(each, there, installed) for extra in each.extras}
            if installed[name] & lacking:
                installed[name] -= lacking
                changed = True
    return tuple(
        _only(one, asked[one.name], installed[one.name]) if one.name in asked else one for one in distributions
    )


def _asked(one: Distribution, markers: Mapping[str, str]) -> tuple[_ExtraRequirement, ...]:
    """Return the requirements that hold for an extra on the platform, and not without one."""
    found = []
    known: dict[str, frozenset[str]] = {}  # by marker: most requirements of an extra have the same
    for text in one.requires:
        try:
            requirement = parsed(text)
        except InvalidRequirement:
            continue
        marker = requirement.marker
        if marker is None or "extra" not in text:
            continue
        written = str(marker)
        if written not in known:
            known[written] = _extras_of(marker.evaluate, one.extras, markers)
        if known[written]:
            found.append(_ExtraRequirement(text, requirement, known[written]))
    return tuple(found)


def _extras_of(
    holds: Callable[[dict[str, str]], bool], extras: Sequence[str], markers: Mapping[str, str]
) -> frozenset[str]:
    """Return the extras for which a marker holds; none if it holds without one."""
    if holds({**markers, "extra": ""}):
        return frozenset()
    return frozenset(each for each in extras if holds({**markers, "extra": each}))


def _is_there(asked: _ExtraRequirement, there: Mapping[str, Distribution], installed: Mapping[str, set[str]]) -> bool:
    name = canonicalize_name(asked.requirement.name)
    one = there.get(name)
    if one is None:
        return False
    known = {canonicalize_name(extra): extra for extra in one.extras}
    wanted = {known[key] for extra in asked.requirement.extras if (key := canonicalize_name(extra)) in known}
    if not wanted <= installed.get(name, wanted):
        return False
    try:
        return asked.requirement.specifier.contains(one.version, prereleases=True)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False


def _only(one: Distribution, asked: Sequence[_ExtraRequirement], installed: set[str]) -> Distribution:
    """Return a distribution without the extras that are not installed, and what they ask for."""
    asking = {extra for each in asked for extra in each.extras}
    dropped = {each.text for each in asked if not each.extras & installed}
    return replace(
        one,
        requires=tuple(text for text in one.requires if text not in dropped),
        extras=tuple(extra for extra in one.extras if extra in installed or extra not in asking),
    )
