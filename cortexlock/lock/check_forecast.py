"""What `check` will say of lockfiles that are being made: options of the command line are gone by then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.errors import CortexlockError
from cortexlock.inputs import configuration
from cortexlock.inputs.freshness import differences
from cortexlock.lock.image_selection import select
from cortexlock.lock.previous_settings import continued
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import in_order
from cortexlock.model.predictor import PLATFORMS
from cortexlock.model.project import Project

if TYPE_CHECKING:
    from cortexlock.model.lock_facts import WillBeStale, WillBeStray


def stale(project: Project, lockfile: Lockfile) -> tuple[WillBeStale, ...]:
    """Return where cortexlock.yaml has another value than the lockfile was made with."""
    from cortexlock.model.lock_facts import WillBeStale  # noqa: PLC0415 - `check` does not pay for it

    return tuple(
        WillBeStale(lockfile.file_name, found)
        for found in differences(_as_written(project), lockfile)
        if found.file == configuration.FILE_NAME
    )


def stray(
    project: Project, locked: Collection[str], read: Callable[[Path], Lockfile] | None = None
) -> tuple[WillBeStray, ...]:
    """Return which lockfiles are for a platform that the project is not for.

    Args:
        project: The project, with what the command line says.
        locked: The platforms, or names of images, that are being locked.
        read: Reads a lockfile; who has read them gives a reader that remembers.
    """
    from cortexlock.model.lock_facts import WillBeStray  # noqa: PLC0415 - `check` does not pay for it

    written = _as_written(project)
    try:
        wanted = {predictor.label for predictor in select(continued(written, read)[0])}
    except CortexlockError:  # only with the options of the command line there is something to lock
        return ()
    there = in_order((*locked, *files.labels(project.directory)))
    names = written.configuration.image_names
    return tuple(WillBeStray(label, missing_in(label, names)) for label in there if label not in wanted)


def missing_in(label: str, names: Collection[str]) -> str:
    """Return the key of the configuration that would have a lockfile's platform, or the name of its image.

    Args:
        label: The platform, or the name.
        names: The names that `images` has; none: the project's images go by their platforms.
    """
    return "platforms" if label in (names or PLATFORMS) else "images"


def stray_hint(label: str, key: str) -> str:
    """Say what to do about a lockfile that the project is not for, by the key that does not have it."""
    return f"remove it, or add {label} to `{key}` in {configuration.FILE_NAME}"


def _as_written(project: Project) -> Project:
    return replace(project, configuration=configuration.read(project.directory / configuration.FILE_NAME))
