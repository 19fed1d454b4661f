"""The conda step of a lock, and what it leaves for those after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from cortexlock.lock.request import PlatformRequest
from cortexlock.model.conda_list import CondaList
from cortexlock.model.lockfile import CondaStep, Resolver
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import Distribution
from cortexlock.model.target import Target


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a step finds: the interpreter with its tags and markers, and what is installed for it."""

    target: Target
    installed: tuple[Distribution, ...]


def lock_conda(
    request: PlatformRequest, target: Target, listed: CondaList, file: str, on_progress: Callable[[str], None]
) -> tuple[CondaStep, tuple[Resolver, ...], tuple[str, ...]]:
    """Resolve a conda list on top of the image.

    Returns:
        The step, who resolved it, and notes on it.

    Raises:
        CortexlockError: As `cortexlock.conda.solve.solve` does.
    """
    # Imported where it is used: a project without a conda list does not pay for conda-lock's import (0.5 s).
    from cortexlock.conda.solve import CondaRequest, solve  # noqa: PLC0415

    previous = request.previous.step("conda") if request.previous else None
    kept = previous.packages if isinstance(previous, CondaStep) else ()
    solution = solve(
        CondaRequest(
            specs=listed.specs,
            file=file,
            predictor=request.predictor,
            target=target,
            channels=request.addresses,
            project=request.project.directory,
            exclude_newer=request.project.configuration.exclude_newer,
            conda=request.conda,
            cache=request.cache,
            previous=tuple(package for package in kept if not request.is_upgraded(package.name)),
            explicit=listed.explicit,
            aliases=request.aliases,
            priority=request.project.configuration.channel_priority or "flexible",
        ),
        on_progress=on_progress,
    )
    return CondaStep(file, solution.packages), solution.resolvers, solution.notes


def after_conda(before: Surroundings, packages: Sequence[CondaPackage]) -> Surroundings:
    """Return what the steps after conda's find.

    conda's distributions are there in place of those of the same name. Where Python's minor version changes, nothing
    else is: the new interpreter has a directory of its own for them.
    """
    target = before.target
    python = next((package.version for package in packages if package.name == "python" and package.file), None)
    if python is not None:
        major, minor, patch = (*Version(python).release, 0, 0)[:3]
        target = replace(target, python=(major, minor, patch))
    changed = target.python[:2] != before.target.python[:2]
    present = {} if changed else {distribution.name: distribution for distribution in before.installed}
    for package in packages:
        if package.action != "keep":
            present |= {name: Distribution(name, version, on_index=False) for name, version in package.distributions}
    return Surroundings(target, tuple(present[name] for name in sorted(present)))
