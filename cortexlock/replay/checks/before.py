"""What must hold before a replay touches anything."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.errors import DifferenceError, StepError, UsageError
from cortexlock.inputs import freshness
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled, ScriptStep
from cortexlock.model.project import Project
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.plan import SEEDS, Plan
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.script_effects import kept
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
    minors = {_minor(lockfile.python), _minor(_assumed_python(lockfile))}
    if state.prefix.python_minor not in minors:
        raise DifferenceError(
            f"The prefix has Python {state.prefix.python_version}, the lockfile is for {_assumed_python(lockfile)}",
            where=str(root),
            hint="install into the predictor's image, or lock for this one",
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
    notes = [] if state.prefix.python_version == _assumed_python(lockfile) else [_python_note(lockfile, state)]
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
    after = _after(lockfile)
    fresh = state.prefix.python_minor != _minor(_assumed_python(lockfile))
    for assumed in lockfile.pre_installed:
        if assumed.name in SEEDS or (assumed.manager == "pip" and fresh):
            continue
        found = _found(assumed, state)
        if found is None or _is_fine(assumed, found, after):
            continue
        there = " and ".join(found) if found else "not there"
        differences.append(f"{assumed.manager} {assumed.name}: {there}, the lockfile assumes {assumed.version}")
    notes += _extra(lockfile, state, after)
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


def _is_fine(assumed: PreInstalled, found: tuple[str, ...], after: Mapping[tuple[str, str], set[str]]) -> bool:
    if assumed.manager == "conda" and assumed.name == "python":
        return bool(found)  # its minor version was compared, another patch level is a note
    locked = after.get((assumed.manager, canonicalize_name(assumed.name)), set())
    return len(found) == 1 and any(same_version(found[0], version) for version in {assumed.version, *locked})


def _after(lockfile: Lockfile) -> dict[tuple[str, str], set[str]]:
    """Return the versions that the replay leaves, by manager and name; what conda brings for Python is pip's too."""
    after: dict[tuple[str, str], set[str]] = {}
    for step in lockfile.steps:
        if isinstance(step, CondaStep):
            for conda in step.packages:
                after.setdefault(("conda", canonicalize_name(conda.name)), set()).add(conda.version)
                for distribution in conda.distributions:
                    name, _, version = distribution.partition("==")
                    after.setdefault(("pip", canonicalize_name(name)), set()).add(version)
        elif isinstance(step, PipStep):
            for package in step.packages:
                after.setdefault(("pip", package.name), set()).add(package.version)
    return after


def _extra(lockfile: Lockfile, state: State, after: Mapping[tuple[str, str], set[str]]) -> Iterator[str]:
    """Yield a note of distributions that the lockfile does not know."""
    known = {canonicalize_name(assumed.name) for assumed in lockfile.pre_installed} | {name for _, name in after}
    extra = sorted(set(state.distributions) - known - SEEDS)
    if extra:
        yield f"the prefix has distributions that the lockfile does not know: {', '.join(extra)}"


def _since(receipt: Receipt, lockfile: Lockfile, state: State) -> Iterator[str]:
    """Yield what changed since the last replay began or ended, but for what the replay sets right.

    A script that was ended half-way may have changed all but what it must leave alone.
    """
    repaired = _set_right(lockfile)
    in_script = any(isinstance(step, ScriptStep) and step.sha256 != receipt.script for step in lockfile.steps)
    bound = {(manager, canonicalize_name(name)) for manager, name, _ in kept(lockfile)} if in_script else None
    fresh = _minor(lockfile.python) != _minor(_assumed_python(lockfile))  # and with it empty site-packages
    now = state.summary()
    for manager, packages in receipt.known.packages.items():
        for name, version in packages.items():
            found = now.get(manager, {}).get(name)
            key = (manager, canonicalize_name(name))
            if found == version or name in SEEDS or (fresh and manager == "pip"):
                continue
            if bound is not None and key not in bound:
                continue
            is_ours = manager == "pip" and name in receipt.pip
            if not is_ours and key not in repaired:
                yield f"{manager} {name}: {found or 'not there'}, the last replay left {version}"


def _set_right(lockfile: Lockfile) -> set[tuple[str, str]]:
    """Return manager and name of what the replay installs whatever is there, or removes for something else."""
    found: set[tuple[str, str]] = set()
    for step in lockfile.steps:
        if isinstance(step, CondaStep):
            for package in step.packages:
                if package.file:
                    found.add(("conda", canonicalize_name(package.name)))
                    found |= {("pip", canonicalize_name(each.partition("==")[0])) for each in package.distributions}
                    if any(each.startswith("pip ") for each in package.replaces):
                        found.add(("pip", canonicalize_name(package.name)))
        elif isinstance(step, PipStep):
            found |= {("pip", package.name) for package in step.packages if package.action != "keep"}
    return found


def _assumed_python(lockfile: Lockfile) -> str:
    """Return the version of the interpreter before the first step."""
    found = (each.version for each in lockfile.pre_installed if (each.manager, each.name) == ("conda", "python"))
    return next(found, lockfile.python)


def _python_note(lockfile: Lockfile, state: State) -> str:
    return f"the prefix has Python {state.prefix.python_version}, the lockfile assumes {_assumed_python(lockfile)}"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
