"""Whether a project's lockfiles are there, valid and fresh: read-only, offline, without a solve."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from cortexlock.errors import Advice, DifferenceError, Hint, InputError, IntegrityError, UsageError
from cortexlock.inputs.configured_images import refuse_unknown
from cortexlock.inputs.freshness import differences
from cortexlock.lock.check_forecast import missing_in, stray_hint
from cortexlock.lock.image_selection import select
from cortexlock.lock.previous_settings import continued, read_lockfile
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import in_order, lockfile_name
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Project
from cortexlock.predictors import predictor_file
from cortexlock.put_off import when_used
from cortexlock.quick_dataclass import dataclass

if TYPE_CHECKING:
    from cortexlock.model import stale_facts as facts
else:  # what is fresh needs none of them
    facts = when_used("cortexlock.model.stale_facts")

Reader: TypeAlias = Callable[[Path], Lockfile]
"""Reads a lockfile; each is read once."""

State: TypeAlias = Literal["fresh", "stale", "missing", "invalid", "stray"]
"""`stray`: the lockfile is there, but the project is not for its platform any more."""

_RELOCK = Hint("run ", "lock")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found out about one lockfile.

    Attributes:
        platform: The lockfile's platform, or the name of its image.
        file: Its name.
        state: What is the matter with it.
        reasons: Why, with the file that each is about; empty for `fresh`.
        exit_code: 0 for `fresh`, that of the error for `invalid`, else 1.
        hint: What to do about it; empty for `fresh`.
    """

    platform: str
    file: str
    state: State
    reasons: tuple[facts.StaleReason, ...] = ()
    exit_code: int = 0
    hint: Hint | Advice | str = ""


def check(project: Project, platforms: tuple[str, ...] = (), read: Reader | None = None) -> tuple[Checked, ...]:
    """Check the lockfiles of a project.

    Args:
        project: The project.
        platforms: Only these, or images of these names; without it, all that the project is for, and strays.
        read: Reads a lockfile; who needs it again gives a reader that remembers.

    Returns:
        One result per lockfile that there is or should be, in the order of platforms.

    Raises:
        UsageError: The project's configuration makes no sense, or it is not for one of the platforms.
        InputError: A dependency file cannot be read.
    """
    read = read or cache(read_lockfile)
    project_now = continued(project, read)[0]
    wanted = {predictor.label: predictor for predictor in select(project_now)}
    _refuse_others(project_now, platforms, wanted)
    strays = (label for label in files.labels(project.directory) if label not in wanted)
    labels = (*wanted, *strays) if project_now.configuration.image_names else in_order((*wanted, *strays))
    return tuple(_results(project, wanted, platforms or labels, read))


def check_platforms(project: Project, platforms: tuple[str, ...]) -> None:
    """Check that platforms are among those that the project is for, or have a lockfile.

    Raises:
        UsageError: One is not.
    """
    without = tuple(each for each in platforms if not lexists(project.directory / lockfile_name(each)))
    if without:
        try:
            project = continued(project)[0]
            wanted = [predictor.label for predictor in select(project)]
        except UsageError:  # nothing says what the project is for: that there is no lockfile is said where it is read
            for label in without:
                refuse_unknown(label, project.configuration.image_names, where="--platform")
            return
        _refuse_others(project, without, wanted)


def _refuse_others(project: Project, platforms: tuple[str, ...], wanted: Collection[str]) -> None:
    for platform in platforms:
        if platform not in wanted and not lexists(project.directory / lockfile_name(platform)):
            refuse_unknown(platform, project.configuration.image_names, where="--platform")
            what = f"the project is not for the platform {platform}"
            raise UsageError(what, where="--platform", hint=f"it is for {', '.join(wanted)}")


def _results(
    project: Project, wanted: dict[str, Predictor], platforms: tuple[str, ...], read: Reader
) -> Iterator[Checked]:
    for platform in platforms:
        name = lockfile_name(platform)
        predictor = wanted.get(platform)
        there = lexists(project.directory / name)
        if predictor is not None and there:
            yield _existing(project, platform, predictor, read)
        elif predictor is not None:
            reason = facts.StaleReason(name, facts.FileIs.MISSING)
            yield Checked(platform, name, "missing", (reason,), DifferenceError.exit_code, _RELOCK)
        elif there:
            reason = facts.StaleReason(name, facts.NotForProject(platform))
            hint = stray_hint(platform, missing_in(platform, project.configuration.image_names))
            yield Checked(platform, name, "stray", (reason,), DifferenceError.exit_code, hint)


def _described(project: Project, lockfile: Lockfile, selected: Predictor) -> Predictor:
    """Return the predictor of the file that the lockfile was made for, which an option of `lock` may have named."""
    name = lockfile.predictor.file
    if name in {"", selected.file} or not (project.directory / name).is_file():
        return selected
    return predictor_file.read(project.directory / name, file=name)


def _existing(project: Project, platform: str, predictor: Predictor, read: Reader) -> Checked:
    name = lockfile_name(platform)
    try:
        lockfile = read(project.directory / name)
        files.refuse_other_label(lockfile, platform)
    except (InputError, IntegrityError) as error:
        reason = facts.StaleReason(error.where or name, error.what)
        return Checked(platform, name, "invalid", (reason,), error.exit_code, error.advice or _RELOCK)
    found = differences(project, lockfile, _described(project, lockfile, predictor))
    if found:
        return Checked(platform, name, "stale", found, DifferenceError.exit_code, _RELOCK)
    return Checked(platform, name, "fresh")
