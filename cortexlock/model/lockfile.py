"""The lockfile as a value: a header, then the steps in the order in which they are carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, TypeAlias

from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.package import (
    BuildRequirement,
    CondaPackage,
    Conflict,
    Manager,
    PackageKey,
    PipPackage,
)
from cortexlock.model.predictor import LockedPredictor, PlatformName, StepName, SubdirName
from cortexlock.model.project import ChannelPriority
from cortexlock.model.target import VirtualPackage, minor_of
from cortexlock.quick_dataclass import dataclass

LOCKFILE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Input:
    """A file that decided the lock; `file` is relative to the project, `sha256` is of its normalized content."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who gives a replay the credentials of an index (by its alias) or of a package that is not from an index.

    `supplied_by` has the environment variables as the project writes them (`${TOKEN}`), or the file that has them.
    """

    supplied_by: tuple[str, ...]
    index: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class ResolverVersion:
    """A program that took part in the resolution, and its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PreInstalled:
    """A package that the lock assumed in the image; `manager` is who installed it."""

    manager: Manager
    name: str
    version: str

    @property
    def key(self) -> PackageKey:
        """What it is known by."""
        return PackageKey.of(self.manager, self.name)


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """Run `file` with `bash -e`; `sha256` is of its bytes."""

    file: str
    sha256: str
    step: Literal["script"] = "script"

    @property
    def packages(self) -> tuple[()]:
        """Nothing: as the other steps say it."""
        return ()


@dataclass(frozen=True, slots=True)
class CondaStep:
    """Link these conda packages, sorted by name; `file` is the list that asked for them."""

    file: str
    packages: tuple[CondaPackage, ...]
    step: Literal["conda"] = "conda"

    @property
    def linked(self) -> tuple[CondaPackage, ...]:
        """The packages that are linked, which is all but the image's own."""
        return tuple(each for each in self.packages if each.file)

    def without_kept(self) -> CondaStep:
        """Return the step with what is added and changed only."""
        return replace(self, packages=tuple(each for each in self.packages if each.action != "keep"))


