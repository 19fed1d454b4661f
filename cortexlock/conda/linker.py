"""The child process of `install.link`: read a job as JSON on standard input, and carry it out with py-rattler.

The job: `prefix`, `written_prefix` (null, or what files get in its place), `workspace`, `remove` (names), `scripts`
(whether link scripts are run), `packages` (`name`, `file`, `archive`, `sha256`, `channel`, `url`).
Packages are unpacked into a cache of this process's own: rattler would take what it finds in a shared one for what it
is named, whatever it holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from rattler import PackageRecord, PrefixRecord, install
from rattler.exceptions import ExtractError
from rattler.repo_data import RepoDataRecord

from cortexlock.conda import archive as archives

_TAG = "CACHEDIR.TAG"


def main() -> NoReturn:
    """Carry out the job on standard input and end the process: 0, or 1 with the reason on standard error."""
    job = json.load(sys.stdin)
    code = 0
    try:
        with tempfile.TemporaryDirectory(
            prefix="conda-", dir=job["workspace"], ignore_cleanup_errors=True
        ) as directory:
            asyncio.run(link(job, Path(directory)))
    except Exception as error:  # noqa: BLE001 - the process that waits for this one tells the user
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 1
    sys.stderr.flush()
    # The threads of py-rattler can crash an interpreter that shuts down: leave without that.
    os._exit(code)


async def link(job: Mapping[str, Any], workspace: Path) -> None:
    """Link the job's packages.

    Args:
        job: See above.
        workspace: An empty directory.
    """
    prefix = Path(job["prefix"])
    tagged = (prefix / _TAG).exists()
    there = {record.name.normalized: record for record in _installed(prefix)}
    new = {package["name"]: await _record(package, workspace) for package in job["packages"]}
    kept = {name: record for name, record in there.items() if name not in new and name not in job["remove"]}
    try:
        await install(
            [*kept.values(), *new.values()],
            prefix,
            cache_dir=workspace / "cache",
            installed_packages=list(there.values()),
            reinstall_packages=set(new) & set(there),
            ignored_packages=set(kept) - {"python"},
            execute_link_scripts=job["scripts"],
            alternative_target_prefix=job.get("written_prefix"),
            show_progress=False,
        )
    finally:
        # rattler marks the environment for backup programs as something to leave out; that is not ours to say.
        if not tagged:
            (prefix / _TAG).unlink(missing_ok=True)
    _describe(prefix, job["packages"])


async def _record(package: Mapping[str, Any], workspace: Path) -> RepoDataRecord:
    """Return the record of an archive, under its own name: the installer tells the format by it."""
    archive = workspace / package["file"]
    try:
        os.link(package["archive"], archive)
    except OSError:
        shutil.copyfile(package["archive"], archive)
    try:
        record = await RepoDataRecord.from_package_archive(archive)
    except ExtractError:  # members named `./info/…`: it unpacks them, and does not find them
        record = _of_index(package, archive)
    if record.sha256 is None or record.sha256.hex() != package["sha256"]:
        raise ValueError(f"{package['file']} is not the archive that was verified")
    return record


def _of_index(package: Mapping[str, Any], archive: Path) -> RepoDataRecord:
    """Return the record of an archive by what was read of it here."""
    index = archive.with_name(f"{package['file']}.index.json")
    index.write_bytes(archives.index(archive, package["file"]))
    content = archive.read_bytes()
    record = PackageRecord.from_index_json(index, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    return RepoDataRecord(record, package["file"], archive.as_uri(), archive.parent.as_uri())


def _installed(prefix: Path) -> list[PrefixRecord]:
    """Return what the environment has."""
    return [PrefixRecord.from_path(path) for path in sorted((prefix / "conda-meta").glob("*.json"))]


def _describe(prefix: Path, packages: Sequence[Mapping[str, Any]]) -> None:
    """Record where the packages are from, in place of the directory that is about to vanish."""
    by_name = {package["name"]: package for package in packages}
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = json.loads(path.read_bytes())
        package = by_name.get(record["name"])
        if package is None:
            continue
        record |= {"url": package["url"], "channel": package["channel"], "fn": package["file"]}
        for key in ("extracted_package_dir", "link", "package_tarball_full_path"):
            record.pop(key, None)
        fresh = path.with_suffix(".json.new")
        fresh.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.replace(path)


if __name__ == "__main__":
    main()
