"""The child process of `install.link`: read a job as JSON on standard input, and carry it out with py-rattler.

The job: `prefix`, whose records are read, and `info`, by archive what is read of its `info/`: nothing else is done; or
`prefix`, `written_prefix` (null, or what files get in its place), `workspace`, `remove` (names), `scripts`
(whether link scripts are run), `packages` (`name`, `file`, `archive`, `sha256`, `md5`, `channel`, `url`,
`requested_spec`: who asked for it in conda's words, or empty).
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
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from rattler import PackageRecord, PrefixRecord, install
from rattler.exceptions import ExtractError
from rattler.package import IndexJson, PathsJson
from rattler.repo_data import RepoDataRecord

from cortexlock.conda import archive as archives
from cortexlock.conda import link_scripts
from cortexlock.storage import whole_file

_TAG = "CACHEDIR.TAG"
UNREADABLE = 4
"""The exit code where a record cannot be read: standard error has its path, why, and the archive, if any, as JSON."""

_VANISHING = ("extracted_package_dir", "link", "package_tarball_full_path")


def main() -> NoReturn:
    """Carry out the job on standard input and end the process: 0, or another code with the reason on standard error."""
    job = json.load(sys.stdin)
    code = 0
    try:
        if "info" in job:
            _installed(Path(job["prefix"]))
            _read(job["info"])
            os._exit(0)
        with tempfile.TemporaryDirectory(
            prefix="conda-", dir=job["workspace"], ignore_cleanup_errors=True
        ) as directory:
            asyncio.run(link(job, Path(directory)))
    except _RecordError as error:
        sys.stderr.write(json.dumps(error.args))
        code = UNREADABLE
    except link_scripts.LinkScriptError as error:
        sys.stderr.write(f"{error}\n")
        code = link_scripts.FAILED
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
    if job["scripts"]:
        _run_scripts("pre-unlink", there.keys() - kept.keys(), prefix)
    try:
        await install(
            [*kept.values(), *new.values()],
            prefix,
            cache_dir=workspace / "cache",
            installed_packages=list(there.values()),
            reinstall_packages=set(new) & set(there),
            ignored_packages=set(kept) - {"python"},
            execute_link_scripts=False,
            alternative_target_prefix=job.get("written_prefix"),
            show_progress=False,
        )
    finally:
        # rattler marks the environment for backup programs as something to leave out; that is not ours to say.
        if not tagged:
            (prefix / _TAG).unlink(missing_ok=True)
    packages = {package["name"]: package for package in job["packages"]}
    waiting = {name for name in new if job["scripts"] and link_scripts.find(prefix, name, "post-link")}
    _describe(prefix, packages, waiting=waiting)
    for record in PackageRecord.sort_topologically(list(new.values())):
        name = record.name.normalized
        if name in waiting:
            _run_scripts("post-link", {name}, prefix)
            _describe(prefix, {name: packages[name]})


def _run_scripts(when: link_scripts.When, names: Collection[str], prefix: Path) -> None:
    """Run the scripts of packages in an environment."""
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = json.loads(path.read_bytes())
        script = link_scripts.find(prefix, record["name"], when) if record["name"] in names else None
        if script is not None:
            link_scripts.run(script, prefix, record, os.environ)


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


class _RecordError(Exception):
    """A record of the environment cannot be read, or a file of an archive: its path, why, and which archive, if any."""


def _installed(prefix: Path) -> list[PrefixRecord]:
    """Return the records in `conda-meta` that the linker can read, sorted by file name."""
    found = []
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        try:
            found.append(PrefixRecord.from_path(path))
        except Exception as error:  # noqa: PERF203 - py-rattler's own are of many classes
            raise _RecordError(str(path), str(error), "") from error
    return found


def _read(info: Mapping[str, Mapping[str, str]]) -> None:
    """Read what archives say of themselves, as it is read when they are linked."""
    readers = {"info/index.json": IndexJson.from_str, "info/paths.json": PathsJson.from_str}
    for archive, files in info.items():
        for name in readers.keys() & files.keys():
            try:
                readers[name](files[name])
            except Exception as error:  # noqa: PERF203 - as above
                raise _RecordError(name, str(error), archive) from error


def _describe(prefix: Path, packages: Mapping[str, Mapping[str, Any]], *, waiting: Collection[str] = ()) -> None:
    """Record where packages are from and who asked for them, as conda does, in place of what is about to vanish.

    Packages whose script has not run yet get no hashes: without these nobody takes them for linked.
    """
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = json.loads(path.read_bytes())
        package = packages.get(record["name"])
        if package is None:
            continue
        hashes = {key: package[key] for key in ("sha256", "md5")}
        asked = package["requested_spec"]
        record |= {"url": package["url"], "channel": package["channel"], "fn": package["file"], **hashes}
        record |= {"requested_spec": asked or "None", "requested_specs": [asked] if asked else []}
        for key in (*_VANISHING, *(hashes if record["name"] in waiting else ())):
            record.pop(key, None)
        whole_file.write(path, f"{json.dumps(record, indent=2, sort_keys=True)}\n".encode())


if __name__ == "__main__":
    main()
