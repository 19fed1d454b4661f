"""What a resolution will probably look at next: a guess at what to fetch ahead of it, never a decision.

A guess that is wrong costs a request, no more: pip's resolver asks for what it needs by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.formats.requirement import parsed
from cortexlock.pip.indexes.page_filter import File
from cortexlock.pip.metadata.requirements import readable_or_name
from cortexlock.pip.resolution.values import Preference

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_SDIST = re.compile(r"(?P<name>.+)-(?P<version>\d[^-]*)\.(?:tar\.gz|zip|tar\.bz2|tgz)")


@dataclass(frozen=True, slots=True)
class Likely:
    """A file that a resolution will probably look into, and its version."""

    file: File
    version: str
    wheel: bool


@dataclass(frozen=True, slots=True)
class Guesses:
    """Guesses for one target.

    Attributes:
        python: The target's version of Python.
        ranks: Tags of the target's wheels, the best with the lowest number.
        markers: The target's marker environment.
    """

    python: str
    ranks: Mapping[str, int]
    markers: Mapping[str, str]
    _versions: dict[str, Version | None] = field(default_factory=dict)
    _pythons: dict[str, bool] = field(default_factory=dict)

    def best(self, files: Sequence[File], specifier: SpecifierSet, preferred: str = "") -> Likely | None:
        """Return the file of a project that is likely to be chosen; None where that is hard to tell.

        Args:
            files: The files of its page that can be candidates.
            specifier: The versions that will do.
            preferred: A version that goes before all others.
        """
        by_version: dict[Version, list[tuple[int, Likely]]] = {}
        for file in files:
            named = self._named(str(file.get("filename") or "")) if not file.get("yanked") else None
            version = self._version(named[0]) if named else None
            if named is not None and version is not None:
                likely = Likely(file, named[0], named[1] is not None)
                by_version.setdefault(version, []).append((len(self.ranks) if named[1] is None else named[1], likely))
        for version in sorted(by_version, key=lambda each: (str(each) == preferred, each), reverse=True):
            if version.is_prerelease and str(version) != preferred and not specifier.prereleases:
                continue
            fitting = [each for each in by_version[version] if self._runs(each[1].file)]
            if fitting and specifier.contains(version, prereleases=True):
                return min(fitting, key=lambda each: each[0])[1]
        return None

    def needed(self, requires: Sequence[str], extras: Sequence[str]) -> Iterator[Requirement]:
        """Yield those requirements of a distribution that hold for the target, with some of its extras.

        Args:
            requires: Its `Requires-Dist` values.
            extras: The extras that are asked for.
        """
        for text in requires:
            with suppress(InvalidRequirement, ValueError):
                requirement = parsed(readable_or_name(text) or text)
                marker = requirement.marker
                if marker is None or any(marker.evaluate({**self.markers, "extra": extra}) for extra in (*extras, "")):
                    yield requirement

    def _named(self, name: str) -> tuple[str, int | None] | None:
        """Return version and rank of a wheel, or version and None of an sdist; None for what is neither."""
        if not name.endswith(".whl"):
            match = _SDIST.fullmatch(name)
            return (match["version"], None) if match else None
        parts = name[: -len(".whl")].split("-")
        if len(parts) not in {5, 6}:
            return None
        tags = (
            f"{p}-{a}-{s}" for p in parts[-3].split(".") for a in parts[-2].split(".") for s in parts[-1].split(".")
        )
        ranks = [self.ranks[tag] for tag in tags if tag in self.ranks]
        return (parts[1], min(ranks)) if ranks else None

    def _version(self, text: str) -> Version | None:
        if text not in self._versions:
            try:
                self._versions[text] = Version(text)
            except ValueError:  # `InvalidVersion`, or a number with thousands of digits
                self._versions[text] = None
        return self._versions[text]

    def _runs(self, file: File) -> bool:
        text = str(file.get("requires-python") or "")
        if text not in self._pythons:
            try:
                self._pythons[text] = SpecifierSet(text).contains(self.python)
            except InvalidSpecifier:
                self._pythons[text] = False
        return self._pythons[text]


@dataclass(slots=True)
class Wish:
    """What is wanted of a project so far: the versions that will do, its extras, and what was guessed at.

    `seen` tells whether it was asked for, and not only constrained.
    """

    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    extras: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    seen: bool = False

    def add(self, requirement: Requirement) -> bool:
        """Take one more requirement, and tell whether it says anything new."""
        before = str(self.specifier), len(self.extras)
        self.specifier &= requirement.specifier
        self.extras |= {canonicalize_name(extra) for extra in requirement.extras} | set(requirement.extras)
        return before != (str(self.specifier), len(self.extras))


def foreseen(names: Collection[str], previous: Mapping[str, Preference]) -> frozenset[str]:
    """Return what a previous lock has for the sake of names, directly or not; not what nobody asks for.

    Args:
        names: Normalized names that are asked for now.
        previous: What was locked.
    """
    for_whom: dict[str, list[str]] = {}
    for name, preference in previous.items():
        for asker in preference.by:
            for_whom.setdefault(canonicalize_name(asker), []).append(name)
    found: set[str] = set()
    coming = [name for name in names if name in previous]
    while coming:
        name = coming.pop()
        if name not in found:
            found.add(name)
            coming += for_whom.get(name, ())
    return frozenset(found)
