"""What must hold before a replay touches anything."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.conda.archive import Listing
from cortexlock.errors import DifferenceError, StepError, UsageError
from cortexlock.inputs import freshness
from cortexlock.model.lockfile import Lockfile, PreInstalled
from cortexlock.model.package import PackageKey
from cortexlock.model.project import Project
from cortexlock.model.target import minor_of
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.plan import SEEDS, Plan
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache

_CONDA_RATIO = 4
"""How much larger a conda package is than its archive, about."""

_SDIST_RATIO = 4
"""How much larger what an sdist installs is than the sdist, about."""

_WRITTEN = ("bin", "lib", "include", "conda-meta")
"""Directories of a prefix that a step can write to."""

_ALLOW = "install into a fresh copy of the image, or accept the differences with --allow-drift"


@dataclass(frozen=True, slots=True)
class Drift:
    """How a prefix differs from what the lockfile assumed, and what of it is worth a note only."""

    differences: tuple[str, ...]
    notes: tuple[str, ...]


def check_inputs(project: Project, lockfile: Lockfile) -> None:
    """Refuse a lockfile that is not of the project as it is now.

    Raises:
        DifferenceError: Inputs have changed; the message lists them.
    """
    found = freshness.differences(project, lockfile)
    if found:
        lines = "\n".join(f"  {difference.file}: {difference.reason}" for difference in found)
        raise DifferenceError(f"The lockfile is stale:\n{lines}", hint="run `cortexlock lock` and review the change")


def check_prefix(lockfile: Lockfile, state: State) -> None:
    """Refuse a prefix that cannot be written, or whose interpreter is of another minor version.

    Raises:
        UsageError: It cannot be written, or is no conda environment and the lockfile needs one.
        DifferenceError: Its Python is another one.
    """
    root = state.prefix.root
    for directory in (root, state.prefix.site, *(root / name for name in _WRITTEN)):
        if directory.is_dir() and not os.access(directory, os.W_OK):
            raise UsageError("The prefix cannot be written", where=str(directory), hint="run as its owner")
    if not state.is_conda and lockfile.step("conda") is not None:
        raise UsageError(
            "The lockfile has conda packages, and the prefix is no conda environment",
            where=str(root),
            hint="name the conda environment of the image with --prefix",
        )
    minors = {minor_of(lockfile.python), minor_of(lockfile.assumed_python)}
    if state.prefix.python_minor not in minors:
        raise DifferenceError(
            f"The prefix has Python {state.prefix.python_version}, the lockfile is for {lockfile.assumed_python}",
            where=str(root),
            hint="install into the predictor's image, or lock for this one",
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
                f"The prefix's path has {length} bytes, and the files of the conda package {name} have room for "
                f"{listing.room}",
                where=str(prefix),
                hint="install into a prefix with a shorter path",
            )


def check_space(planned: Plan, files: Mapping[str, Path], state: State) -> None:
    """Refuse to begin what the disk cannot hold.

    Args:
        planned: What is left to do.
        files: Verified artifacts, by sha256.
        state: The prefix.

    Raises:
        StepError: The file system of the prefix has too little space.
    """
    needed = 0
    for step in planned.steps:
        for archive in step.conda:
            found = files.get(archive.sha256)
            needed += _CONDA_RATIO * (archive.size or (found.stat().st_size if found else 0))
        for package in step.pip:
            path = files.get(package.sha256)
            if path is not None and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as wheel:
                    needed += sum(info.file_size for info in wheel.infolist())
            else:
                needed += _SDIST_RATIO * package.size
    free = shutil.disk_usage(state.prefix.root).free
    if needed > free:
        raise StepError(
            f"The prefix's disk has {free >> 20} MB left, and {needed >> 20} MB are needed",
            where=str(state.prefix.root),
            hint="make space, then install again",
        )


def check_cache_space(artifacts: Iterable[Artifact], cache: Cache) -> None:
    """Refuse to begin to fetch what the disk cannot hold; files whose size is not locked count for nothing.

    Raises:
        StepError: The file system of the cache has too little space.
    """
    needed = sum(max(0, artifact.expected.size - cache.size_there(artifact.expected)) for artifact in artifacts)
    directory = next(each for each in (cache.directory, *cache.directory.parents) if each.is_dir())
    free = shutil.disk_usage(directory).free
    if needed > free:
        raise StepError(
            f"The cache's disk has {free >> 20} MB left, and {-(-needed >> 20)} MB are to be fetched",
            where=str(cache.directory),
            hint="make space, or name another directory with --cache-dir",
        )


def drift(lockfile: Lockfile, state: State, receipt: Receipt | None, *, content_hash: str) -> Drift:
    """Compare what is pre-installed with what the lockfile assumed.

    What is already as the replay leaves it is no difference. In a prefix where this lockfile was replayed, whole or in
    part, the prefix after that replay is what is compared with.

    Args:
        lockfile: What was locked.
        state: What is there.
        receipt: Of the last replay in this prefix.
        content_hash: Of the lockfile.
    """
    ours = receipt is not None and receipt.content_hash == content_hash
    notes = [] if state.prefix.python_version == lockfile.assumed_python else [_python_note(lockfile, state)]
    if receipt is not None and (receipt.image, receipt.platform) != (lockfile.predictor.image, lockfile.platform):
        notes.append(
            f"the last replay here was for {receipt.image} on {receipt.platform}, "
            f"the lockfile is for {lockfile.predictor.image} on {lockfile.platform}"
        )
    if ours and receipt is not None:
        if receipt.state == "started":
            notes.append("an earlier replay of this lockfile was ended half-way; it is completed")
        return Drift(tuple(sorted(_since(receipt, lockfile, state))), tuple(notes))
    differences: list[str] = []
    versions = lockfile.versions()
    fresh = state.prefix.python_minor != minor_of(lockfile.assumed_python)
    for assumed in lockfile.pre_installed:
        if assumed.name in SEEDS or (assumed.manager == "pip" and fresh):
            continue
        found = _found(assumed, state)
        if found is None or _is_fine(assumed, found, versions):
            continue
        there = " and ".join(found) if found else "not there"
        differences.append(f"{assumed.manager} {assumed.name}: {there}, the lockfile assumes {assumed.version}")
    notes += _extra(lockfile, state)
    return Drift(tuple(sorted(differences)), tuple(notes))


def refuse_drift(found: Drift) -> None:
    """Refuse a prefix that is not what the lockfile assumed.

    Raises:
        DifferenceError: The message lists all differences.
    """
    if found.differences:
        lines = "\n".join(f"  {line}" for line in found.differences)
        raise DifferenceError(f"The prefix is not what the lockfile assumes:\n{lines}", hint=_ALLOW)


def _found(assumed: PreInstalled, state: State) -> tuple[str, ...] | None:
    """Return the versions that are there; None where nobody can tell: conda's, in an environment without conda."""
    if assumed.manager == "pip":
        return state.versions(canonicalize_name(assumed.name))
    if not state.is_conda:
        return None
    package = state.conda.get(assumed.name)
    return (package.version,) if package else ()


