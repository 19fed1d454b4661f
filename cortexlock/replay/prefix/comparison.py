"""A prefix against a lockfile: names, versions and files, of conda and of pip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.conda import prefix as conda_prefix
from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage, PipPackage
from cortexlock.pip.prefix.comparison import verify
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.prefix.state import State

_SHOWN = 5
"""Overlapping files that a note names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How a prefix differs from a lockfile, and what of it is worth a note only."""

    differences: tuple[str, ...]
    notes: tuple[str, ...] = ()


def compare(lockfile: Lockfile, state: State, wheels: Mapping[str, Path] | None = None) -> Verified:
    """Compare a prefix with a lockfile.

    What a later step replaces is compared as that step leaves it.

    Args:
        lockfile: What was locked.
        state: What is there.
        wheels: Wheels that were installed, by normalized name, for a comparison with their own lists of files.
    """
    distributions = lockfile.final_distributions()
    differences = (
        *(f"pip {line}" for line in verify(state.prefix, tuple(distributions.values()), wheels)),
        *compare_conda(lockfile, state),
    )
    return Verified(tuple(sorted(differences)), (*overlaps(state.distributions, state), *clobbers(state)))


def compare_conda(lockfile: Lockfile, state: State) -> tuple[str, ...]:
    """Compare the conda packages of a prefix with a lockfile, and return the differences, sorted.

    Packages of which a later step installs another version are left out.
    """
    return tuple(sorted(f"conda {line}" for lines in conda_problems(lockfile, state).values() for line in lines))


def conda_problems(lockfile: Lockfile, state: State) -> dict[str, tuple[str, ...]]:
    """Return what `compare_conda` finds, by name of the package."""
    distributions = lockfile.final_distributions()
    actual = conda_prefix.metadata_of(state.prefix.root)
    packages = [
        each
        for step in lockfile.conda_steps
        for each in step.packages
        if not _is_replaced(each, distributions, actual.get(each.name, ()))
    ]
    return conda_prefix.problems(state.prefix.root, packages) if packages else {}


def refuse_differences(verified: Verified) -> None:
    """Refuse a prefix that differs.

    Raises:
        DifferenceError: The message lists all differences.
    """
    if verified.differences:
        lines = "\n".join(f"  {line}" for line in verified.differences)
        raise DifferenceError(
            f"The prefix is not as locked:\n{lines}",
            hint="install again; if that does not help, start from a fresh copy of the image",
        )


def _is_replaced(package: CondaPackage, distributions: Mapping[str, PipPackage], actual: Iterable[str]) -> bool:
    """Whether a step of pip's installs another version of what a conda package brings: as locked, or as it really does.

    The two differ where a distribution's files are in a package of another name, as numpy's are in numpy-base.
    """
    names = {*(key.name for key in package.brings), *map(canonicalize_name, actual)}
    return any(name in distributions and distributions[name].action != "keep" for name in names)


def clobbers(state: State) -> Iterator[str]:
    """Yield notes of files that two conda packages have."""
    for name, path in conda_prefix.clobbered(state.prefix.root):
        yield f"{path} of the conda package {name} was not linked: another conda package has it too"


def overlaps(distributions: Iterable[str], state: State) -> Iterator[str]:
    """Yield notes of files that belong to conda and to pip."""
    site = state.prefix.site.relative_to(state.prefix.root).as_posix()
    for name in distributions:
        for distribution in state.of_pip(name):
            files = [f"{site}/{file.recorded}" for file in recorded(distribution) or ()]
            common = sorted(set(files) & state.conda_files)
            if common:
                shown = ", ".join(common[:_SHOWN])
                more = f" and {len(common) - _SHOWN} more" if len(common) > _SHOWN else ""
                yield f"{name} has files that conda packages have too: {shown}{more}"
