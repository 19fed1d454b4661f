"""Requirements that do not hold in a prefix, as `pip check` would find them for the target."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import Requirement

from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.model.target import Target, numbers_of, prerelease_of
from cortexlock.pip.prefix.conflicts import Present, broken
from cortexlock.pip.prefix.distributions import requirements
from cortexlock.replay.prefix.problem import Note, Problem
from cortexlock.replay.prefix.subject import Subject


def differences(subject: Subject) -> Iterator[Problem | Note]:
    """Yield the requirements that do not hold; those that lockfile or image have by themselves are notes."""
    state = subject.state
    seen = {**state.elsewhere, **{name: found[-1] for name, found in state.distributions.items()}}
    present = {name: Present(each.version, requirements(each)) for name, each in seen.items()}
    locked = {(each.package, each.requirement, each.found) for each in subject.lockfile.conflicts}
    image = {each.key: each.version for each in subject.lockfile.pre_installed if each.manager == "pip"}
    for each in broken({}, present, marker_environment_of(subject.lockfile, state.prefix.python_version)):
        key, other = PackageKey("pip", each.package), PackageKey.of("pip", Requirement(each.requirement).name)
        problem = Problem(
            part="conflicts",
            kind="requirement",
            manager="pip",
            package=each.package,
            version=each.version,
            expected=each.requirement,
            found=each.found,
        )
        if (each.package, each.requirement, each.found) in locked:
            yield _note(problem, "")
        elif image.get(key) == each.version and image.get(other, "") == each.found:
            yield _note(problem, "image")
        else:
            yield problem


def _note(problem: Problem, manager: str) -> Note:
    return Note(
        kind="requirement",
        manager=manager,
        package=problem.package,
        version=problem.version,
        expected=problem.expected,
        found=problem.found,
    )


def marker_environment_of(lockfile: Lockfile, version: str) -> dict[str, str]:
    """Return the marker environment (PEP 508) of the lockfile's target, with an interpreter's own version."""
    major, minor = (int(part) for part in lockfile.glibc.split(".")[:2])
    numbers, stage = numbers_of(version), prerelease_of(version)
    target = Target(lockfile.platform, lockfile.subdir, numbers, (major, minor), None, stage)
    return dict(target.marker_environment)
