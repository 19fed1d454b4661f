"""What an image's own pip would have left, where it is one of those that refuse nothing: see `first_come`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from pip._internal.exceptions import PipError
from pip._internal.req.constructors import install_req_from_line
from pip._vendor.packaging import specifiers as pip_specifiers

from cortexlock.errors import CortexlockError
from cortexlock.model.predictor import Distribution
from cortexlock.pip.internals.requirements import place
from cortexlock.pip.resolution import first_come
from cortexlock.pip.resolution.request import PipRequest
from cortexlock.pip.resolution.values import OwnPip, Resolved

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from pip._internal.models.candidate import InstallationCandidate
    from pip._internal.req import InstallRequirement

    from cortexlock.pip.internals.target import TargetRepository

    Find = Callable[..., Any]


class _View:
    """The index as a resolution has come to know it."""

    def __init__(self, find: Find, factory: Any, chosen: Sequence[Resolved], installed: Sequence[Distribution]) -> None:  # noqa: ANN401 - pip's
        """Keep what is known.

        Args:
            find: The finder's `find_best_candidate`.
            factory: The resolver's factory.
            chosen: What the resolution chose.
            installed: What the image has.
        """
        self._find = find
        self._make = factory._make_candidate_from_link  # noqa: SLF001 - pip has no other way
        self._requires: dict[tuple[str, str], Sequence[str] | None] = {
            **{(each.name, each.version): each.requires for each in installed},
            **{(each.name, each.version): each.requires for each in chosen},
        }
        self._direct = {each.name: each.version for each in chosen if not each.installed and not each.page}

    def best(self, name: str, specifier: SpecifierSet) -> str | None:
        """Return the version that the finder takes."""
        if name in self._direct:  # a URL, a tree or a file: nothing else was looked for
            return self._direct[name]
        candidate = self._candidate(name, str(specifier))
        return str(candidate.version) if candidate else None

    def requires(self, name: str, version: str) -> Sequence[str] | None:
        """Return what a version requires: of sdists only what is known already, as a guess is not worth a build."""
        if (name, version) not in self._requires:
            self._requires[name, version] = self._read(name, version)
        return self._requires[name, version]

    def _read(self, name: str, version: str) -> Sequence[str] | None:
        candidate = self._candidate(name, f"=={version}")
        if candidate is None or not candidate.link.is_wheel:
            return None
        template = install_req_from_line(f"{name}=={version}")
        try:
            made = self._make(
                candidate.link, extras=frozenset(), template=template, name=candidate.name, version=candidate.version
            )
            return None if made is None else tuple(made.dist.metadata.get_all("Requires-Dist") or ())
        except (CortexlockError, PipError):
            return None

    def _candidate(self, name: str, specifier: str) -> InstallationCandidate | None:
        found = self._find(name, specifier=pip_specifiers.SpecifierSet(specifier))
        candidate: InstallationCandidate | None = found.best_candidate
        return candidate


def would_leave(  # noqa: PLR0913, PLR0917 - what decides
    repository: TargetRepository,
    find: Find,
    requirements: Sequence[InstallRequirement],
    chosen: Sequence[Resolved],
    installed: Sequence[Distribution],
    request: PipRequest,
) -> tuple[OwnPip, ...]:
    """Return what the image's own pip would have left otherwise, by name; nothing where that is not certain.

    Args:
        repository: Has the factory of the last resolution.
        find: The finder's method, with preferences.
        requirements: What the project asks for, constraints included, in any order.
        chosen: What the resolution chose.
        installed: What the image has.
        request: What was to be resolved.
    """
    versions = {each.name: each.version for each in installed}
    pip = versions.get("pip")
    lines = None if request.held else _lines(requirements, request)  # no pip knows what is held
    if pip is None or not first_come.is_way_of(pip) or lines is None:
        return ()
    view = _View(find, repository.factory, chosen, installed)
    index = first_come.Index(versions, view.best, view.requires, request.target.marker_environment)
    taken = first_come.walk(lines, index)
    ours = {each.name: each.version for each in chosen}
    others = [each for each in taken.values() if ours.get(each.name) != each.version]
    lacking = first_come.broken(taken, index, [each.name for each in others])
    return tuple(
        OwnPip(
            pip,
            each.name,
            each.version,
            ours.get(each.name, ""),
            tuple((one.name, one.version, one.requirement) for one in lacking if each.name in {one.lacks, one.name}),
        )
        for each in sorted(others, key=lambda one: one.name)
    )


def _lines(requirements: Sequence[InstallRequirement], request: PipRequest) -> list[Requirement] | None:
    """Return the project's requirements in their order; None where pip has further rules for some, or refuses them."""
    order: dict[tuple[str, int | None], int] = {
        (line.file, line.number): index for index, line in enumerate(request.requirements.lines)
    }
    placed = [(order.get(place(each.comes_from, request.project)), each) for each in requirements]
    if any(index is None for index, _ in placed):
        return None
    found: dict[str, Requirement] = {}
    for _, each in sorted(placed, key=lambda one: one[0] or 0):
        if each.constraint or each.hash_options or each.name is None:
            return None
        if not each.match_markers():
            continue
        try:
            line = Requirement(f"{each.name}{_extras(each)}{each.specifier if each.req else ''}")
        except InvalidRequirement:
            return None
        name = canonicalize_name(each.name)
        if name in found and (found[name].specifier, found[name].extras) != (line.specifier, line.extras):
            return None
        found.setdefault(name, line)
    return list(found.values())


def _extras(requirement: InstallRequirement) -> str:
    return f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
