"""A conda environment as it is: which packages it has, and whether their files are what `conda-meta` records."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.conda import prefix_records
from cortexlock.model.package import CondaPackage
from cortexlock.model.target import minor_of
from cortexlock.patterns import pattern
from cortexlock.storage.digests import file_digest

_METADATA = pattern(r"/site-packages/(?P<name>[^/-]+)[^/]*\.(?:dist|egg)-info(?:/|$)")
_CLOBBERS = "__clobbers__/"  # where the installer puts them, each below the name of its package
_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPackage:
    """A conda package as `conda-meta` records it; what the record does not say is empty.

    Attributes:
        name: Package name.
        version: Version.
        build: Build string.
        sha256: Hash of the archive that it is from, hexadecimal.
        md5: Hash of the archive that it is from, hexadecimal.
    """

    name: str
    version: str
    build: str = ""
    sha256: str = ""
    md5: str = ""


def installed(prefix: Path) -> dict[str, InstalledPackage]:
    """Return what conda has installed, by name.

    Args:
        prefix: The environment.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
    """
    found = {}
    for record in prefix_records.read(prefix).values():
        found[record["name"]] = InstalledPackage(
            name=record["name"],
            version=record["version"],
            build=record.get("build", ""),
            sha256=record.get("sha256") or "",
            md5=record.get("md5") or "",
        )
    return found


def same(package: CondaPackage, there: InstalledPackage) -> bool:
    """Whether what is there is the locked package: the same build, and the same archive where that is recorded.

    Of the image's own Python only the minor version counts: patch levels have one ABI, and a replay says it when the
    prefix has another one.
    """
    if package.action == "keep" and package.name == "python" == there.name:
        return minor_of(package.version) == minor_of(there.version)
    return (
        (package.name, package.version) == (there.name, there.version)
        and (not package.build or package.build == there.build)
        and (not package.sha256 or not there.sha256 or package.sha256 == there.sha256)
        and (not package.md5 or not there.md5 or package.md5 == there.md5)
    )


def verify(prefix: Path, packages: Iterable[CondaPackage]) -> tuple[str, ...]:
    """Compare an environment with locked packages: names, versions, builds, and each file's hash.

    Args:
        prefix: The environment.
        packages: What must be there; of packages with action `keep` only name, version and build count.

    Returns:
        The differences, one sentence each, empty if there are none. Files into which the installer wrote the
        environment's path are compared with the hash that it recorded when it did.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
    """
    return tuple(line for lines in problems(prefix, packages).values() for line in lines)


def problems(prefix: Path, packages: Iterable[CondaPackage]) -> dict[str, tuple[str, ...]]:
    """Compare an environment with locked packages, as `verify` does.

    Returns:
        What is wrong with each package that differs, by name, in the order of the packages.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
    """
    there = installed(prefix)
    records = prefix_records.by_name(prefix)
    owned = _owned(records.values())
    differences: dict[str, tuple[str, ...]] = {}
    for package in packages:
        name = package.name
        if name not in there:
            wrong = [f"{name} {package.version} is not installed"]
        elif not same(package, there[name]):
            found = there[name]
            wrong = [f"{name} is {found.version} {found.build}, locked is {package.version} {package.build}".rstrip()]
        else:
            wrong = _changed_files(prefix, records[name], owned) if package.file else []
        if wrong:
            differences[name] = tuple(wrong)
    return differences


def metadata_of(records: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the names of the Python distributions whose metadata each conda package has, as their directories say."""
    found: dict[str, set[str]] = {}
    for record in records:
        matches = (_METADATA.search(entry["_path"]) for entry in prefix_records.entries(record))
        found[record["name"]] = {match["name"] for match in matches if match}
    return found


def owners(prefix: Path) -> dict[str, str]:
    """Return which conda package has each file of an environment, by the path relative to it.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
    """
    return {
        entry["_path"]: record["name"]
        for record in prefix_records.read(prefix).values()
        for entry in prefix_records.entries(record)
    }


def clobbered(records: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return the files that are not where their package has them, because another conda package has them too.

    Returns:
        Pairs of the package and the path, relative to the environment; sorted.
    """
    found = []
    for record in records:
        for entry in prefix_records.entries(record):
            aside, _, path = entry["_path"].removeprefix(_CLOBBERS).partition("/")
            if entry["_path"].startswith(_CLOBBERS) and aside == record["name"]:
                found.append((record["name"], path))
    return tuple(sorted(found))


def wrong_links(prefix: Path, records: Collection[Mapping[str, Any]]) -> frozenset[str]:
    """Return the symbolic links that do not lead where they led when their packages were made, as far as these tell.

    Args:
        prefix: The environment.
        records: All of its records.
    """
    owned = _owned(records)
    return frozenset(
        entry["_path"]
        for record in records
        for entry in prefix_records.entries(record)
        if entry.get("path_type") == "softlink" and not _is_link_right(prefix, entry, owned)
    )


def _changed_files(prefix: Path, record: Mapping[str, Any], owned: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the files of a package, of which the record is given, and all files by their paths."""
    name = record["name"]
    wrong = []
    for entry in prefix_records.entries(record):
        path = prefix / entry["_path"]
        expected = entry.get("sha256_in_prefix") or entry.get("sha256")
        if not path.is_symlink() and not path.exists():
            wrong.append(f"{name}: {entry['_path']} is missing")
        elif entry.get("path_type") == "softlink":
            if not _is_link_right(prefix, entry, owned):
                wrong.append(f"{name}: {entry['_path']} was changed")
        elif entry.get("path_type") != "directory" and expected and _sha256(path) != expected:
            wrong.append(f"{name}: {entry['_path']} was changed")
    return wrong


def _is_link_right(prefix: Path, entry: Mapping[str, Any], owned: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a link is one, and leads to what it led to when its package was made, as far as the package tells.

    The recorded hash is that of the target's content; of nothing, for a directory and for what was not there; and what
    the installer notes by itself, where the package has none, is that of the link's own text. A target
    into which the environment's path was written has another one now, and one of another package may be of another
    version than it was then: both are checked where they are listed themselves.
    """
    path = prefix / entry["_path"]
    if not path.is_symlink():
        return False
    expected = _hashes(entry)
    if not expected or _NOTHING in expected:
        return True
    if hashlib.sha256(os.fsencode(path.readlink())).hexdigest() in expected:
        return True
    target = Path(os.path.realpath(path))
    root = Path(os.path.realpath(prefix))
    if not target.is_file():
        return False
    there = owned.get(target.relative_to(root).as_posix()) if target.is_relative_to(root) else None
    if there is not None and (there["package"] != entry["package"] or _hashes(there) & expected):
        return True
    return _sha256(target) in expected


def _owned(records: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return what records say of the files that are no links, by their paths."""
    return {
        entry["_path"]: entry
        for record in records
        for entry in prefix_records.entries(record)
        if entry.get("path_type") not in {"softlink", "directory"}
    }


def _hashes(entry: Mapping[str, Any]) -> set[str]:
    return {found for key in ("sha256", "sha256_in_prefix") if (found := entry.get(key))}


def _sha256(path: Path) -> str:
    """Return the hash of a file, or of nothing for what is no file."""
    return file_digest(path) if path.is_file() else _NOTHING
