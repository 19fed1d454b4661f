"""What a replay has to remove before something else takes its place, and whether that can be done."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cortexlock.conda import prefix as conda_prefix
from cortexlock.errors import DifferenceError
from cortexlock.model.package import CondaPackage
from cortexlock.pip.prefix.distributions import InstalledDistribution
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State


def replaced_by_conda(packages: Sequence[CondaPackage], state: State) -> set[str]:
    """Return the names of distributions that pip installed and that conda packages bring anew."""
    return {key.name for package in packages for key in package.removes if state.of_pip(key.name)}


def reinstalled_over(names: Collection[str], state: State) -> list[InstalledDistribution]:
    """Return the distributions of conda packages that pip has installed anew, in the place where conda had them.

    pip's list then names files that conda does not know of and would leave; compiled files are nobody's.

    Args:
        names: The conda packages.
        state: The prefix.
    """
    owners = conda_prefix.owners(state.prefix.root)
    root = state.prefix.root
    found = []
    for distribution in (each for several in state.distributions.values() for each in several):
        if state.is_of_conda(distribution) and _owner(distribution, owners, root) in names:
            paths = [Path(os.path.normpath(file.path)) for file in recorded(distribution) or ()]
            unknown = (each for each in paths if each.suffix != ".pyc" and each.is_file())
            if any(each.is_relative_to(root) and each.relative_to(root).as_posix() not in owners for each in unknown):
                found.append(distribution)
    return found


def _owner(distribution: InstalledDistribution, owners: Mapping[str, str], root: Path) -> str | None:
    """Return the conda package that has the metadata of a distribution."""
    path = distribution.metadata.relative_to(root).as_posix()
    found = (owners.get(each) for each in (path, f"{path}/METADATA", f"{path}/PKG-INFO"))
    return next((each for each in found if each), None)


def is_remains(distribution: InstalledDistribution) -> bool:
    """Whether it has metadata and no list of its files, as an installation leaves it that was killed."""
    return distribution.metadata.suffix == ".dist-info" and recorded(distribution) is None


def check_replaceable(planned: Plan, state: State, receipt: Receipt | None) -> None:
    """Refuse, before anything is touched, what would have to remove a distribution that nobody can remove.

    A distribution without a list of its files is no obstacle where a replay was ended half-way: it is what that left.

    Args:
        planned: What is left to do.
        state: The prefix.
        receipt: Of the last replay in it.

    Raises:
        DifferenceError: The message lists the distributions.
    """
    half_way = receipt is not None and receipt.state == "started"
    lines = [
        f"  {distribution.name} {distribution.version} ({distribution.metadata.name})"
        for distribution in _to_remove(planned, state)
        if not (half_way and is_remains(distribution))
    ]
    if lines:
        raise DifferenceError(
            "Distributions that must give way have no list of their files and cannot be removed:",
            details=sorted(set(lines)),
            hint="remove them from the image, or install them there with pip, or pin the project to these versions",
        )


def check_removable(strangers: Iterable[Problem], state: State) -> None:
    """Refuse to remove distributions that nobody can remove.

    Args:
        strangers: What is to be removed.
        state: The prefix.

    Raises:
        DifferenceError: The message lists the distributions.
    """
    names = [each.package for each in strangers if each.kind == "package" and each.manager == "pip"]
    lines = [
        f"  {each.name} {each.version} ({each.metadata.name})"
        for name in names
        for each in state.of_pip(name)
        if recorded(each) is None
    ]
    if lines:
        raise DifferenceError(
            "Distributions that are in neither image nor lockfile have no list of their files and cannot be removed:",
            details=sorted(lines),
            hint="remove them by hand, or accept them with --allow-drift",
        )


def _to_remove(planned: Plan, state: State) -> Iterator[InstalledDistribution]:
    """Yield the distributions that are in the way and cannot be removed by who replaces them."""
    for name in planned.stale:
        yield from (each for each in state.of_pip(name) if recorded(each) is None)
    for step in planned.steps:
        for name in replaced_by_conda(step.conda, state):
            yield from (each for each in state.of_pip(name) if recorded(each) is None)
        for package in step.pip:
            for each in state.of_pip(package.name):
                # An .egg-info that is a file is what distutils left; of a directory, top_level.txt names the modules.
                if each.metadata.is_file() or is_remains(each):
                    yield each
