"""Conda packages and channels made on the spot, good ones and evil ones."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from cortexlock.model.package import CondaPackage

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True)
class Member:
    """A member of an archive that is no plain file: `kind` is a type of `tarfile`."""

    kind: bytes
    target: str = ""


Content: TypeAlias = str | bytes | Member
"""What is in an archive under a path."""


@dataclass(frozen=True)
class Package:
    """A package to make.

    Attributes:
        name: Its name.
        version: Its version.
        build: Its build string.
        depends: MatchSpecs.
        files: Content by path in the archive; a list of pairs where a path is there twice.
        subdir: Where it is for.
        noarch: `python`, `generic` or empty.
        commands: Entry points of pure Python.
        timestamp: Milliseconds since 1970; None: the record has none.
        suffix: The format.
        index: What `info/index.json` says besides, or differently.
        paths: What `info/paths.json` lists, in place of the files.
        old: Whether it has the older `info/files` in place of `info/paths.json`.
        prefixed: Paths of files that hold `placeholder`.
        hashes: Which hashes the channel gives.
        sized: Whether the channel gives the size.
    """

    name: str
    version: str = "1.0"
    build: str = "0"
    depends: Sequence[str] = ()
    files: Mapping[str, Content] | Sequence[tuple[str, Content]] = field(default_factory=dict)
    subdir: str = "linux-64"
    noarch: str = ""
    commands: Sequence[str] = ()
    timestamp: int | None = 1_580_000_000_000
    suffix: str = ".tar.bz2"
    index: Mapping[str, Any] = field(default_factory=dict)
    paths: Sequence[Any] | None = None
    old: bool = False
    prefixed: Sequence[str] = ()
    hashes: Sequence[str] = ("md5", "sha256")
    sized: bool = True

    @property
    def file(self) -> str:
        """The archive's file name."""
        return f"{self.name}-{self.version}-{self.build}{self.suffix}"

    @property
    def record(self) -> dict[str, Any]:
        """What `info/index.json` says."""
        record = {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": 0,
            "depends": list(self.depends),
            "subdir": self.subdir,
            **({"noarch": self.noarch} if self.noarch else {}),
            **({"timestamp": self.timestamp} if self.timestamp is not None else {}),
        }
        return record | dict(self.index)


PLACEHOLDER = "/placehold" * 25


def archive(package: Package) -> bytes:
    """Return the archive of a package."""
    pairs = list(package.files.items() if isinstance(package.files, Mapping) else package.files)
    info = {"info/index.json": package.record, "info/about.json": {}}
    paths = [_path(package, path, content) for path, content in pairs] if package.paths is None else package.paths
    info["info/paths.json"] = {"paths": paths, "paths_version": 1}
    if package.noarch == "python":
        noarch = {"type": "python", "entry_points": list(package.commands)}
        info["info/link.json"] = {"noarch": noarch, "package_metadata_version": 1}
    about = [(path, json.dumps(content)) for path, content in info.items() if not package.old or "paths" not in path]
    if package.old:
        about.append(("info/files", "".join(f"{entry['_path']}\n" for entry in paths)))
    if package.suffix == ".tar.bz2":
        return bz2.compress(_tar([*about, *pairs]))
    stem = package.file.removesuffix(".conda")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as outer:
        outer.writestr(zipfile.ZipInfo("metadata.json"), json.dumps({"conda_pkg_format_version": 2}))
        outer.writestr(zipfile.ZipInfo(f"pkg-{stem}.tar.zst"), zstd.compress(_tar(pairs)))
        outer.writestr(zipfile.ZipInfo(f"info-{stem}.tar.zst"), zstd.compress(_tar(about)))
    return buffer.getvalue()


def locked(package: Package, content: bytes, *, channel: str = "./channel") -> CondaPackage:
    """Return the lockfile's entry of a package with this archive."""
    return CondaPackage(
        name=package.name,
        version=package.version,
        build=package.build,
        channel=channel,
        subdir=package.subdir,
        file=package.file,
        sha256=hashlib.sha256(content).hexdigest(),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        size=len(content),
    )


def write(directory: Path, package: Package) -> tuple[CondaPackage, Path]:
    """Write the archive of a package; return its lockfile entry and its path."""
    content = archive(package)
    path = directory / package.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return locked(package, content), path


def write_channel(directory: Path, packages: Iterable[Package]) -> None:
    """Write a channel: `repodata.json` of each subdir, and the archives."""
    entries: dict[str, dict[str, dict[str, Any]]] = {"linux-64": {}, "noarch": {}}
    for package in packages:
        content = archive(package)
        (directory / package.subdir).mkdir(parents=True, exist_ok=True)
        (directory / package.subdir / package.file).write_bytes(content)
        hashes = {name: hashlib.new(name, content).hexdigest() for name in package.hashes}
        size = {"size": len(content)} if package.sized else {}
        entries.setdefault(package.subdir, {})[package.file] = package.record | hashes | size
    for subdir, found in entries.items():
        (directory / subdir).mkdir(parents=True, exist_ok=True)
        old = {file: entry for file, entry in found.items() if file.endswith(".tar.bz2")}
        new = {file: entry for file, entry in found.items() if file.endswith(".conda")}
        repodata = {"info": {"subdir": subdir}, "packages": old, "packages.conda": new, "repodata_version": 1}
        (directory / subdir / "repodata.json").write_text(json.dumps(repodata), encoding="utf-8")


def _path(package: Package, path: str, content: Content) -> dict[str, Any]:
    """Return what `info/paths.json` says of a file."""
    if isinstance(content, Member):
        link = {"_path": path, "path_type": "softlink" if content.kind == tarfile.SYMTYPE else "hardlink"}
        target = dict(package.files).get(os.path.normpath(f"{os.path.dirname(path)}/{content.target}"))  # noqa: PTH120 - text
        if content.kind == tarfile.SYMTYPE and isinstance(target, str):  # as conda-build has it: of what it leads to
            link["sha256"] = hashlib.sha256(target.encode()).hexdigest()
        return link
    raw = content.encode() if isinstance(content, str) else content
    entry = {
        "_path": path,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(raw).hexdigest(),
        "size_in_bytes": len(raw),
    }
    return entry | ({"prefix_placeholder": PLACEHOLDER, "file_mode": "text"} if path in package.prefixed else {})


def _tar(pairs: Iterable[tuple[str, Content]]) -> bytes:
    """Return a tar of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in pairs:
            member = tarfile.TarInfo(path)
            if isinstance(content, Member):
                member.type, member.linkname = content.kind, content.target
                tar.addfile(member)
                continue
            raw = content.encode() if isinstance(content, str) else content
            member.size, member.mode = len(raw), 0o755 if path.startswith("bin/") else 0o644
            tar.addfile(member, io.BytesIO(raw))
    return buffer.getvalue()
