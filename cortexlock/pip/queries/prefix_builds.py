"""What is built in the prefix, as a lockfile has it; and whether it will find there what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.errors import NoSolutionError, UsageError
from cortexlock.model.package import PipPackage
from cortexlock.pip.prefix.conflicts import Present
from cortexlock.pip.resolution.findings import Unsuited
from cortexlock.pip.resolution.values import Resolved, Root
from cortexlock.pip.sources.prefix_builds import PrefixBuild, PrefixBuilds

_BACKEND_SINCE = Version("40.8.0")
"""Since this version setuptools builds what has a `setup.py` alone as a backend (PEP 517)."""

_WHEEL_WITHIN = Version("70.1")
"""Since this version setuptools needs no `wheel`, which projects still declare."""


def marked(packages: Sequence[PipPackage], chosen: Sequence[Resolved], builds: PrefixBuilds) -> tuple[PipPackage, ...]:
    """Return locked packages, with what is known of those that are built in the prefix.

    Raises:
        UsageError: The project names one in another way than its metadata do.
    """
    found = {each.name: each for each in chosen}
    return tuple(_marked(package, found[package.name], builds) for package in packages)


def _marked(package: PipPackage, found: Resolved, builds: PrefixBuilds) -> PipPackage:
    known = builds.found(found.source) if found.source is not None else None
    if known is None:
        return package
    if not builds.are_of(package.name):
        raise UsageError(
            f"`no-build-isolation` names a directory, and what is in it is called {package.name}",
            where="cortexlock.yaml",
            hint=f"write `no-build-isolation: [{package.name}]`",
        )
    needs = tuple(canonicalize_name(each.name) for each in known.needs)
    return replace(package, no_build_isolation=True, builds_with=needs, metadata=known.metadata)


def unsuited(
    chosen: Sequence[Resolved], builds: PrefixBuilds, after: Mapping[str, Present], roots: Sequence[Root]
) -> tuple[Unsuited, ...]:
    """Return what builds in the prefix ask for and find in another version, which is theirs to judge.

    Args:
        chosen: What was chosen.
        builds: What is known of builds in the prefix.
        after: What is there once the step is done, by normalized name.
        roots: What the project asks for.

    Raises:
        NoSolutionError: A build asks for what is not there at all.
    """
    found = []
    for each in chosen:
        known = builds.found(each.source) if each.source is not None else None
        if known is not None:
            _refuse_missing(each, known, after, roots)
            for need in known.needs:
                there = after.get(canonicalize_name(need.name))
                if there is not None and not need.specifier.contains(there.version, prereleases=True):
                    found.append(Unsuited(each.name, f"{need.name}{need.specifier}", there.version))
    return tuple(found)


def _refuse_missing(found: Resolved, known: PrefixBuild, after: Mapping[str, Present], roots: Sequence[Root]) -> None:
    missing = [str(each) for each in known.needs if canonicalize_name(each.name) not in after]
    setuptools = after.get("setuptools")
    if setuptools is not None and Version(setuptools.version) >= _WHEEL_WITHIN:
        missing = [text for text in missing if canonicalize_name(Requirement(text).name) != "wheel"]
    if setuptools is not None and Version(setuptools.version) < _BACKEND_SINCE:
        missing.append(f"setuptools>={_BACKEND_SINCE}")
    if missing:
        line = next((root for root in roots if root.name == found.name and root.file), None)
        names = " and ".join(missing)
        raise NoSolutionError(
            f"{found.name} is built in the image itself, and needs {names} there, which neither the image nor the "
            "lock has",
            where=line.place if line else found.name,
            hint=f"ask for {names} in the requirements, too",
        )
