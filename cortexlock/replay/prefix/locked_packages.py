"""What was locked against what is there: names, versions, and from which artifact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cortexlock.conda import prefix as conda_prefix
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage, PackageKey
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.prefix.problem import Kind, Problem
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.subject import Subject


def differences(subject: Subject) -> Iterator[Problem]:
    """Yield the locked packages that are not there, are of another version, or were installed from something else.

    What a later step replaces is compared as that step leaves it, and what the image has and the lockfile keeps is
    compared with the image.
    """
    yield from _of_pip(subject)
    yield from _of_conda(subject)


def replaced(lockfile: Lockfile, state: State) -> set[PackageKey]:
    """Return the conda packages of which a step of pip's installs another version of what they bring.

    As locked, or as it really is: the two differ where a distribution's files are in a package of another name, as
    numpy's are in numpy-base.
    """
    changed = {name for name, package in lockfile.final_distributions().items() if package.action != "keep"}
    brought = {each.key: {key.name for key in each.brings} for step in lockfile.conda_steps for each in step.packages}
    for name, distributions in conda_prefix.metadata_of(state.records.values()).items():
        brought.setdefault(PackageKey.of("conda", name), set()).update(distributions)
    return {key for key, names in brought.items() if names & changed}


def _of_pip(subject: Subject) -> Iterator[Problem]:
    receipt = subject.receipt
    for name, package in subject.lockfile.final_distributions().items():
        if package.key in subject.kept_keys:
            continue
        versions = subject.state.versions(name)
        same = Problem(part="locked", kind="missing", manager="pip", package=name, expected=package.version)
        if not versions:
            yield same
        elif len(versions) > 1:
            yield _but(same, "copies", ", ".join(versions))
        elif not same_version(versions[0], package.version):
            yield _but(same, "version", versions[0])
        elif package.action != "keep" and receipt is not None:
            known = receipt.pip.get(name)
            if known and known != package.sha256:
                yield _but(same, "artifact", known)


def _of_conda(subject: Subject) -> Iterator[Problem]:
    gone = replaced(subject.lockfile, subject.state)
    for step in subject.lockfile.conda_steps:
        for package in step.packages:
            if package.key in gone or package.key in subject.kept_keys:
                continue
            yield from _problem(package, subject.state)


def _problem(package: CondaPackage, state: State) -> Iterator[Problem]:
    same = Problem(part="locked", kind="missing", manager="conda", package=package.key.name, expected=package.version)
    there = state.conda.get(package.name)
    if there is None:
        yield same
    elif not conda_prefix.same(package, there):
        wanted = f"{package.version} {package.build}".rstrip()
        yield replace(same, kind="version", expected=wanted, found=f"{there.version} {there.build}".rstrip())
    elif package.file and not (there.sha256 or there.md5):
        yield _but(same, "artifact", "")


def _but(problem: Problem, kind: Kind, found: str) -> Problem:
    return replace(problem, kind=kind, found=found)
