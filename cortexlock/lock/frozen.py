"""What of an image a lock must not change: what the project freezes, and what the image's own constraints hold."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cortexlock.errors import NoSolutionError, UsageError
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.predictor import Distribution, Predictor
from cortexlock.model.project import Configuration, covers
from cortexlock.pip.resolution.values import Held


def held(configuration: Configuration, predictor: Predictor, installed: Sequence[Distribution]) -> tuple[Held, ...]:
    """Return what holds for a pip step on top of what is installed, sorted by name."""
    frozen = [
        Held(dist.name, f"{dist.name}=={dist.version}", frozen=True)
        for dist in installed
        if covers(configuration.freeze, dist.name)
    ]
    own = [Held(_name(text), text, frozen=False) for text in predictor.constraints]
    return tuple(sorted((*frozen, *own), key=lambda each: (each.name, each.text)))


def check_names(configuration: Configuration, predictors: Sequence[Predictor]) -> None:
    """Check that what is frozen is in one of the images.

    Raises:
        UsageError: It is in none.
    """
    there = {one.name for each in predictors for one in each.distributions}
    there |= {one.name for each in predictors for one in each.conda_records}
    for pattern in configuration.freeze:
        if pattern != "*" and not any(covers((pattern,), name) for name in there):
            hint = "freeze what is pre-installed; `cortexlock show` counts it, the predictor file names it"
            raise UsageError(f"`freeze` names {pattern}, which the image does not have", where="freeze", hint=hint)


def refuse_changes(configuration: Configuration, locked: LockedStep, before: StepContext) -> None:
    """Check that a conda step changes nothing that is frozen; `before` is what it found.

    Raises:
        NoSolutionError: It does.
    """
    step = locked.step
    if not configuration.freeze or not isinstance(step, CondaStep):
        return
    python_is_replaced = locked.after.target.python_minor != before.target.python_minor
    lines = [
        f"  {package.name} {' and '.join(one.version for one in package.replaces)} -> {package.version}"
        + (f" (for {', '.join(package.by)})" if package.by else "")
        for package in step.packages
        if package.action == "change" and covers(configuration.freeze, canonicalize_name(package.name))
    ]
    if python_is_replaced and not lines:
        lines = ["  Python: every pre-installed pip package would be gone"]
    if lines:
        hint = "ask for versions that can live with them as they are, or do not freeze them"
        raise NoSolutionError("what is frozen would change:", details=lines, where=step.file, hint=hint)


def _name(text: str) -> str:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:  # the resolver refuses it, with its text
        return ""
