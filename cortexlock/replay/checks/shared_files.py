"""Files that more than one package has: found in the listings of verified archives, before anything is touched."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from cortexlock.conda import prefix as conda_prefix
from cortexlock.conda.archive import Listing
from cortexlock.errors import IntegrityError
from cortexlock.model.counts import counted
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.replay_facts import SharedFiles
from cortexlock.model.target import minor_of
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.checks.replaceable import replaced_by_conda
from cortexlock.replay.plan import Plan, PlannedStep
from cortexlock.replay.prefix.state import State


def foreseen(planned: Plan, listings: Mapping[str, Listing], state: State, *, python: str) -> tuple[SharedFiles, ...]:
    """Return the files that conda packages will bring and another package has, too.

    Args:
        planned: What is left to do.
        listings: What the archives of the conda packages bring, by name of the package.
        state: The prefix.
        python: The version of Python after the conda step.

    Raises:
        IntegrityError: A file of a conda package that stays as it is would be overwritten by another package.
    """
    minor = minor_of(python)
    steps = [step for step in planned.steps if step.conda and isinstance(step.step, CondaStep)]
    return tuple(note for step in steps for note in _of_step(step, listings, state, minor))


def _of_step(step: PlannedStep, listings: Mapping[str, Listing], state: State, python: str) -> Iterator[SharedFiles]:
    # What an earlier, killed replay has linked of this step is no package of the image's.
    packages = step.step.packages if isinstance(step.step, CondaStep) else ()
    locked = {package.name for package in packages if package.file}
    by_conda = conda_prefix.owners(state.prefix.root) if state.is_conda else {}
    by_pip = _of_pip(step, state)
    coming: dict[str, str] = {}
    kept: dict[tuple[str, str], list[str]] = {}
    shared: dict[tuple[str, str, bool], list[str]] = {}
    for package in sorted(step.conda, key=lambda each: each.name):
        for file in listings.get(package.name, Listing()).linked(python):
            there = by_conda.get(file, package.name)
            if there != package.name and there not in locked:
                kept.setdefault((package.name, there), []).append(file)
            if file in coming and coming[file] != package.name:
                shared.setdefault((package.name, coming[file], False), []).append(file)
            elif file in by_pip:
                shared.setdefault((package.name, by_pip[file], True), []).append(file)
            coming.setdefault(file, package.name)
    if kept:
        lines = [f"  {new} has {_listed(files)} of {old}" for (new, old), files in sorted(kept.items())]
        raise IntegrityError(
            "conda packages would overwrite files of packages that are to stay as they are:",
            details=lines,
            where="conda step",
            hint="name the packages that stay in the conda list, too, so that builds are chosen that go together",
        )
    for (name, owner, is_of_pip), files in sorted(shared.items()):
        yield SharedFiles(name, tuple(sorted(files)), owner, is_of_pip=is_of_pip)


def _of_pip(step: PlannedStep, state: State) -> dict[str, str]:
    """Return the files of the distributions that pip installed and that stay, by path relative to the prefix."""
    site = state.prefix.site.relative_to(state.prefix.root).as_posix()
    replaced = replaced_by_conda(step.conda, state)
    return {
        posixpath.normpath(f"{site}/{file.recorded}"): name
        for name in sorted(set(state.distributions) - replaced)
        for distribution in state.of_pip(name)
        for file in recorded(distribution) or ()
    }


def _listed(files: list[str]) -> str:
    more = f" and {counted(len(files) - 1, 'more file')}" if len(files) > 1 else ""
    return f"{min(files)}{more}"
