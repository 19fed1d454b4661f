"""The use case `export`: a lockfile in a format of others, written whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.export import (
    conda_explicit,
    cortex,
    cyclonedx,
    dockerfile,
    places,
    pylock,
    requirements,
    script,
)
from cortexlock.export.content import Exported, Format, Source
from cortexlock.lock.project_files import refuse_to_replace
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.replay.checks.inputs import check_inputs
from cortexlock.storage import whole_file

_ONE_FILE: frozenset[Format] = frozenset(["requirements", "conda-explicit", "pylock", "cyclonedx", "script"])


def export(  # noqa: PLR0913 - what, of which, and how
    wanted: Format,
    project: Project,
    lockfile: Lockfile,
    *,
    environment: Mapping[str, str],
    bundle: Path | None = None,
    destination: Path | None = None,
    with_image: bool = False,
) -> Exported:
    """Return a lockfile in a format; nothing is written.

    Args:
        wanted: The format.
        project: The project as it is now.
        lockfile: What is exported.
        environment: The caller's variables: how the network is reached, values of `${NAME}`.
        bundle: A directory that `cortexlock fetch` filled, from which whoever uses the export takes its files.
        destination: Where the export will be, which paths into the bundle are relative to; None: standard output.
        with_image: Whether what stays as the image has it is in the requirements, too.

    Raises:
        DifferenceError: The lockfile is stale.
        UsageError: An index or channel is not configured.
        NetworkError: `pylock` needs the URL of each file, and an index does not say it.
    """
    check_inputs(project, lockfile)
    source = places.source(project, lockfile, environment, wanted=wanted, bundle=bundle, destination=destination)
    makers: dict[Format, Callable[[Source], Exported]] = {
        "requirements": partial(requirements.export, with_image=with_image),
        "conda-explicit": conda_explicit.export,
        "pylock": pylock.export,
        "cyclonedx": cyclonedx.export,
        "cortex": cortex.export,
        "script": script.export,
        "dockerfile": dockerfile.export,
    }
    used = {package.alias for step in lockfile.pip_steps for package in step.installed}
    unnamed = (place.alias for place in source.indexes if place.secret_in_file and place.alias in used)
    return replace(makers[wanted](source), unnamed=tuple(unnamed))


def is_one_file(wanted: Format) -> bool:
    """Whether a format is one file, which standard output can take."""
    return wanted in _ONE_FILE


def write(exported: Exported, wanted: Format, destination: Path, project: Project) -> tuple[Path, ...]:
    """Write an export, and return its files.

    A format of one file is written to `destination` itself, unless that is a directory; the others into the directory
    `destination`, which is made. Files of the same names are replaced, each as a whole, but
    for those that the project is locked by.

    Raises:
        UsageError: It cannot be written, a format of several files is to go where a file is, or a file of the project
            is in the place.
    """
    one = is_one_file(wanted) and not destination.is_dir()
    names = (*exported.files, *exported.copies)
    refuse_to_replace(project.directory, (destination,) if one else (destination / name for name in names))
    written: list[Path] = []
    target: Path | None = None
    try:
        for path, content in exported.files.items():
            target = destination if one else destination / path
            target.parent.mkdir(parents=True, exist_ok=True)
            whole_file.write(target, content, mode=0o755 if path in exported.executable else 0o644)
            written.append(target)
        for path, origin in exported.copies.items():
            target = destination / path
            if target.exists() and target.samefile(origin):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, target, follow_symlinks=False)
            written.append(target)
    except OSError as error:
        raise UsageError(f"it cannot be written: {error.strerror or error}", where=str(target or destination)) from None
    return tuple(written)
