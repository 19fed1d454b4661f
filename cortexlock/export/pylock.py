"""`pylock`: `pylock.PLATFORM.toml` as PEP 751 has it, made and validated by `packaging`."""

from __future__ import annotations

from typing import Any

import tomli_w
from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
)
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.export import steps
from cortexlock.export.content import Exported, Source
from cortexlock.model.package import FromArchive, FromDirectory, FromGit, FromUrl, PipPackage
from cortexlock.model.predictor import MACHINES
from cortexlock.model.target import minor_of


def export(source: Source) -> Exported:
    """Return the file: what pip installs, one artifact each, for this platform and minor version of Python only."""
    lockfile = source.lockfile
    minor = minor_of(lockfile.python)
    apart = steps.without_isolation(lockfile)
    indexes = {place.alias: place.url for place in source.indexes if place.kind == "index" and not place.variables}
    machine = MACHINES[lockfile.subdir]
    pylock = Pylock(
        lock_version=Version("1.0"),
        created_by="cortexlock",
        requires_python=SpecifierSet(f"=={minor}.*"),
        environments=[Marker(f"sys_platform == 'linux' and platform_machine == '{machine}'")],
        packages=[_package(each, source, indexes) for each in steps.installed(lockfile) if each.name not in apart],
    )
    pylock.validate()
    text = tomli_w.dumps(_plain(pylock.to_dict()))
    left_out = (*steps.not_carried(lockfile, pip=True), *steps.not_isolated(lockfile))
    return Exported({f"pylock.{lockfile.label}.toml": text.encode()}, left_out=left_out)


def _package(package: PipPackage, source: Source, indexes: dict[str, str]) -> Package:
    name, version = canonicalize_name(package.name), Version(package.version)
    if isinstance(package.source, FromGit):
        vcs = PackageVcs(
            type="git",
            url=package.source.url,
            requested_revision=package.source.reference or None,
            commit_id=package.source.commit,
            subdirectory=package.subdirectory or None,
        )
        return Package(name=name, vcs=vcs)
    if isinstance(package.source, FromDirectory):
        directory = PackageDirectory(path=package.source.path, editable=package.editable or None)
        return Package(name=name, directory=directory)
    hashes = {"sha256": package.sha256}
    where: dict[str, Any] = {"size": package.size or None, "hashes": hashes}
    place = source.urls[package.sha256]
    where["url" if "://" in place else "path"] = place
    if isinstance(package.source, FromUrl | FromArchive):
        archive = PackageArchive(**where, subdirectory=package.subdirectory or None)
        return Package(name=name, version=version, archive=archive)
    index = indexes.get(package.alias or "")
    if package.file.endswith(".whl"):
        wheel = PackageWheel(name=package.file, **where)
        return Package(name=name, version=version, index=index, wheels=[wheel])
    return Package(name=name, version=version, index=index, sdist=PackageSdist(name=package.file, **where))


def _plain(value: Any) -> Any:  # noqa: ANN401 - what TOML has
    """Return a document of plain values: what `packaging` leaves as its own types is their text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if isinstance(value, (bool, int, float)) else str(value)
