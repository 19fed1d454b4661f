"""A prefix against what was locked: names, versions, and every file that has a hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from packaging.version import Version

from cortexlock.model.package import PipPackage
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix, installed
from cortexlock.pip.prefix.recorded_files import RecordedFile, brought, differing_files, recorded

_SHOWN = 3
"""Files of one distribution that are named; the rest are counted."""


def verify(
    prefix: Prefix,
    packages: Sequence[PipPackage],
    wheels: Mapping[str, Path] | None = None,
) -> tuple[str, ...]:
    """Compare a prefix with locked packages.

    A file that several distributions bring is right if it is what one of them says.

    Args:
        prefix: What to look at.
        packages: What was locked; of packages that are kept only the version is compared.
        wheels: Wheels by normalized name, whose files the installed ones are compared with; a distribution without
            one is compared with its own RECORD.

    Returns:
        The differences, one line each, sorted by package; empty if there is none.
    """
    found = problems(prefix, packages, wheels)
    differences: list[str] = []
    for name, lines in found.items():
        differences += [f"{name}: {line}" for line in lines[:_SHOWN]]
        if len(lines) > _SHOWN:
            differences.append(f"{name}: {len(lines) - _SHOWN} further files differ")
    return tuple(sorted(differences))


def problems(
    prefix: Prefix,
    packages: Sequence[PipPackage],
    wheels: Mapping[str, Path] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Compare a prefix with locked packages, as `verify` does.

    Returns:
        What is wrong with each package that differs, by normalized name: its version, or each of its files.
    """
    there: dict[str, list[InstalledDistribution]] = {}
    for distribution in installed(prefix):
        there.setdefault(distribution.name, []).append(distribution)
    differences: dict[str, tuple[str, ...]] = {}
    compared: list[tuple[PipPackage, tuple[RecordedFile, ...]]] = []
    for package in packages:
        found = there.get(package.name, [])
        problem = _version_problem(package, found)
        if problem:
            differences[package.name] = (problem,)
        elif package.action != "keep":
            wheel = (wheels or {}).get(package.name)
            compared.append((package, brought(wheel, prefix) if wheel else recorded(found[0]) or ()))
    with ThreadPoolExecutor() as executor:
        results = list(executor.map(lambda pair: list(differing_files(pair[1])), compared))
    claims = _claims(compared)
    for (package, _), differing in zip(compared, results, strict=True):
        wrong = [f"{file.recorded} {how}" for file, how in differing if not _another_is_right(file, how, claims)]
        if wrong:
            differences[package.name] = tuple(wrong)
    return differences


def _version_problem(package: PipPackage, found: Sequence[InstalledDistribution]) -> str:
    versions = [each.version for each in found]
    if not versions:
        return f"{package.version} is not installed"
    if len(versions) > 1:
        return f"is installed more than once ({', '.join(versions)})"
    if not same_version(versions[0], package.version):
        return f"{versions[0]} is installed, {package.version} is locked"
    return ""


def same_version(one: str, other: str) -> bool:
    """Whether two versions are equal (PEP 440), also if one is written in another way or is none at all."""
    try:
        return Version(one) == Version(other)
    except ValueError:  # or one that has more digits than Python reads
        return one == other


def _claims(compared: Sequence[tuple[PipPackage, tuple[RecordedFile, ...]]]) -> dict[Path, list[RecordedFile]]:
    claims: dict[Path, list[RecordedFile]] = {}
    for _, files in compared:
        for file in files:
            if file.hash:
                claims.setdefault(file.path, []).append(file)
    return claims


def _another_is_right(file: RecordedFile, how: str, claims: Mapping[Path, list[RecordedFile]]) -> bool:
    others = [other for other in claims.get(file.path, ()) if other.hash != file.hash]
    return how == "differs" and any(not list(differing_files([other])) for other in others)
