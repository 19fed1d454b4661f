"""The lockfile as a value: a header, then the steps in the order in which they are carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from cortexlock.model.package import BuildRequirement, CondaPackage, Conflict, PipPackage
from cortexlock.model.predictor import PlatformName, StepName
from cortexlock.model.project import ChannelPriority
from cortexlock.model.target import VirtualPackage

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
class Resolver:
    """A program that took part in the resolution, and its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PreInstalled:
    """A package that the lock assumed in the image; `manager` is who installed it."""

    manager: Literal["conda", "pip"]
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class LockedPredictor:
    """The predictor that was locked for, as far as a reader of the lockfile needs it.

    `type` and `cortex_version` are empty for an image that is not Cortex's. `file` is the predictor file that describes
    it, one of the lockfile's inputs; empty for the catalog's. `digest` is that of the image, where it is known.
    """

    type: str
    cortex_version: str
    image: str
    slim: bool
    closure: str
    file: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """Run `file` with `bash -e`; `sha256` is of its bytes."""

    file: str
    sha256: str
    step: Literal["script"] = "script"


@dataclass(frozen=True, slots=True)
class CondaStep:
    """Link these conda packages, sorted by name; `file` is the list that asked for them."""

    file: str
    packages: tuple[CondaPackage, ...]
    step: Literal["conda"] = "conda"


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


Step: TypeAlias = ScriptStep | CondaStep | PipStep


@dataclass(frozen=True, slots=True)
class Lockfile:
    """Everything that a replay needs to know, for one platform.

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
    """

    predictor: LockedPredictor
    platform: PlatformName
    subdir: str
    python: str
    glibc: str
    virtual_packages: tuple[VirtualPackage, ...]
    inputs: tuple[Input, ...]
    channels: tuple[str, ...]
    indexes: tuple[str, ...]
    exclude_newer: str
    resolvers: tuple[Resolver, ...]
    pre_installed: tuple[PreInstalled, ...]
    steps: tuple[Step, ...]
    credentials: tuple[Credentials, ...] = ()
    pip_config: tuple[str, ...] = ()
    channel_priority: ChannelPriority | Literal[""] = ""

    def step(self, name: StepName) -> Step | None:
        """Return the step of that name, or None where there is nothing to do."""
        return next((step for step in self.steps if step.step == name), None)


def lockfile_name(platform: PlatformName) -> str:
    """Return the file name of a platform's lockfile."""
    return f"cortexlock.{platform}.yaml"
