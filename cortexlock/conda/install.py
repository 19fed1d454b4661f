"""Link locked packages into a conda environment: exactly these archives, offline, their scripts only if allowed."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cortexlock import process
from cortexlock.conda import archive as archives
from cortexlock.conda import channels, history, link_scripts, noarch
from cortexlock.conda.match_specs import name_of
from cortexlock.conda.prefix import InstalledPackage, installed, same
from cortexlock.errors import IntegrityError, StepError
from cortexlock.formats import prefix_file
from cortexlock.model.package import CondaPackage
from cortexlock.model.target import minor_of
from cortexlock.storage.digests import file_digest

_UNREADABLE = 4
"""The exit code of the child process where a record cannot be read: see `linker`, which only that process imports."""

_SCRIPTS = "without --allow-link-scripts none is run"


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """Where packages are linked.

    Attributes:
        prefix: The environment; it has, or gets, a Python from conda.
        workspace: A directory in which archives are unpacked; files are linked if it is on the prefix's file system.
        env: The environment of the child process.
        keep: File descriptors that stay open in the child process: a lock on one of them lasts until it has ended.
        written_prefix: The path that files which hold the environment's path get, if it will be moved there.
    """

    prefix: Path
    workspace: Path
    env: Mapping[str, str]
    keep: Sequence[int] = ()
    written_prefix: Path | None = None


def link(  # noqa: PLR0913 - what, where to, and how
    packages: Sequence[tuple[CondaPackage, Path]],
    place: LinkPlace,
    *,
    remove: Sequence[str] = (),
    damaged: Collection[str] = (),
    scripts: bool = False,
    project: Path | None = None,
    specs: Sequence[str] = (),
) -> tuple[str, ...]:
    """Make an environment have these packages; what else is in it stays untouched.

    A package of the same name is unlinked first. Where Python's minor version changes, packages of pure Python that
    stay move to the new one. What is there already, from the same archive, is left alone, so that a second call does
    nothing. The work is done in a child process: the library that does it can abort.

    Args:
        packages: What to link, and the archive of each, which must have passed `archive.verify`.
        place: Where to.
        remove: Names of packages to unlink and not replace.
        damaged: Names of packages to link anew even if they are there.
        scripts: Whether the packages' link scripts are run.
        project: What local channels are relative to, for the record of where a package is from.
        specs: What was asked for, in conda's words, for the environment's history.

    Returns:
        The names of the packages that were linked, sorted.

    Raises:
        StepError: It failed; the message has the output.
        DifferenceError: A record of the environment cannot be read.
    """
    prefix = place.prefix
    there = installed(prefix)
    wanted = [(package, path) for package, path in packages if package.name in damaged or not _is_there(package, there)]
    gone = [name for name in remove if name in there]
    if not wanted and not gone:
        return ()
    asked = {name_of(spec): spec for spec in specs}
    job: dict[str, object] = {"remove": gone, "scripts": scripts}
    job |= {
        "prefix": str(prefix.resolve()),
        "written_prefix": str(place.written_prefix.resolve()) if place.written_prefix else None,
        "workspace": str(place.workspace.resolve()),
        "packages": [_of_job(package, path, project, asked.get(package.name, "")) for package, path in wanted],
    }
    versions = {package.name: package.version for package, _ in wanted}
    python = minor_of(versions.get("python", ""))
    if python and "python" in there and python != minor_of(there["python"].version):
        # Before Python, whose absence makes a replay that was killed here come back.
        noarch.relink(prefix, python, but={*gone, *versions})
    _run(job, place.env, place.keep)
    history.append(prefix, [package for package, _ in packages], specs=specs, removed=gone)
    return tuple(sorted(versions))


def check_readable(prefix: Path, environment: Mapping[str, str], listings: Mapping[str, archives.Listing]) -> None:
    """Refuse records of an environment, and archives, that whoever links packages cannot read: it is asked.

    Args:
        prefix: The environment.
        environment: Variables of the child process.
        listings: What the archives bring, by their files' names.

    Raises:
        DifferenceError: There is such a record, or a history that is a link to nothing.
        IntegrityError: There is such an archive.
    """
    path = prefix / "conda-meta" / "history"
    if path.is_symlink() and not path.exists():  # it would be made wherever the link leads
        raise prefix_file.damaged(path, "the link leads nowhere")
    info = {file: {name: each.decode() for name, each in found.info.items()} for file, found in listings.items()}
    if info or any((prefix / "conda-meta").glob("*.json")):
        _run({"prefix": str(prefix.resolve()), "info": info}, environment, ())


def _of_job(package: CondaPackage, archive: Path, project: Path | None, asked: str) -> dict[str, str]:
    """Return what the child process is told of a package; `asked` is the line that asked for it, or empty."""
    url = _url(package, archive, project)
    return {
        "name": package.name,
        "file": package.file,
        "archive": str(archive.resolve()),
        "sha256": package.sha256,
        # The hash by which conda knows an archive, where the channel did not say it.
        "md5": package.md5 or file_digest(archive, "md5"),
        "channel": url.rpartition("/")[0],
        "url": url,
        "requested_spec": asked,
    }


def _run(job: Mapping[str, object], env: Mapping[str, str], keep: Sequence[int]) -> None:
    """Have the child process do a job."""
    # `-m` looks for modules in the working directory first: not in a project that may have a `json.py` of its own.
    command = [sys.executable, "-m", "cortexlock.conda.linker"]
    done = process.run(command, env=env, cwd=Path(sys.prefix), text=json.dumps(job), keep=keep)
    if done.returncode == link_scripts.FAILED:
        what = f"a link script of a conda package failed: {done.output}"
        raise StepError(what, where="conda step", hint=_SCRIPTS, output=done.output)
    if done.returncode == _UNREADABLE:
        path, why, archive = json.loads(done.stderr)
        if archive:
            hint = "the channel's archive is broken or was tampered with"
            raise IntegrityError(f"its {path} cannot be read by what links it: {why}", where=archive, hint=hint)
        raise prefix_file.damaged(Path(path), f"the record cannot be read: {why}")
    if done.returncode != 0:
        what = f"conda packages could not be linked (exit code {done.returncode}):"
        raise StepError(what, details=[done.output], where="conda step", output=done.output)


def _is_there(package: CondaPackage, there: Mapping[str, InstalledPackage]) -> bool:
    """Whether a package is linked from the very archive; without a recorded hash nobody can tell."""
    found = there.get(package.name)
    return found is not None and bool(found.sha256 or found.md5) and same(package, found)


def _url(package: CondaPackage, archive: Path, project: Path | None) -> str:
    """Return the address that is recorded for a package, in its channel, without credentials."""
    if channels.is_of_project(package.channel):
        if project is None:
            return archive.resolve().as_uri()
        known = [channels.resolve(package.channel, project=project)]
        return channels.archive_urls(package, known)[0]
    urls = channels.archive_urls(package, ())
    return channels.public(channels.likely_url(package, urls))
