"""The use case `fetch`: all files of lockfiles in one directory, for an installation without network.

Layout: that of the cache (`artifacts/sha256/…`, `git/…`), and `cortexlock-bundle.json`, which names each file. It has
no time stamps, so that the same lockfiles give the same directory.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cortexlock.errors import StepError, UsageError
from cortexlock.formats import content, json_text
from cortexlock.formats.member_paths import UnsafeError, safe
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import FromGit, PipPackage
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, OnEvent
from cortexlock.network import local_file
from cortexlock.replay.checks.inputs import check_inputs
from cortexlock.replay.plan import everything
from cortexlock.replay.supply import cache_errors, checkouts
from cortexlock.replay.supply.cache import Cache, relative_path
from cortexlock.replay.supply.gather import Gathered, gather
from cortexlock.replay.supply.redaction import discreet
from cortexlock.storage import whole_directory, whole_file

INDEX_NAME = "cortexlock-bundle.json"
_VERSION = 1
_BACKOFF = 0.5


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a directory has for some lockfiles: number of files and of checkouts, and bytes of the files."""

    directory: Path
    lockfiles: tuple[str, ...]
    files: int
    checkouts: int
    size: int


def fetch(
    project: Project, lockfiles: Sequence[Lockfile], options: InstallOptions, *, on_event: OnEvent, label: str = ""
) -> Bundle:
    """Put all that lockfiles can ask for into a directory, verified; what is there already stays.

    Args:
        project: The project as it is now.
        lockfiles: What to fetch for.
        options: `prefix` is the directory; `cache` is looked into, and not written.
        on_event: Told what happens.
        label: What the index calls the project, where the directory is for several.

    Raises:
        DifferenceError: A lockfile is stale.
        NetworkError: A file cannot be had.
        IntegrityError: A file has other bytes than the locked ones, or is unsafe.
        StepError: The directory cannot be written.
    """
    cache = Cache(options.prefix, (options.cache,))
    listed: dict[str, dict[str, Any]] = {}
    hashes: dict[str, str] = {}
    for lockfile in lockfiles:
        check_inputs(project, lockfile)
    for lockfile in lockfiles:
        with discreet(project, lockfile, options, on_event) as say:
            planned = everything(lockfile)
            got = gather(project, lockfile, planned, options, cache, on_event=say, backoff=_BACKOFF)
            packages = [
                package for step in planned.steps for package in step.pip if isinstance(package.source, FromGit)
            ]
            listed |= {
                entry["path"]: entry
                for entry in (*_stored(got, cache), *_copied(packages, got, cache, options.environment))
            }
        name = lockfile.file_name
        hashes[f"{label}/{name}" if label else name] = content_hash(lockfile)
    _write_index(options.prefix, hashes, listed)
    sizes = [entry["size"] for entry in listed.values() if "size" in entry]
    return Bundle(options.prefix, tuple(hashes), len(sizes), len(listed) - len(sizes), sum(sizes))


def check_bundle(directory: Path) -> None:
    """Refuse a directory that is none that `fetch` made.

    Raises:
        UsageError: It has no index file that this version can read.
    """
    if _read_index(directory) is None:
        raise UsageError(
            "this is no directory that `cortexlock fetch` made",
            where=str(directory),
            hint="make it with `cortexlock fetch --output DIR`, where there is a network",
        )


def _stored(got: Gathered, cache: Cache) -> Iterator[dict[str, Any]]:
    """Copy files that were found elsewhere, and yield what the index says of each."""
    for artifact in got.artifacts:
        path = got.files[artifact.expected.sha256]
        if not path.is_relative_to(cache.directory):
            path = cache.put(artifact.expected, local_file.pieces(path))
        yield {
            "name": artifact.name,
            "version": artifact.version,
            "path": relative_path(artifact.expected).as_posix(),
            "sha256": artifact.expected.sha256,
            "size": path.stat().st_size,
        }


def _copied(
    packages: Sequence[PipPackage], got: Gathered, cache: Cache, environment: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Copy checkouts that were found elsewhere, and yield what the index says of each."""
    for package in packages:
        place = checkouts.relative_path(package)
        target = cache.directory / place
        if got.checkouts[package.name] != target:
            try:
                fill = partial(shutil.copytree, got.checkouts[package.name], symlinks=True)
                checkouts.keep(package, target, environment, fill)
            except OSError as error:
                raise _unwritable(error, target) from error
        yield {
            "name": package.name,
            "version": package.version,
            "path": place.as_posix(),
            "git": checkouts.source_of(package).url,
            "commit": checkouts.source_of(package).commit,
            "tree-sha256": package.sha256,
        }


def _read_index(directory: Path) -> dict[str, Any] | None:
    """Return the index of a directory; None where it is none that this version wrote."""
    try:
        document = json_text.loads(content.read(directory / INDEX_NAME))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("bundle-version") != _VERSION:
        return None
    files, lockfiles = document.get("files", []), document.get("lockfiles", {})
    right = isinstance(files, list) and isinstance(lockfiles, dict) and all(map(_is_entry, files))
    return document if right and all(isinstance(each, str) for each in lockfiles.values()) else None


def _is_entry(entry: object) -> bool:
    """Whether an entry of an index has what is used of it: a name, and a path within the directory."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("name", "path")):
        return False
    try:
        return safe(str(entry["path"])) == str(entry["path"])
    except UnsafeError:
        return False


def _write_index(directory: Path, hashes: Mapping[str, str], listed: Mapping[str, dict[str, Any]]) -> None:
    """Write the index, whole or not at all, with what an earlier one has and is still there."""
    try:
        with whole_directory.exclusive(directory / INDEX_NAME):
            earlier = _read_index(directory) or {}
            kept = {each["path"]: each for each in earlier.get("files", ()) if (directory / each["path"]).exists()}
            every = {**kept, **listed}
            document = {
                "bundle-version": _VERSION,
                "lockfiles": dict(sorted({**earlier.get("lockfiles", {}), **hashes}.items())),
                "files": [every[path] for path in sorted(every, key=lambda path: (every[path]["name"], path))],
            }
            whole_file.write(directory / INDEX_NAME, (json.dumps(document, indent=2) + "\n").encode())
    except OSError as error:
        raise _unwritable(error, directory) from error


def _unwritable(error: OSError, path: Path) -> StepError:
    return StepError(
        f"the directory cannot be written: {cache_errors.reason_of(error)}",
        where=str(path),
        hint="name another --output",
    )
