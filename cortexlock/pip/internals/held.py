"""A resolution in which some things hold without being asked for: what is frozen, and the image's own constraints.

Where there is no solution with them, the one without them tells who asks for a change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cortexlock.errors import NoSolutionError
from cortexlock.formats.requirement import parsed
from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.resolution.values import Held, ImpossibleError, Resolved, Root

if TYPE_CHECKING:
    from pip._internal.req import InstallRequirement

    from cortexlock.pip.internals.resolver import PipResolver
    from cortexlock.pip.resolution.request import PipRequest


def resolve(
    resolver: PipResolver, asked: Sequence[InstallRequirement], request: PipRequest, roots: Sequence[Root]
) -> tuple[Resolved, ...]:
    """Resolve what is asked for, with what is held.

    Raises:
        NoSolutionError: There is a solution, but not with what is held; who asks for a change is said.
        ImpossibleError: There is no solution, whatever is held.
        CortexlockError: As `PipResolver.resolve` does.
    """
    installed = request.installed
    texts = [each.text for each in request.held]
    constraints = pip_requirements.from_held(texts)
    try:
        return resolver.resolve((*asked, *constraints), installed=installed, preferences=request.preferences)
    except ImpossibleError:
        if not request.held:
            raise
        without = resolver.resolve(asked, installed=installed, preferences=request.preferences)
        versions = {dist.name: dist.version for dist in installed}
        found = _refusal(without, request, roots, versions)
        if found is None:
            raise
        raise found from None


def _refusal(
    chosen: Sequence[Resolved], request: PipRequest, roots: Sequence[Root], installed: Mapping[str, str]
) -> NoSolutionError | None:
    """Return the error that says which of what is held would change, and who asks for it."""
    markers = request.target.marker_environment
    by_name = {each.name: each for each in chosen}
    lines, where = [], None
    names = []
    for each in request.held:
        found = by_name.get(each.name)
        if found is None or _holds(each.text, found.version, markers):
            continue
        path = _path(found, by_name)
        root = next((root for root in roots if root.name == path[0].name), None)
        where = where or (root.place if root is not None and root.file else None)
        names.append(each.name)
        lines.append(f"  {_held(each, found, installed)}: {_asked(path, root, markers)}")
    if not lines:
        return None
    broken = [each.text for each in request.held if each.name in names and not each.frozen and names[0] == each.name]
    if broken and by_name[names[0]].version == installed.get(names[0]):
        what = f"{names[0]} {installed[names[0]]} is frozen, and the image has the constraint {broken[0]}"
        hint = f"do not freeze {names[0]}, or take it out of `constraints` in the predictor file"
        return NoSolutionError(what, where=where or request.label or request.file, hint=hint)
    frozen = all(each.frozen for each in request.held if each.name in names)
    what = "what is frozen would change" if frozen else "what the image holds fast would change"
    hint = f"ask for versions that can live with {names[0]} as it is"
    hint += ", or do not freeze it" if frozen else ", or take it out of `constraints` in the predictor file"
    return NoSolutionError(f"{what}:", details=lines, where=where or request.label or request.file, hint=hint)


def _held(held: Held, found: Resolved, installed: Mapping[str, str]) -> str:
    """Return what would become of what is held."""
    before = installed.get(held.name)
    if held.frozen:
        return f"{held.name} {before} -> {found.version}"
    there = f"{held.name} {before} -> {found.version}" if before else f"{held.name} {found.version}"
    return f"{there} (the image has the constraint {held.text})"


def _asked(path: Sequence[Resolved], root: Root | None, markers: Mapping[str, str]) -> str:
    """Return who asks for a package, from a line of the project on."""
    start = f"{root.place} asks for {root.text}" if root is not None and root.file else f"{path[0].name} is asked for"
    steps = [start]
    for parent, child in pairwise(path):
        steps.append(f"{parent.name} {parent.version} requires {_requirement(parent, child.name, markers)}")
    return ", ".join(steps)


def _requirement(parent: Resolved, name: str, markers: Mapping[str, str]) -> str:
    """Return what a distribution asks of another; the name where it can be read nowhere."""
    found = [text for text, one in _requirements(parent.requires) if canonicalize_name(one.name) == name]
    true = [text for text, one in _requirements(found) if one.marker is None or one.marker.evaluate(_as_extra(markers))]
    return (true or found or [name])[0].partition(";")[0].strip()


def _as_extra(markers: Mapping[str, str]) -> dict[str, str]:
    return {**markers, "extra": ""}


def _requirements(texts: Sequence[str]) -> Iterator[tuple[str, Requirement]]:
    for text in texts:
        try:
            requirement = parsed(text)
        except InvalidRequirement:
            continue
        yield text, requirement


def _path(found: Resolved, by_name: Mapping[str, Resolved]) -> list[Resolved]:
    """Return the shortest way from what the project asks for to a package."""
    waiting = deque([[found]])
    seen = {found.name}
    while waiting:
        path = waiting.popleft()
        if path[0].requested:
            return path
        for parent in path[0].parents:
            if parent in by_name and parent not in seen:
                seen.add(parent)
                waiting.append([by_name[parent], *path])
    return [found]


def _holds(text: str, version: str, markers: Mapping[str, str]) -> bool:
    """Whether a version is within what is held."""
    requirement = Requirement(text)
    if requirement.marker is not None and not requirement.marker.evaluate(_as_extra(markers)):
        return True
    try:
        return requirement.specifier.contains(version, prereleases=True)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False
