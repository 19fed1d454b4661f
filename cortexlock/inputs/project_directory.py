"""A project directory into a value."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.inputs import configuration as configuration_file
from cortexlock.inputs import cortex_yaml
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import PLATFORMS, DependencyFiles
from cortexlock.model.project import Configuration, Project


def read(directory: Path, overrides: Configuration | None = None) -> Project:
    """Read a project: its configuration, with what the command line said on top, and its APIs.

    Args:
        directory: The project; it may be relative. In a directory of a project that has nothing of one itself, the
            project above is meant, as far as the repository goes that it lies in.
        overrides: What the command line said.

    Raises:
        UsageError: The directory is not there, is not a directory, has nothing of a project in it, or its
            configuration makes no sense.
        InputError: `cortex.yaml` or `cortexlock.yaml` cannot be read.
    """
    directory = absolute(directory)
    if not directory.exists():
        raise UsageError(f"there is no directory `{directory.name}`", where=str(directory), hint="name the project")
    if not directory.is_dir():
        raise UsageError("not a directory", where=str(directory), hint="name the directory that has the file in it")
    directory = root(directory)
    api_files = cortex_yaml.find(directory)
    configured = directory / configuration_file.FILE_NAME
    if not _has_project(directory) and not _has_dependency_file(directory):
        raise UsageError(
            "nothing to lock here: no cortex.yaml, no cortexlock.yaml, no dependency files",
            where=str(directory),
            hint=f"{_alike(directory)}name the project's directory; or begin one: write a requirements.txt or "
            "conda-packages.txt, then `cortexlock init`",
        )
    said = configuration_file.read(configured)
    return Project(
        directory=directory,
        configuration=merge(said, overrides or Configuration()),
        apis=tuple(api for file in api_files for api in cortex_yaml.read(file)),
    )


def absolute(directory: Path) -> Path:
    """Return an absolute path whose parents are those of the directory: `a` is none of `a/../b`."""
    return directory.resolve() if ".." in directory.parts else directory.absolute()


def root(directory: Path) -> Path:
    """Return the absolute directory itself, or the nearest one above with a cortex.yaml, cortexlock.yaml or lockfile.

    A dependency file alone makes a directory a project, but not the one of the directories below it.
    """
    directory = absolute(directory)
    if _has_project(directory) or _has_dependency_file(directory):
        return directory
    for above in (directory, *directory.parents):
        if _has_project(above):
            return above
        if (above / ".git").exists():
            break
    return directory


def _has_project(directory: Path) -> bool:
    named = bool(cortex_yaml.find(directory)) or os.path.lexists(directory / configuration_file.FILE_NAME)
    return named or any(os.path.lexists(directory / lockfile_name(platform)) for platform in PLATFORMS)


def merge(configuration: Configuration, overrides: Configuration) -> Configuration:
    """Return a configuration with everything that `overrides` says in place of its own.

    A predictor type takes the place of predictor files, and they that of a type.
    """
    if overrides.exclude_newer:
        configuration = replace(configuration, exclude_newer_moves=None)
    if overrides.predictor or overrides.predictor_files:
        configuration = replace(configuration, predictor=None, predictor_files=(), image_names=())
    said = {
        field.name: getattr(
            overrides if getattr(overrides, field.name) not in (None, ()) else configuration, field.name
        )
        for field in fields(Configuration)
    }
    return Configuration(**said)


def _has_dependency_file(directory: Path) -> bool:
    usual = DependencyFiles()
    names = (*usual.script, usual.conda, usual.pip)
    return any(os.path.lexists(directory / name) for name in names if name)


def _alike(directory: Path) -> str:
    """Return the question whether a file of the directory is meant to be a dependency file."""
    from cortexlock.inputs import look_alikes  # noqa: PLC0415 - only an error pays for it

    found = look_alikes.unread(directory, DependencyFiles(), FoundFiles())
    return look_alikes.question((*found.alike, *found.others))
