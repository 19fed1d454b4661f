"""What `check` will say of lockfiles that are being made: options of the command line are gone by then."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from cortexlock.errors import CortexlockError
from cortexlock.inputs import configuration
from cortexlock.inputs.freshness import differences
from cortexlock.lock.image_selection import select
from cortexlock.lock.previous_settings import continued
from cortexlock.model.lockfile import Lockfile, lockfile_name
from cortexlock.model.predictor import PLATFORMS, PlatformName
from cortexlock.model.project import Project


def stale(project: Project, lockfile: Lockfile) -> tuple[str, ...]:
    """Say where cortexlock.yaml has another value than the lockfile was made with."""
    name = lockfile_name(lockfile.platform)
    return tuple(
        f"{found.file}: {found.reason}: `check` calls {name} stale unless the file says the same"
        for found in differences(_as_written(project), lockfile)
        if found.file == configuration.FILE_NAME
    )


def stray(
    project: Project, locked: Collection[PlatformName], read: Callable[[Path], Lockfile] | None = None
) -> tuple[str, ...]:
    """Say which lockfiles are for a platform that the project is not for.

    Args:
        project: The project, with what the command line says.
        locked: The platforms that are being locked.
        read: Reads a lockfile; who has read them gives a reader that remembers.
    """
    try:
        wanted = {predictor.platform for predictor in select(continued(_as_written(project), read)[0])}
    except CortexlockError:  # only with the options of the command line there is something to lock
        return ()
    names = {platform: lockfile_name(platform) for platform in PLATFORMS if platform not in wanted}
    return tuple(
        f"{name} is for the platform {platform}, which the project is not for: `check` calls it stray; remove it, or "
        f"add {platform} to `platforms` in {configuration.FILE_NAME}"
        for platform, name in names.items()
        if platform in locked or os.path.lexists(project.directory / name)
    )


def _as_written(project: Project) -> Project:
    return replace(project, configuration=configuration.read(project.directory / configuration.FILE_NAME))
