"""The conda step of a lock, and what it leaves for those after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from packaging.version import Version

from cortexlock.errors import InputError
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.lock_progress import OnProgress
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import Distribution


def lock_conda(request: PlatformRequest, context: StepContext, file: str, on_progress: OnProgress) -> LockedStep:
    """Resolve the conda list, which has that name, on top of the image.

    Raises:
        InputError: The image has no conda.
        CortexlockError: As `cortexlock.conda.solve.solve` does.
    """
    # Imported where it is used: a project without a conda list does not pay for conda-lock's import (0.5 s).
    from cortexlock.conda.solve import CondaRequest, solve  # noqa: PLC0415

    previous = request.previous.step("conda") if request.previous else None
    kept = previous.packages if isinstance(previous, CondaStep) else ()
    asked = request.inputs.conda
    if not request.predictor.has_conda and (asked.specs or asked.explicit):
        raise InputError(
            f"asks for conda packages, and the image `{request.predictor.image}` has no conda",
            where=file,
            hint="ask for them in the requirements file, under the names that they have on the index, or use an image "
            "that has conda; if this one has, capture it from the conda environment",
        )
    solution = solve(
        CondaRequest(
            specs=request.inputs.conda.specs,
            file=file,
            predictor=request.predictor,
            target=context.target,
            channels=request.addresses,
            project=request.project.directory,
            exclude_newer=request.project.configuration.exclude_newer,
            conda=request.conda,
            cache=request.cache,
            previous=tuple(package for package in kept if not request.is_upgraded(package.name)),
            upgraded=tuple(package.name for package in kept if request.is_upgraded(package.name)),
            explicit=request.inputs.conda.explicit,
            aliases=request.aliases,
            priority=request.project.configuration.channel_priority or "flexible",
        ),
        on_progress=on_progress,
    )
    return LockedStep(
        step=CondaStep(file, solution.packages),
        after=after_conda(context, solution.packages),
        resolvers=solution.resolvers,
        notes=solution.notes,
    )


def after_conda(before: StepContext, packages: Sequence[CondaPackage]) -> StepContext:
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
    return StepContext(target, tuple(present[name] for name in sorted(present)))
