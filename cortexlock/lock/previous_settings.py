"""What nothing says now stays as the lockfiles have it: a lock moves only where somebody asks for it.

Without this, a cut-off date that was given once on the command line would be gone with the next `lock`, and a new
version of cortexlock, which knows newer images, would move a project to another image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cortexlock.errors import CortexlockError
from cortexlock.inputs.configuration import frozen_as_written
from cortexlock.lock.image_selection import says_release, says_type
from cortexlock.lockfile import files
from cortexlock.lockfile.text import MergeConflictError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.project import Project

if TYPE_CHECKING:
    from cortexlock.model.lock_facts import KeptSettings


class KeptSetting(NamedTuple):
    """What a lockfile says of a key of `cortexlock.yaml`, and nothing else does; the value of a flag is empty."""

    key: str
    value: str = ""

    def __str__(self) -> str:
        """Return `cortex-version 0.16.0`."""
        return f"{self.key} {self.value}".rstrip()


def continued(
    project: Project, read: Callable[[Path], Lockfile] | None = None, *, upgrade: bool = False
) -> tuple[Project, tuple[KeptSetting, ...]]:
    """Fill what the project leaves open with what its lockfiles say, where all of them say the same.

    Args:
        project: The project, with what the command line says.
        read: Reads a lockfile; who needs it again gives a reader that remembers.
        upgrade: Whether only the image is taken from there, its type or the file that describes it: without it there
            is nothing to lock, and no newer one to take.

    Returns:
        The project, and what was taken from the lockfiles. These are predictor type,
        Cortex release, slim variant and cut-off date, or the predictor files, which say all but the date. Lockfiles
        that cannot be read say nothing.
    """
    lockfiles = _readable(project, read or read_lockfile)
    said = project.configuration
    described = tuple(lockfile.predictor.file for lockfile in lockfiles)
    if described and all(described) and not said.predictor_files and not says_type(project):
        if any(lockfile.name for lockfile in lockfiles):
            names = tuple(lockfile.label for lockfile in lockfiles)
            said = replace(said, predictor_files=described, image_names=names)
        else:
            said = replace(said, predictor_files=tuple(dict.fromkeys(described)))
    kept: dict[str, str | bool] = {}
    if not said.predictor_files and not any(lockfile.predictor.file for lockfile in lockfiles):
        if not says_type(project):
            kept["predictor"] = _common([lockfile.predictor.type for lockfile in lockfiles])
        if not says_release(project) and not upgrade:
            kept["cortex_version"] = _common([lockfile.predictor.cortex_version for lockfile in lockfiles])
            if said.slim is None:
                kept["slim"] = all(lockfile.predictor.slim for lockfile in lockfiles) if lockfiles else False
    if said.exclude_newer is None and not upgrade:
        kept["exclude_newer"] = _common([lockfile.exclude_newer for lockfile in lockfiles])
    kept = {name: value for name, value in kept.items() if value}
    settings = [KeptSetting(key.replace("_", "-"), "" if value is True else str(value)) for key, value in kept.items()]
    if said.predictor_files != project.configuration.predictor_files:
        settings.insert(0, KeptSetting("predictor", ", ".join(said.predictor_files)))
    configuration = replace(said, **kept)  # type: ignore[arg-type] # values by field name
    frozen = {lockfile.freeze for lockfile in lockfiles}
    if not said.freeze and len(frozen) == 1 and frozen != {()}:
        configuration = replace(configuration, freeze=frozen.pop())
        settings.append(KeptSetting("freeze", frozen_as_written(configuration.freeze)))
    return replace(project, configuration=configuration), tuple(settings)


def note_of(kept: Sequence[KeptSetting]) -> tuple[KeptSettings, ...]:
    """Return what was taken from the lockfiles because nothing else says it."""
    from cortexlock.model.lock_facts import KeptSettings  # noqa: PLC0415 - `check` does not pay for it

    others = tuple(str(each) for each in kept if each.key != "predictor")
    return (
        *(KeptSettings((str(each),), is_image=True) for each in kept if each.key == "predictor"),
        *((KeptSettings(others, is_image=False),) if others else ()),
    )


def read_lockfile(path: Path) -> Lockfile:
    """Read a lockfile; raises as `files.read` does."""
    return files.read(path, name=path.name)


def _readable(project: Project, read: Callable[[Path], Lockfile]) -> list[Lockfile]:
    found = []
    for name in map(lockfile_name, files.labels(project.directory)):
        if (project.directory / name).is_file():
            try:
                found.append(_read(project.directory / name, read))
            except CortexlockError:  # it is reported where the lockfile itself is read
                continue
    return found


def _read(path: Path, read: Callable[[Path], Lockfile]) -> Lockfile:
    try:
        return read(path)
    except MergeConflictError:
        return files.read_for_versions(path, name=path.name)[0]


def _common(values: Sequence[str]) -> str:
    return values[0] if values and len(set(values)) == 1 else ""
