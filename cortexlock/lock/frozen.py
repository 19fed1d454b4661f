"""What of an image a lock must not change: what the project freezes, and what the image's own constraints hold."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cortexlock.errors import NoSolutionError, UsageError
from cortexlock.inputs import configuration
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.predictor import Distribution, Predictor
from cortexlock.model.project import Configuration, Project, covers
from cortexlock.pip.resolution.values import Held


def held(said: Configuration, predictor: Predictor, installed: Sequence[Distribution]) -> tuple[Held, ...]:
    """Return what holds for a pip step on top of what is installed, sorted by name."""
    frozen = [
        Held(dist.name, f"{dist.name}=={dist.version}", frozen=True)
        for dist in installed
        if covers(said.freeze, dist.name)
    ]
    own = [Held(_name(text), text, frozen=False) for text in predictor.constraints]
    return tuple(sorted((*frozen, *own), key=lambda each: (each.name, each.text)))


def check_names(project: Project, predictors: Sequence[Predictor]) -> None:
    """Check that what is frozen is in one of the images.

    Raises:
        UsageError: It is in none.
    """
    there = {one.name for each in predictors for one in each.distributions}
    there |= {one.name for each in predictors for one in each.conda_records}
    for pattern in project.configuration.freeze:
        if pattern != "*" and not any(covers((pattern,), name) for name in there):
            near = [f"did you mean `{each}`? " for each in get_close_matches(pattern, sorted(there), n=1)]
            hint = f"{''.join(near)}freeze what is pre-installed; the predictor file names it"
            where = configuration.place(project.directory / configuration.FILE_NAME, "freeze", pattern) or "--freeze"
            raise UsageError(f"`freeze` names {pattern}, which the image does not have", where=where, hint=hint)


def refuse_changes(said: Configuration, locked: LockedStep, before: StepContext) -> None:
    """Check that a conda step changes nothing that is frozen; `before` is what it found.

    Raises:
        NoSolutionError: It does.
    """
    step = locked.step
    if not said.freeze or not isinstance(step, CondaStep):
        return
    python_is_replaced = locked.after.target.python_minor != before.target.python_minor
    lines = [
        f"  {package.name} {' and '.join(one.version for one in package.replaces)} -> {package.version}"
        + (f" (for {', '.join(package.by)})" if package.by else "")
        for package in step.packages
        if package.action == "change" and covers(said.freeze, canonicalize_name(package.name))
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