def _is_fine(assumed: PreInstalled, found: tuple[str, ...], versions: Mapping[PackageKey, frozenset[str]]) -> bool:
    if assumed.manager == "conda" and assumed.name == "python":
        return bool(found)  # its minor version was compared, another patch level is a note
    return len(found) == 1 and any(same_version(found[0], version) for version in versions[assumed.key])


def _extra(lockfile: Lockfile, state: State) -> Iterator[str]:
    """Yield a note of distributions that the lockfile does not know."""
    known = {key.name for key in lockfile.assumed | lockfile.keys}
    extra = sorted(set(state.distributions) - known - SEEDS)
    if extra:
        yield f"the prefix has distributions that the lockfile does not know: {', '.join(extra)}"


def _since(receipt: Receipt, lockfile: Lockfile, state: State) -> Iterator[str]:
    """Yield what changed since the last replay began or ended, but for what the replay sets right.

    A script that was ended half-way may have changed all but what it must leave alone.
    """
    in_script = any(step.sha256 != receipt.script for step in lockfile.script_steps)
    bound = {each.key for each in lockfile.kept()} if in_script else None
    fresh = lockfile.changes_python  # and with it site-packages are empty
    now = state.summary()
    for manager, packages in receipt.known.packages.items():
        for name, version in packages.items():
            found = now.get(manager, {}).get(name)
            key = PackageKey.of("pip" if manager == "pip" else "conda", name)
            if found == version or name in SEEDS or (fresh and manager == "pip"):
                continue
            if bound is not None and key not in bound:
                continue
            is_ours = manager == "pip" and name in receipt.pip
            if not is_ours and key not in lockfile.settled_keys:
                yield f"{manager} {name}: {found or 'not there'}, the last replay left {version}"


def _python_note(lockfile: Lockfile, state: State) -> str:
    return f"the prefix has Python {state.prefix.python_version}, the lockfile assumes {lockfile.assumed_python}"
