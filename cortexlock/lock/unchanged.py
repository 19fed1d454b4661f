"""Lockfiles that say already what a lock would ask for: they cost neither network nor solve."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from cortexlock.errors import CortexlockError
from cortexlock.inputs import configuration
from cortexlock.lock import check_forecast, file_notes, lock_notes
from cortexlock.lock.check import Reader, check
from cortexlock.lock.image_selection import disagreeing, select
from cortexlock.lock.locked import Locked, LockOptions
from cortexlock.lock.previous_settings import continued, note_of, read_lockfile
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile, PipStep
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.project import Project
from cortexlock.model.target import minor_of


def unchanged(project: Project, options: LockOptions) -> tuple[Locked, ...] | None:
    """Return what a lock would, if each lockfile of a project is there and fresh; None: something must be solved.

    Fresh is what `check` calls so. What a lockfile does not say cannot be compared: an option that decides over more
    than it says is a reason to solve.

    Args:
        project: The project, with what the command line says.
        options: How to lock; its cache is not looked at.
    """
    if options.refresh or options.upgrade or options.upgrade_packages:
        return None
    # Which solver, what more than one index offers, whether rows were refused: no lockfile says so.
    if options.conda is not None or options.strict or not options.pypi_rows:
        return None
    read = cache(read_lockfile)
    try:
        fresh = _fresh(project, read)
        return _locked(project, fresh, read) if fresh else None
    except CortexlockError:  # a solve raises it again, with what else it knows
        return None


def _fresh(project: Project, read: Reader) -> tuple[Lockfile, ...]:
    """Return the lockfiles of a project; none, if one of them is missing or anything but fresh."""
    wanted = [each for each in check(project, read=read) if each.state != "stray"]
    if any(each.state != "fresh" for each in wanted):
        return ()
    found = tuple(read(project.directory / lockfile_name(each.platform)) for each in wanted)
    settings = project.configuration.pip_settings
    named = settings.named if settings else ()
    if any(lockfile.pip_config != named for lockfile in found if _has_pip(lockfile)):
        return ()
    return found


def _has_pip(lockfile: Lockfile) -> bool:
    return any(isinstance(step, PipStep) for step in lockfile.steps)


def _locked(project: Project, fresh: Sequence[Lockfile], read: Reader) -> tuple[Locked, ...]:
    # What only the command line says is gone when `check` comes; without that, its answer is known by now.
    is_written = project.configuration == configuration.read(project.directory / configuration.FILE_NAME)
    project, kept = continued(project, read)
    images = {predictor.label: predictor for predictor in select(project)}
    labels = {lockfile.label for lockfile in fresh}
    others = not labels.issuperset(files.labels(project.directory))
    strays = check_forecast.stray(project, labels, read) if others or not is_written else ()
    return tuple(
        Locked(
            lockfile.label,
            project.directory / lockfile.file_name,
            lockfile,
            changed=False,
            default_release=False,
            notes=(
                *note_of(kept),
                *disagreeing(project),
                *file_notes.of_project(project, images[lockfile.label]),
                *lock_notes.of_lockfile(lockfile),
                *(() if is_written else check_forecast.stale(project, lockfile)),
                *(strays if lockfile is fresh[0] else ()),
            ),
            replaced_python=_replaced(images[lockfile.label].python, lockfile.python),
            previous=lockfile,
        )
        for lockfile in fresh
    )


def _replaced(image: str, locked: str) -> str:
    """Return the image's version of Python, if the locked one is of another minor version."""
    return image if minor_of(image) != minor_of(locked) else ""
