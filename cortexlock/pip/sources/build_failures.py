"""Builds that fail, and build requirements that cannot be had: said with whose build it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cortexlock.errors import CortexlockError, InputError, NoSolutionError, StepError
from cortexlock.pip.resolution.values import ImpossibleError, Resolved, Root, SourceTree, UnboundedError
from cortexlock.pip.sources import undeclared_requirements

_SHOWN = 4


class BuildFailedError(StepError):
    """A project cannot be built; the last lines of the build's output are part of the message.

    Attributes:
        is_told: Whether its hint is about this very failure, or only about the output that is part of the message.
    """

    UNKNOWN = "the output above says what is missing: a compiler, a library, a build requirement"

    is_told = True


class NotEditableError(BuildFailedError):
    """The build backend of a project makes no editable wheels."""


class BuildRequirementError(NoSolutionError):
    """What a build needs cannot be had; `name` is the normalized name of what is built."""

    id = "build-requirement"

    name = ""


def _hint(error: NoSolutionError, name: str) -> str:
    if isinstance(error, UnboundedError):
        return error.hint_for(name)
    return error.hint or UnboundedError("").hint_for(name)


@contextmanager
def of_build(name: str) -> Iterator[None]:
    """Say whose build it is, if what is done in a `with` block for the build fails.

    Args:
        name: The normalized name of what is built.

    Raises:
        BuildRequirementError: In place of a `NoSolutionError`.
    """
    try:
        yield
    except BuildRequirementError as error:  # of what is built for it: the project asks for this one
        error.place = error.name = name
        raise
    except NoSolutionError as error:
        named = BuildRequirementError(
            f"the build of {name}: {error.summary}",
            details=error.details,
            where=name,
            hint=_hint(error, name),
        )
        named.name = name
        raise named from error


def impossible(error: ImpossibleError, texts: Sequence[str]) -> NoSolutionError:
    """Say that the requirements of a build have no solution."""
    lines = [f"  {cause.parent or 'it'} requires {cause.requirement}" for cause in error.causes]
    what = "what it needs has no solution for the image's Python"
    return NoSolutionError(what, details=sorted(set(lines)) or (f"  {text}" for text in texts))


def no_file(found: Resolved) -> NoSolutionError:
    """Say that a build requirement is no file of an index."""
    return NoSolutionError(
        f"{found.name}, which it needs, is from a repository or a directory, and builds take files of indexes alone",
        hint="correct its pyproject.toml",
    )


def nested(needing: Sequence[str]) -> NoSolutionError:
    """Say that builds need builds without an end; `needing` are they, the first one first."""
    shown = [each for each in needing if each]
    shown = shown if len(shown) <= _SHOWN else [*shown[: _SHOWN - 1], "…", shown[-1]]
    found = UnboundedError(f"what it needs must be built itself, and that without an end: {' needs '.join(shown)}")
    found.before = "bound what it needs to a version that has a wheel"
    found.advice = found.hint_for("project")
    return found


def of_tree(error: BuildFailedError, tree: SourceTree, name: str, lacked: str) -> CortexlockError:
    """Make the error of a build that fails: a local tree can be put right, of others another version can be taken.

    Args:
        error: How it fails.
        tree: What is built.
        name: How its project is called.
        lacked: What its build lacks and the image or the project's lines have, normalized; empty: nothing of these.
    """
    lacks = f"if its build lacks a package, name that in cortexlock.yaml: `build-requirements: {{{name}: [package]}}`"
    if needed := undeclared_requirements.bound(f"{error.what}\n{error.output}"):
        lacks = f"to build it with {needed}, write `build-requirements: {{{name}: ['{needed}']}}` into cortexlock.yaml"
    if lacked:
        lacks = f"to build it with the {lacked} of the image, write `no-build-isolation: [{name}]` into cortexlock.yaml"
    told = error.hint if error.is_told else None
    if tree.local:
        hint = told or (lacks if lacked else f"correct its setup.py or pyproject.toml; {lacks}")
        return InputError(error.summary, details=error.details, where=str(tree.path), hint=hint)
    if lacked:
        return NoSolutionError(error.summary, details=error.details, where=name, hint=lacks)
    hint = f"{told}; or ask" if told else "ask"
    hint += f" for a version that has a wheel or that builds with the image's Python; {lacks}"
    return NoSolutionError(error.summary, details=error.details, where=name, hint=hint)


@contextmanager
def placed(roots: Sequence[Root]) -> Iterator[None]:
    """Add the line that asks for what is built, if a line does, to the errors that leave a `with` block."""
    try:
        yield
    except BuildRequirementError as error:
        error.place = next((root.place for root in roots if root.name == error.name and root.file), error.place)
        raise