@dataclass(frozen=True, slots=True)
class PipStep:
    """Install these distributions, sorted by name; `file` is what asked for them.

    `step` is `core` for the re-installation of the predictor's own packages.
    """

    file: str
    packages: tuple[PipPackage, ...]
    build_requirements: tuple[BuildRequirement, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    step: Literal["core", "pip"] = "pip"

    @property
    def installed(self) -> tuple[PipPackage, ...]:
        """The distributions that are installed, which is all but the image's own."""
        return tuple(each for each in self.packages if each.action != "keep")

    @property
    def artifacts(self) -> tuple[PipPackage, ...]:
        """The distributions and what their builds need."""
        return (*self.packages, *(each.package for each in self.build_requirements))

    def without_kept(self) -> PipStep:
        """Return the step with what is added and changed only."""
        return replace(self, packages=self.installed)


Step: TypeAlias = ScriptStep | CondaStep | PipStep


def brought_by(packages: Iterable[CondaPackage]) -> frozenset[PackageKey]:
    """Return the keys of the distributions that conda packages bring."""
    return frozenset(key for package in packages for key in package.brings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockfile:
    """Everything that a replay needs to know, for one platform, and the answers to what is asked of it.

    Attributes:
        predictor: The image.
        platform: The accelerator.
        subdir: The conda subdir.
        python: The version of the interpreter that the pip step meets, `3.6.9`.
        glibc: The C library's version.
        virtual_packages: What the conda solve assumed, sorted by name.
        inputs: The files that decided the lock, sorted by name.
        channels: The channels, in order of priority, as written by project or predictor.
        indexes: Aliases of the indexes and find-links pages, the primary one first.
        exclude_newer: RFC 3339 date and time, UTC; empty without a cut-off.
        resolvers: Who resolved, sorted by name. Other versions with the same result are no reason to write anew.
        pre_installed: What the image was assumed to hold, sorted by manager and name.
        steps: In the order of the predictor's release; steps without anything to do are absent.
        credentials: What a replay needs credentials for, indexes first, each sorted by name.
        pip_config: Names of the settings of the user's own pip configuration that counted; nothing if it did not.
        channel_priority: Of the channels, where the configuration says it.
        freeze: Names and patterns of what of the image was not to change, sorted.
        name: The image's name among the project's `images`; empty: it goes by its platform.
    """

    predictor: LockedPredictor
    platform: PlatformName
    subdir: SubdirName
    python: str
    glibc: str
    virtual_packages: tuple[VirtualPackage, ...]
    inputs: tuple[Input, ...]
    channels: tuple[str, ...]
    indexes: tuple[str, ...]
    exclude_newer: str
    resolvers: tuple[ResolverVersion, ...]
    pre_installed: tuple[PreInstalled, ...]
    steps: tuple[Step, ...]
    credentials: tuple[Credentials, ...] = ()
    pip_config: tuple[str, ...] = ()
    channel_priority: ChannelPriority | Literal[""] = ""
    freeze: tuple[str, ...] = ()
    name: str = ""

    @property
    def label(self) -> str:
        """What tells it from the project's other lockfiles: the name of its image, or its platform."""
        return self.name or self.platform

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return lockfile_name(self.label)

    def step(self, name: StepName) -> Step | None:
        """Return the step of that name, or None where there is nothing to do."""
        return next((step for step in self.steps if step.step == name), None)

    @property
    def script_steps(self) -> tuple[ScriptStep, ...]:
        """The steps that run a script."""
        return tuple(step for step in self.steps if isinstance(step, ScriptStep))

    @property
    def conda_steps(self) -> tuple[CondaStep, ...]:
        """The steps of conda's."""
        return tuple(step for step in self.steps if isinstance(step, CondaStep))

    @property
    def pip_steps(self) -> tuple[PipStep, ...]:
        """The steps of pip's, `core` included."""
        return tuple(step for step in self.steps if isinstance(step, PipStep))

    @property
    def requirements_files(self) -> tuple[str, ...]:
        """The requirements files, relative to the project; a conda list whose rows of pip's are locked is none.

        An environment file is one: it has a list for pip.
        """
        lists = {step.file for step in self.conda_steps if not is_environment_file(step.file)}
        return tuple(step.file for step in self.pip_steps if step.step == "pip" and step.file not in lists)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The requirements that do not hold when all steps are done."""
        return tuple(conflict for step in self.pip_steps for conflict in step.conflicts)

    @property
    def assumed(self) -> frozenset[PackageKey]:
        """The keys of what the image was assumed to hold."""
        return frozenset(each.key for each in self.pre_installed)

    @property
    def assumed_python(self) -> str:
        """The version of the interpreter before the first step."""
        return next((each.version for each in self.pre_installed if each.key == ("conda", "python")), self.python)

    @property
    def changes_python(self) -> bool:
        """Whether the conda step brings another minor version of Python, and with it empty site-packages."""
        return minor_of(self.assumed_python) != minor_of(self.python)

    @property
    def keys(self) -> frozenset[PackageKey]:
        """The keys of all that the steps say something of; what conda brings for Python is pip's, too."""
        of_conda = [package for step in self.conda_steps for package in step.packages]
        of_pip = (package.key for step in self.pip_steps for package in step.packages)
        return frozenset((*(package.key for package in of_conda), *brought_by(of_conda), *of_pip))

    @property
    def installed_keys(self) -> frozenset[PackageKey]:
        """The keys of the packages that the steps install, without what conda's bring for Python."""
        return frozenset(package.key for step in self.without_kept().steps for package in step.packages)

    @property
    def settled_keys(self) -> frozenset[PackageKey]:
        """The keys of what is installed whatever is there, or removed for something else."""
        of_conda = (key for step in self.conda_steps for each in step.linked for key in (each.key, *each.removes))
        return frozenset((*of_conda, *(package.key for step in self.pip_steps for package in step.installed)))

    def versions_after(self, number: int) -> dict[PackageKey, str]:
        """Return what is there after that many steps, by key; another minor version of Python finds nothing of pip."""
        there = {each.key: each.version for each in self.pre_installed}
        for step in self.steps[:number]:
            if isinstance(step, CondaStep):
                if self.changes_python and any(package.name == "python" for package in step.linked):
                    there = {key: version for key, version in there.items() if key.manager == "conda"}
                pins = (pin for package in step.packages for pin in package.distributions)
                there |= {PackageKey.of("pip", name): version for name, version in pins}
            there |= {package.key: package.version for package in step.packages}
        return there

    def versions(self) -> dict[PackageKey, frozenset[str]]:
        """Return the versions that are there before, between and after the steps, by key."""
        after = [self.versions_after(number) for number in range(len(self.steps) + 1)]
        return {key: frozenset(each[key] for each in after if key in each) for key in {*after[0], *self.keys}}

    def kept(self) -> tuple[PreInstalled, ...]:
        """Return what is pre-installed and kept by the steps, sorted."""
        by_key = {each.key: each for each in self.pre_installed}
        kept = {each.key: each.version for step in self.steps for each in step.packages if each.action == "keep"}
        found = {there for key, version in kept.items() if (there := by_key.get(key)) and there.version == version}
        return tuple(sorted(found, key=lambda each: (each.manager, each.name, each.version)))

    def final_distributions(self) -> dict[str, PipPackage]:
        """Return the locked distributions as the last step leaves them, by name, without those of conda's packages."""
        found: dict[str, PipPackage] = {}
        for step in self.steps:
            if isinstance(step, PipStep):
                found |= {each.name: each for each in step.packages if each.action != "keep" or each.name not in found}
            elif isinstance(step, CondaStep):
                for key in brought_by(step.linked):
                    found.pop(key.name, None)
        return dict(sorted(found.items()))

    def without_kept(self) -> Lockfile:
        """Return a lockfile of what is added and changed: where drift is accepted, the rest need not be there."""
        steps = (step if isinstance(step, ScriptStep) else step.without_kept() for step in self.steps)
        return replace(self, steps=tuple(steps))
