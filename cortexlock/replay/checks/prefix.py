"""Whether a prefix is one that a lockfile can be carried out in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cortexlock.conda.archive import Listing
from cortexlock.errors import DifferenceError, UsageError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.target import minor_of
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.prefix.state import State

_WRITTEN = ("bin", "lib", "include", "conda-meta")
"""Directories of a prefix that a step can write to."""


def check_prefix(lockfile: Lockfile, state: State) -> None:
    """Refuse a prefix that cannot be written, or whose interpreter is of another minor version.

    Raises:
        UsageError: It cannot be written, has the Python of another place, or is no conda environment and the lockfile
            needs one.
        DifferenceError: Its Python is another one.
    """
    root = state.prefix.root
    for directory in (root, state.prefix.site, *(root / name for name in _WRITTEN)):
        if directory.is_dir() and not os.access(directory, os.W_OK):
            raise UsageError("the prefix cannot be written", where=str(directory), hint="run as its owner")
    _check_own_python(root)
    if not state.is_conda and lockfile.step("conda") is not None:
        raise UsageError(
            "the lockfile has conda packages, and the prefix is no conda environment",
            where=str(root),
            hint="name the conda environment of the image with --prefix; if the image has no conda, ask for these "
            "packages in the requirements file",
        )
    if state.prefix.python_minor not in {minor_of(lockfile.python), minor_of(lockfile.assumed_python)}:
        raise DifferenceError(
            f"the prefix has Python {state.prefix.python_version}, the lockfile is for {lockfile.assumed_python}",
            where=str(root),
            hint="install into the predictor's image, or lock for this one",
        )


def check_in_front(lockfile: Lockfile, state: State) -> None:
    """Refuse a prefix whose interpreter sees another version elsewhere of what is to be installed.

    Raises:
        DifferenceError: It does: in `PYTHONPATH`, or among the user's own packages.
    """
    versions = lockfile.versions_after(len(lockfile.steps))
    for key in sorted(lockfile.keys - {each.key for each in lockfile.kept()}):
        seen = state.in_front.get(key.name) if key.manager == "pip" else None
        if seen is not None and not same_version(seen.version, versions.get(key, "")):
            raise DifferenceError(
                f"Python sees {key.name} {seen.version} before what is installed in the prefix",
                where=str(seen.site),
                hint="remove it there, or leave that directory out: PYTHONNOUSERSITE=1, or another PYTHONPATH",
            )


def _check_own_python(root: Path) -> None:
    """Refuse a prefix whose Python takes another place for its own: packages would be installed there.

    Python goes by the place of its program, links followed, unless there is a `pyvenv.cfg` (PEP 405).

    Raises:
        UsageError: It is such a prefix.
    """
    python = root / "bin" / "python"
    if (root / "pyvenv.cfg").is_file() or not python.is_symlink():
        return
    place = python.resolve()
    if not place.is_relative_to(root.resolve()):
        raise UsageError(
            f"the prefix is no environment: its `bin/python` is {place}, which installs there without a pyvenv.cfg",
            where=str(root),
            hint="make the environment anew, or name that Python's own with --prefix",
        )


def check_prefix_path(listings: Mapping[str, Listing], prefix: Path) -> None:
    """Refuse a prefix whose path is longer than what a conda package has room for in its files.

    Args:
        listings: What the archives of the conda packages bring, by name of the package.
        prefix: The environment.

    Raises:
        UsageError: It is.
    """
    length = len(os.fsencode(prefix.resolve()))
    for name, listing in sorted(listings.items()):
        if listing.room is not None and length > listing.room:
            raise UsageError(
                f"the prefix's path has {length} bytes, and the files of the conda package {name} have room for "
                f"{listing.room}",
                where=str(prefix),
                hint="install into a prefix with a shorter path",
            )
