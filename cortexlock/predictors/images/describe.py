"""An environment of an image as the snapshot that the image's own Python would make of it, with nothing of it run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from cortexlock.errors import UsageError
from cortexlock.predictors import snapshot as snapshots
from cortexlock.predictors.images import platform_facts
from cortexlock.predictors.images.environments import (
    PythonEnvironment,
    environment_of,
    environments,
    of_path,
    other_pythons,
)
from cortexlock.predictors.images.image_path import ImagePath
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.images.search_path import search_path
from cortexlock.predictors.images.users import home_of
from cortexlock.predictors.pip_settings import pip_settings

_SYSTEMS = frozenset({"", "linux"})


@dataclass(frozen=True, slots=True)
class RootFileSystem:
    """A root file system, and what is known of it besides.

    Attributes:
        root: Its root.
        where: Its name in messages.
        architecture: The machine as its configuration has it (`amd64`), or empty.
        system: The system as its configuration has it (`linux`), or empty.
        environment: The variables of its containers.
        directory: Where its containers start; empty: in the root.
        user: Who its containers run as, as its configuration has it; empty: root.
    """

    root: ImagePath
    where: str
    architecture: str = ""
    system: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class FoundEnvironment:
    """An environment of an image: its path there, what it is (`venv`, `conda`, `python`), and its Python's version."""

    path: str
    kind: str
    python: str


@dataclass(frozen=True, slots=True)
class Description:
    """An image.

    Attributes:
        snapshot: One of its environments, as `cortexlock.predictors.snapshot` describes them.
        prefix: That environment's path.
        environments: All of its environments, sorted by path.
        other_machine: The machine that its configuration names, where its C library is for another one; else empty.
    """

    snapshot: dict[str, Any]
    prefix: str
    environments: tuple[FoundEnvironment, ...]
    other_machine: str = ""


def describe(source: RootFileSystem, prefix: str | None) -> Description:
    """Describe an environment of an image.

    Args:
        source: The image.
        prefix: The environment's path in it; None for the one that its `PATH` finds.

    Raises:
        UsageError: There is no such environment, or the image is one that cannot be locked for.
        IntegrityError: A file of it cannot be read.
    """
    root = source.root
    if source.system not in _SYSTEMS:
        raise UsageError(f"it is for {source.system}", where=source.where, hint="images for linux can be described")
    try:
        there = environments(root)
        chosen = _chosen(source, prefix, there)
        platform = _platform(source)
        python = platform_facts.python_version(chosen)
        if not python:
            what = f"no file of {chosen.prefix} tells the version of its Python {chosen.minor}"
            raise UsageError(what, where=source.where, hint="name another environment with --prefix")
        variables = {"HOME": home_of(root, source.user), **source.environment}
        sites = search_path(root, chosen, variables, source.directory)
        # They have what is used of `pathlib`.
        environment = cast("Path", chosen.prefix)
        directory = cast("Path", root / source.directory)
        settings = pip_settings(cast("Path", root), environment, variables, directory)
        found = snapshots.snapshot(environment, cast("Sequence[Path]", sites), python, platform, settings)
        listed = tuple(
            FoundEnvironment(str(each.prefix), each.kind, platform_facts.python_version(each)) for each in there
        )
    except (OSError, ValueError) as error:
        raise damaged(f"a file cannot be read: {error}", source.where) from None
    said = platform_facts.machine_said(source.architecture)
    contradicted = bool(source.architecture) and said != platform["machine"]
    return Description(found, str(chosen.prefix), listed, source.architecture if contradicted else "")


def _chosen(source: RootFileSystem, prefix: str | None, there: Sequence[PythonEnvironment]) -> PythonEnvironment:
    names = ", ".join(str(each.prefix) for each in there)
    hint = f"there are: {names}" if names else "an image needs a Python of its own"
    if prefix is not None:
        found = environment_of(source.root / prefix)
        if found is None:
            raise UsageError(f"{prefix} is no Python environment of the image", where=source.where, hint=hint)
        return found
    if not there:
        others = other_pythons(source.root)
        if others:
            what = f"no Python environment that can be described is in it, but {', '.join(others)}"
            raise UsageError(what, where=source.where, hint="an image needs a CPython 3 with the usual threads")
        raise UsageError("no Python environment is in it", where=source.where, hint=hint)
    found = of_path(source.root, source.environment)
    if found is None:
        what = "its PATH leads to no Python environment"
        raise UsageError(what, where=source.where, hint=f"name one with --prefix: {names}")
    return found


def _platform(source: RootFileSystem) -> dict[str, str]:
    """Return versions and machine as a snapshot has them."""
    root = source.root
    machine = platform_facts.machine(root, source.architecture)
    glibc = platform_facts.glibc(root)
    if machine is None and (platform_facts.machine_said(source.architecture) or not source.architecture):
        if platform_facts.c_library(root) is not None:
            what = "its C library is for another machine than amd64 and arm64"
            raise UsageError(what, where=source.where, hint="images for these two can be described")
    elif machine is None:
        known = "amd64 and arm64"
        what = f"it is for the machine {source.architecture}"
        raise UsageError(what, where=source.where, hint=f"images for {known} can be described")
    if not glibc and platform_facts.has_musl(root):
        what = "its C library is musl: the wheels and conda packages that are locked are for the GNU C library"
        raise UsageError(what, where=source.where, hint="take an image of Debian, Ubuntu or Fedora as its base")
    return {"glibc": glibc, "cuda": platform_facts.cuda(root, source.environment), "machine": machine or ""}
