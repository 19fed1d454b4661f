"""Projects with lockfiles made by hand, prefixes to replay them in, and what a replay told."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from installer import install as install_wheel
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from uv import find_uv_bin

from cortexlock.cli.comparison_report import lines_of, notes_of
from cortexlock.cli.error_words import what_of
from cortexlock.cli.replay_words import words
from cortexlock.errors import DifferenceError
from cortexlock.inputs import dependency_files, hashes
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled, ScriptStep, Step
from cortexlock.model.package import (
    BuildRequirement,
    CondaPackage,
    Conflict,
    FromDirectory,
    FromIndex,
    PipPackage,
    Replaced,
)
from cortexlock.model.predictor import DependencyFiles, LockedPredictor
from cortexlock.model.project import Configuration, Project
from cortexlock.model.replay import InstallOptions, ReplayEvent
from cortexlock.replay.install import install
from cortexlock.replay.prefix.problem import Part
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.steps.replay import Installed
from cortexlock.storage.digests import file_digest
from tests.support.environments import make_venv


@dataclass
class Case:
    """A project directory, a prefix, a cache, and the pieces of a lockfile."""

    directory: Path
    prefix: Path
    cache: Path
    index_url: str | None = None
    python: str = ".".join(map(str, sys.version_info[:3]))
    packages: list[PipPackage] = field(default_factory=list)
    conda: list[CondaPackage] = field(default_factory=list)
    build_requirements: list[BuildRequirement] = field(default_factory=list)
    pre_installed: list[PreInstalled] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    script: str | None = None
    events: list[ReplayEvent] = field(default_factory=list)
    closure: str = "resolved"
    on_event: Callable[[ReplayEvent], None] | None = None
    done: Installed | None = None

    @property
    def project(self) -> Project:
        """The project."""
        return Project(self.directory, Configuration(), ())

    @property
    def lockfile(self) -> Lockfile:
        """The lockfile of what was added, fresh for the files as they are now."""
        steps: list[Step] = []
        if self.script is not None:
            file = self.directory / "script.sh"
            file.write_text(self.script)
            steps.append(ScriptStep("script.sh", file_digest(file)))
        found = dependency_files.find(self.project, DependencyFiles())
        if self.conda or found.conda:
            steps.append(CondaStep("conda-packages.txt", tuple(sorted(self.conda, key=lambda package: package.name))))
        packages = tuple(sorted(self.packages, key=lambda package: package.name))
        if packages or found.pip:
            steps.append(PipStep("requirements.txt", packages, tuple(self.build_requirements), tuple(self.conflicts)))
        return Lockfile(
            predictor=LockedPredictor("python", "0.23.0", "python-predictor-cpu", slim=False, closure=self.closure),
            platform="cpu",
            subdir="linux-64",
            python=self.python,
            glibc="2.27",
            virtual_packages=(),
            inputs=hashes.inputs(self.directory, found),
            channels=("./channel",) if self.conda else ("defaults",),
            indexes=("default",),
            exclude_newer="",
            resolvers=(),
            pre_installed=tuple(sorted(self.pre_installed, key=lambda each: (each.manager, each.name))),
            steps=tuple(steps),
        )

    def add(self, file: Path, *, index: str = "default", instead_of: str = "") -> PipPackage:
        """Lock a wheel or sdist of an index; `instead_of` is the pre-installed version that it changes."""
        package = replace(locked(file), source=FromIndex(index))
        if instead_of:
            package = replace(package, action="change", replaces=(Replaced("pip", instead_of),))
        self.packages.append(package)
        return package

    def add_tree(self, directory: str, name: str, version: str, *, editable: bool = False) -> PipPackage:
        """Lock a local tree of the project."""
        sha256 = tree_hash(self.directory / directory)
        package = PipPackage(name, version, sha256=sha256, source=FromDirectory(directory, editable=editable))
        self.packages.append(package)
        return package

    def options(self, *, allow_drift: bool = False) -> InstallOptions:
        """The options of a replay."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return InstallOptions(
            prefix=self.prefix,
            cache=self.cache,
            environment=environment,
            allow_drift=allow_drift,
            index_url=self.index_url,
        )

    def install(
        self,
        *,
        lockfile: Lockfile | None = None,
        allow_drift: bool = False,
        allow_link_scripts: bool = False,
        exact: bool = False,
    ) -> Receipt:
        """Replay the lockfile; what it came to is the receipt, and `done` has the rest."""
        self.events.clear()
        options = replace(self.options(allow_drift=allow_drift), allow_link_scripts=allow_link_scripts, exact=exact)
        self.done = None
        try:
            self.done = install(self.project, lockfile or self.lockfile, options, on_event=self._note)
        except DifferenceError as error:
            raise DifferenceError(what_of(error), where=error.place, hint=error.hint) from error
        return self.done.receipt

    def differences(self, *parts: Part) -> tuple[str, ...]:
        """What the last replay found to differ, in words."""
        if self.done is None:
            raise AssertionError
        return lines_of(self.done.comparison.of(*parts) if parts else self.done.comparison.problems)

    def pre_install(self, *wheels: Path) -> None:
        """Install wheels into the prefix as an image has them, without a replay."""
        site = next(self.prefix.glob("lib/python*/site-packages"))
        names = [wheel.name.partition("-")[0] for wheel in wheels]
        if any(path.name.partition("-")[0] in names for path in site.glob("*.dist-info")):  # what is there is to go
            command = [find_uv_bin(), "pip", "install", "--no-config", "--no-cache", "--offline", "--no-deps"]
            python = self.prefix / "bin" / "python"
            subprocess.run([*command, "--python", python, *wheels], check=True, capture_output=True)
            return
        places = {"purelib": site, "platlib": site, "scripts": self.prefix / "bin", "data": self.prefix}
        target = SchemeDictionaryDestination(
            {name: str(place) for name, place in places.items()}, str(self.prefix / "bin" / "python"), "posix"
        )
        for wheel in wheels:
            with WheelFile.open(wheel) as source:
                install_wheel(source, target, {"INSTALLER": b"uv\n", "REQUESTED": b""})

    def said(self, text: str) -> bool:
        """Whether an event of the last replay has a text."""
        texts = [f"note: {words(event.fact)}" if event.kind == "note" else words(event.fact) for event in self.events]
        if self.done is not None:
            texts += [f"note: {text}" for text in notes_of(self.done.comparison)]
            texts += [] if self.done.changed else ["nothing to do"]
        return any(text in each for each in texts)

    def run(self, code: str) -> str:
        """Run code with the prefix's interpreter and return what it prints."""
        return subprocess.run(
            [self.prefix / "bin" / "python", "-I", "-c", code], check=True, capture_output=True, text=True
        ).stdout.strip()

    def _note(self, event: ReplayEvent) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)


def locked(file: Path) -> PipPackage:
    """Return a wheel or sdist of the index `default` as locked."""
    if file.suffix == ".whl":
        name, version, _, _ = parse_wheel_filename(file.name)
    else:
        name, version = parse_sdist_filename(file.name)
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return PipPackage(
        canonicalize_name(name),
        str(version),
        file=file.name,
        sha256=sha256,
        size=len(content),
        source=FromIndex("default"),
    )


def make_case(
    root: Path,
    *,
    index_url: str | None = None,
    python: Path | str = sys.executable,
    version: str | None = None,
    requirements: Sequence[str] = ("demo",),
    files: Mapping[str, str] | None = None,
) -> Case:
    """Make a project with a requirements file, and an empty prefix for it."""
    directory = root / "project"
    directory.mkdir()
    (directory / "requirements.txt").write_text("\n".join(requirements) + "\n")
    for path, text in (files or {}).items():
        (directory / path).write_text(text)
    case = Case(directory, make_venv(root / "prefix", python), root / "cache", index_url)
    if version is not None:
        case.python = version
    return case


def tree_of(directory: Path) -> dict[str, bytes]:
    """Return all files below a directory, for a comparison of before and after."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
