"""The steps of a replay that change the prefix: the script, and Python's distributions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock import process
from cortexlock.errors import DifferenceError, IntegrityError, StepError
from cortexlock.inputs.trees import hash_of_file
from cortexlock.model.lockfile import ScriptStep
from cortexlock.pip.install import with_pip
from cortexlock.pip.install import with_uv as pip_install
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.pip.prefix.recorded_files import recorded, remove
from cortexlock.replay.checks.replaceable import is_remains
from cortexlock.replay.options import Event, Installer, OnEvent
from cortexlock.replay.plan import PlannedStep
from cortexlock.replay.prefix.receipt import WORKSPACE
from cortexlock.replay.prefix.state import read_state
from cortexlock.replay.steps.build import Workshop, build
from cortexlock.replay.supply.cache import refuse_altered

_TAIL = 25
"""Lines of a failed script's output that an error shows."""

_WITH_DOTENV = 'set -a; source ./.env; set +a; exec "$0" "$@"'
"""What bash does with a command in place of running it at once."""


_HOLDING = '"$@"{}; exit $?'
"""What bash does to hold descriptors until a command has ended, which what that leaves in the background does not have.

Without `exit`, bash would become the command.
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where steps are carried out.

    Attributes:
        project: The project's directory.
        prefix: The root of the prefix.
        cache: The cache directory.
        files: Verified artifacts, by sha256.
        checkouts: Verified checkouts of git repositories, by normalized name of the package.
        environment: The caller's variables.
        on_event: Told what happens.
        built: Directories of wheels that were built before, which are only read.
        installer: Who installs Python distributions.
        keep: File descriptors that stay open in what writes to the prefix: the lock of it lasts until that has ended.
        link_scripts: Whether scripts in conda packages are run.
    """

    project: Path
    prefix: Path
    cache: Path
    files: Mapping[str, Path]
    checkouts: Mapping[str, Path]
    environment: Mapping[str, str]
    on_event: OnEvent
    built: Sequence[Path] = ()
    installer: Installer = "uv"
    keep: Sequence[int] = ()
    link_scripts: bool = False


def run_script(step: ScriptStep, site: Site, *, dotenv: bool = False) -> None:
    """Run the project's script with `bash -e` in the project, with the prefix's programs first.

    What it leaves running in the background is not waited for.

    Args:
        step: The script.
        site: Where it runs.
        dotenv: Whether it sees the variables of the project's `.env`, as bash reads that.

    Raises:
        DifferenceError: The script is not the one that was locked.
        StepError: It fails; the last lines of its output are part of the message.
    """
    file = site.project / step.file
    if not file.is_file() or hash_of_file(file) != step.sha256:
        raise DifferenceError(
            "The script is not the one that was locked", where=step.file, hint="run `cortexlock lock`"
        )
    tail: list[str] = []

    def on_line(line: str) -> None:
        tail.append(line)
        del tail[:-_TAIL]
        site.on_event(Event("script", line, kind="output"))

    is_conda = (site.prefix / "conda-meta").is_dir()
    active = {"CONDA_PREFIX" if is_conda else "VIRTUAL_ENV": str(site.prefix)}
    path = os.pathsep.join((str(site.prefix / "bin"), site.environment.get("PATH", os.defpath)))
    variables = {**site.environment, **active, "PATH": path}
    try:
        command: tuple[str, ...] = ("bash", "-e", step.file)
        if dotenv and (site.project / ".env").is_file():
            command = ("bash", "-c", _WITH_DOTENV, *command)
        holding = "".join(f" {descriptor}>&-" for descriptor in site.keep)
        command = ("bash", "-c", _HOLDING.format(holding), "bash", *command)
        returncode = process.stream(command, env=variables, cwd=site.project, on_line=on_line, keep=site.keep)
    except OSError as error:
        raise StepError(f"The script does not start: {error}", where=step.file) from error
    if returncode:
        text = "\n".join(tail)
        raise StepError(f"The script ended with code {returncode}:\n{text}".rstrip(), where=step.file)


def remove_stale(names: Sequence[str], site: Site) -> None:
    """Remove distributions that an earlier replay installed and nobody asks for any more; files of others stay.

    Raises:
        DifferenceError: One has no list of its files.
        IntegrityError: Such a list names files outside the prefix.
    """
    state = read_state(site.prefix, site.environment)
    others = {
        Path(os.path.normpath(file.path))
        for name, found in state.distributions.items()
        if name not in names
        for each in found
        for file in recorded(each) or ()
    } | {state.prefix.root / path for path in state.conda_files}
    for name in names:
        for distribution in state.of_pip(name):
            what = f"removing {name} {distribution.version}, which the lockfile has no more"
            site.on_event(Event("pip", what, kind="milestone"))
            if is_remains(distribution):
                shutil.rmtree(distribution.metadata)
            else:
                remove(distribution, state.prefix, keep=others)


@contextmanager
def unaltered(files: Iterable[tuple[Path, str]]) -> Iterator[None]:
    """Run what compares the hashes of files by itself: where it fails, say whether it is for that."""
    try:
        yield
    except (StepError, IntegrityError):
        refuse_altered(files)
        raise


def install_pip(planned: PlannedStep, site: Site) -> dict[str, Path]:
    """Build what must be built, then install all distributions of a step.

    Returns:
        The wheels that were installed, by normalized name.

    Raises:
        BuildFailedError: A build fails.
        StepError: The installation fails.
        IntegrityError: A file was changed since it was verified.
    """
    name = planned.step.step
    state = read_state(site.prefix, site.environment)
    shop = Workshop(
        state.prefix,
        site.project,
        site.cache,
        site.files,
        site.checkouts,
        site.environment,
        lambda line: site.on_event(Event(name, line, kind="output")),
        site.built,
    )
    wheels: list[pip_install.WheelFile] = []
    for package in planned.pip:
        if package.needs_build:
            site.on_event(Event(name, f"building {package.name} {package.version}"))
            wheels.append(build(package, planned.build_requirements, shop))
        else:
            path = site.files[package.sha256]
            wheels.append(pip_install.WheelFile(package.name, package.version, path, package.sha256))
    site.on_event(Event(name, f"installing {len(wheels)} distributions", 0, len(wheels)))
    with unaltered((wheel.path, wheel.sha256) for wheel in wheels):
        _install(wheels, state.prefix, site)
    site.on_event(Event(name, f"installed {len(wheels)} distributions", len(wheels), len(wheels), "milestone"))
    return {wheel.name: wheel.path for wheel in wheels}


def _install(wheels: Sequence[pip_install.WheelFile], prefix: Prefix, site: Site) -> None:
    if site.installer == "pip":
        with_pip.install(wheels, prefix=prefix, environment=site.environment, keep=site.keep)
        return
    with TemporaryDirectory(prefix=WORKSPACE, dir=site.prefix) as workspace:
        pip_install.install(
            wheels, prefix=prefix, environment=site.environment, keep=site.keep, workspace=Path(workspace)
        )
