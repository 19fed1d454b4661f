"""What pip before 20.3 would install: of all requirements for a project, the one that it comes to first decides.

It goes through the project's lines in their order, then through what these require, and so on. What is installed stays
where it satisfies that first requirement. What else is asked of the project counts for nothing, and may be broken then.
pip goes through the requirements of one distribution in no certain order; where that would matter, nothing is said
here, nor of what comes after a distribution whose requirements nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.formats.requirement import holds, unmarked

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_NEVER = 1 << 30
_FIRST_THAT_REFUSES = Version("20.3")


@dataclass(frozen=True, slots=True)
class Taken:
    """A version that is taken, and the requirement that decided.

    Attributes:
        name: Normalized name.
        version: Version.
        requirement: The requirement.
        by: Normalized name of what requires it; empty for a line of the project.
    """

    name: str
    version: str
    requirement: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A distribution that lacks what it requires.

    Attributes:
        name: Normalized name.
        version: Version.
        requirement: What it requires.
        lacks: Normalized name of what it requires.
    """

    name: str
    version: str
    requirement: str
    lacks: str


@dataclass(frozen=True, slots=True)
class Index:
    """What is known of distributions.

    Attributes:
        installed: The image's versions, by normalized name.
        best: Returns the version that a finder takes for a name and a specifier; None: there is none.
        requires: Returns the `Requires-Dist` values of a name and a version; None: nobody knows.
        environment: The target's marker environment.
    """

    installed: Mapping[str, str]
    best: Callable[[str, SpecifierSet], str | None]
    requires: Callable[[str, str], Sequence[str] | None]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A requirement on its way: whose line leads to it, and who has it."""

    line: int
    by: str
    requirement: Requirement


class _Walk:
    """The levels of the requirements, one after the other."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.taken: dict[str, Taken] = {}
        self._seen: set[str] = set()
        self.known_until = _NEVER
        """Of the next level, only what leads from lines before this one is certain."""

    def level(self, asked: Sequence[_Asked]) -> list[_Asked]:
        """Decide about the names that are new; return what they require in turn, as far as that is certain."""
        by_name: dict[str, list[_Asked]] = {}
        for each in asked:
            by_name.setdefault(canonicalize_name(each.requirement.name), []).append(each)
        by_name = {name: found for name, found in by_name.items() if name not in self._seen}
        self._seen.update(by_name)
        children: list[_Asked] = []
        for name, found in by_name.items():
            first = min(each.line for each in found)
            if not self._decide(name, [each for each in found if each.line == first], children):
                self.known_until = min(self.known_until, first)
        return [each for each in children if each.line < self.known_until]

    def _decide(self, name: str, deciding: Sequence[_Asked], children: list[_Asked]) -> bool:
        """Take the version that each of these leads to; False: they lead to several, or nobody knows what follows."""
        outcomes = {(self._version(name, each.requirement), frozenset(each.requirement.extras)) for each in deciding}
        version, extras = next(iter(outcomes))
        if len(outcomes) > 1 or version is None:
            return False
        self.taken[name] = Taken(name, version, str(deciding[0].requirement), deciding[0].by)
        requires = self._index.requires(name, version)
        if requires is None:
            return False
        line, environment = deciding[0].line, self._index.environment
        children += [_Asked(line, name, each) for each in _holding(requires, extras, environment)]
        return True

    def _version(self, name: str, requirement: Requirement) -> str | None:
        there = self._index.installed.get(name)
        if there is not None and requirement.specifier.contains(there, prereleases=True):
            return there
        return self._index.best(name, requirement.specifier)


def is_way_of(pip: str) -> bool:
    """Whether a version of pip resolves so: it refuses nothing."""
    return Version(pip) < _FIRST_THAT_REFUSES


def walk(lines: Sequence[Requirement], index: Index) -> dict[str, Taken]:
    """Return what is certainly taken, by normalized name.

    Args:
        lines: The project's requirements in their order, those whose markers hold.
        index: What is known.
    """
    found = _Walk(index)
    asked = [_Asked(number, "", line) for number, line in enumerate(lines)]
    while asked:
        was_certain = found.known_until == _NEVER
        asked = found.level(asked)
        if not was_certain:  # what is not known may come before anything of the levels below
            break
    return found.taken


def broken(taken: Mapping[str, Taken], index: Index, names: Sequence[str]) -> tuple[Broken, ...]:
    """Return which of what is taken lacks something, where one of the two is among some names, sorted.

    Args:
        taken: What `walk` returns.
        index: What is known.
        names: Normalized names.
    """
    found = []
    for each in taken.values():
        for asked in _holding(index.requires(each.name, each.version) or (), frozenset(), index.environment):
            name = canonicalize_name(asked.name)
            there = taken[name].version if name in taken else None
            is_about = name in names or each.name in names
            if is_about and there is not None and not asked.specifier.contains(there, prereleases=True):
                found.append(Broken(each.name, each.version, str(asked), name))
    return tuple(sorted(found, key=lambda one: (one.lacks, one.name)))


def _holding(requires: Sequence[str], extras: frozenset[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """Yield the requirements whose markers hold, without these."""
    key = tuple(environment.items())
    for text in requires:
        try:
            found = unmarked(text) if holds(text, key, extras) else None
        except InvalidRequirement:
            continue
        if found is not None:
            yield found
