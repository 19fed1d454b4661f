"""A Python for builds from the project's channels, where the machine has none of the target's minor version.

It lies in the cache, in an environment that is named for the archives it is made of: `interpreters/linux-64-<hash>`.
What was asked for is noted beside it (`asked-<hash>`), so that the next lock needs no solve to find it.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cortexlock.conda import archive, install, records
from cortexlock.conda.channels import Channel, archive_urls, public, resolve_all
from cortexlock.conda.solve import CondaRequest, solve
from cortexlock.errors import NetworkError, NoSolutionError, StepError, UsageError
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import SUBDIR, Predictor
from cortexlock.model.target import Target
from cortexlock.storage import whole_directory, whole_file

_HALF_MADE = "half-made-"


@dataclass(frozen=True, slots=True)
class InterpreterRequest:
    """What to make.

    Attributes:
        minor: Python's version, `3.6`.
        channels: In order of priority, with the values of their variables.
        project: The project's absolute path: paths of channels are relative to it.
        exclude_newer: RFC 3339 date and time; packages that were built later do not count.
        cache: Our cache directory.
        environment: The caller's variables.
    """

    minor: str
    channels: tuple[str, ...]
    project: Path
    exclude_newer: str | None
    cache: Path
    environment: Mapping[str, str]
    aliases: tuple[tuple[str, str], ...] = ()


def is_possible() -> bool:
    """Whether conda's packages for Linux on x86-64 run on this machine: they need glibc."""
    return (sys.platform, platform.machine()) == ("linux", "x86_64") and platform.libc_ver()[0] == "glibc"


def make(request: InterpreterRequest, *, on_progress: OnProgress) -> Path:
    """Return an interpreter; the one that was made for the same request before, if it is still there.

    Call it where `is_possible`, and in a process of its own, for that is what `cortexlock.conda.solve.solve` needs.

    Args:
        request: What to make.
        on_progress: Told what is being done.

    Returns:
        The path of `bin/python` in an environment of the cache.

    Raises:
        UsageError: The channels have none, cannot be read, or make no sense, or the cache cannot be written.
        IntegrityError: An archive is not what its channel says, or unsafe.
    """
    channels = resolve_all(request.channels, project=request.project, aliases=dict(request.aliases))
    root = request.cache.resolve() / "interpreters"
    names = ", ".join(channel.written for channel in channels)
    try:
        with whole_directory.exclusive(root / "environments"):
            note = root / f"asked-{_key(request, channels)}"
            python = root / note.read_text(encoding="utf-8") / "bin" / "python" if note.is_file() else None
            if python is None or not python.exists():
                on_progress(LockProgress(Activity.MAKES_INTERPRETER, request.minor, names))
                environment = _environment(request, channels, root)
                whole_file.write(note, environment.name.encode())
                python = environment / "bin" / "python"
            return python
    except (NetworkError, NoSolutionError, StepError, OSError) as error:
        raise UsageError(f"there is none from {names} either ({_reason(error, request)})") from error


def _environment(request: InterpreterRequest, channels: Sequence[Channel], root: Path) -> Path:
    """Return the environment of what the channels have; it is moved into its place when it is complete."""
    for left in root.glob(f"{_HALF_MADE}*"):  # by a run that was killed: nobody else is at work here
        shutil.rmtree(left)
    packages = _solved(request)
    hashes = "".join(f"{package.sha256}\n" for package in packages)
    environment = root / f"{SUBDIR}-{hashlib.sha256(hashes.encode()).hexdigest()[:16]}"
    if (environment / "bin" / "python").exists():
        return environment
    with tempfile.TemporaryDirectory(prefix=_HALF_MADE, dir=root) as directory:
        made, archives, workspace = (Path(directory) / name for name in ("made", "archives", "work"))
        for each in (made, archives, workspace):
            each.mkdir()
        env = {name: value for name, value in request.environment.items() if not name.startswith("PYTHON")}
        install.link(
            [(package, _fetched(package, channels, archives)) for package in packages],
            install.LinkPlace(made, workspace, env, written_prefix=environment),
        )
        if environment.exists():
            shutil.rmtree(environment)
        made.rename(environment)
    return environment


def _solved(request: InterpreterRequest) -> tuple[CondaPackage, ...]:
    """Return the packages of a bare Python, sorted by name."""
    machine = Predictor(
        type="python",
        cortex_version="",
        platform="cpu",
        image="",
        slim=False,
        released="",
        python=request.minor,
        glibc=platform.libc_ver()[1],
        cuda=None,
        has_conda=True,
        channels=request.channels,
        order=("conda",),
    )
    version = f"{request.minor}.*"
    solution = solve(
        CondaRequest(
            specs=(CondaSpec(0, f"python={version}", "", "python", version, ""),),
            file="python",
            predictor=machine,
            target=Target.of(machine),
            channels=request.channels,
            project=request.project,
            exclude_newer=request.exclude_newer,
            conda=None,
            cache=request.cache,
            aliases=request.aliases,
        ),
        on_progress=lambda _: None,
    )
    return solution.packages


def _fetched(package: CondaPackage, channels: Sequence[Channel], directory: Path) -> Path:
    """Download an archive, and verify it."""
    path = directory / package.file
    *others, last = archive_urls(package, channels)
    for url in others:
        try:
            records.download(url, path)
            break
        except NetworkError:  # a channel of several addresses has it at one of them
            continue
    else:
        records.download(last, path)
    archive.verify(path, package)
    return path


def _key(request: InterpreterRequest, channels: Sequence[Channel]) -> str:
    """Return a hash of what is asked for, credentials apart."""
    places = [[channel.written, *map(public, channel.urls)] for channel in channels]
    asked = [SUBDIR, request.minor, places, request.exclude_newer, platform.libc_ver()[1]]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _reason(error: Exception, request: InterpreterRequest) -> str:
    """Say in a few words why there is no interpreter."""
    if isinstance(error, NoSolutionError):
        until = f" as of {request.exclude_newer}" if request.exclude_newer else ""
        return f"no python {request.minor} that can be installed here{until}"
    if isinstance(error, NetworkError):
        return f"{error.where or 'a channel'}: {error.summary}"
    if isinstance(error, StepError):
        return error.summary
    return f"the cache cannot be written: {error}"
