"""What is locked for one platform, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.inputs import channels
from cortexlock.inputs.environment_file import NO_DEFAULTS
from cortexlock.inputs.project_inputs import ProjectInputs
from cortexlock.model.lock_facts import Note
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import Conflict
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Project
from cortexlock.model.resolution_facts import Ambiguous

_DEFAULT_CHANNELS = ("defaults",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRequest:
    """What to lock for one platform.

    Attributes:
        project: The project.
        predictor: The image.
        inputs: What its dependency files say to this image.
        previous: The lockfile that is there, whose versions are preferred; None: start anew.
        upgraded: Names of packages whose locked versions are not preferred.
        conda: A conda executable; None for the embedded one.
        python: An interpreter of the image's Python version, for builds.
        cache: Directory of caches.
        environment: The caller's variables.
        pypi_rows: Whether rows of a conda list that pip had installed are locked in the pip step; else refused.
        refresh: Whether indexes are asked for pages that they have said to be good for longer.
        since: When the command began, in seconds since 1970: what it has asked for is not asked for again.
        common: As for a `PipRequest`.
        alike: Requests for further platforms that the same resolution is for.
    """

    project: Project
    predictor: Predictor
    inputs: ProjectInputs
    previous: Lockfile | None
    upgraded: tuple[str, ...]
    conda: Path | None
    python: Path | None
    cache: Path
    environment: Mapping[str, str]
    pypi_rows: bool = True
    refresh: bool = False
    since: float = inf
    common: Path | None = None
    alike: tuple[PlatformRequest, ...] = ()

    def is_alike(self, other: PlatformRequest) -> bool:
        """Whether a resolution for this platform is one for another: all that pip sees of their images is the same."""
        if self.inputs.files.conda or other.inputs.files.conda:
            return False  # conda sees what kind of machine it is
        steps = [each.previous.steps if each.previous else None for each in (self, other)]
        one, another = (
            replace(
                each, previous=None, predictor=replace(each.predictor, platform="cpu", image="", cuda=None, name="")
            )
            for each in (self, other)
        )
        return steps[0] == steps[1] and one == another

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels in force as written, in order of priority."""
        own = self.predictor.channels or _DEFAULT_CHANNELS
        named = self.inputs.conda.channels
        if named and not self.project.configuration.channels:  # conda appends those of its configuration
            lower = () if NO_DEFAULTS in named else own
            return tuple(dict.fromkeys(each for each in (*named, *lower) if each != NO_DEFAULTS))
        return self.project.configuration.channels or own

    @property
    def addresses(self) -> tuple[str, ...]:
        """The channels in force, with the values of their variables.

        Raises:
            UsageError: A variable has no value.
        """
        return channels.expanded(self.channels, self.environment, where="cortexlock.yaml")

    @property
    def aliases(self) -> tuple[tuple[str, str], ...]:
        """The names of channels with addresses of their own, with the values of their variables.

        Raises:
            UsageError: A variable has no value.
        """
        return channels.aliases(self.project.configuration, self.environment)

    def is_upgraded(self, name: str) -> bool:
        """Whether a package's locked version is not preferred."""
        return canonicalize_name(name) in {canonicalize_name(upgraded) for upgraded in self.upgraded}


@dataclass(frozen=True, slots=True)
class PlatformLock:
    """The lock of one platform.

    Attributes:
        lockfile: What is to be written.
        notes: What the user should know.
        replaced_python: The image's version of Python, if conda replaces it with another minor version; else empty.
        conflicts: Requirements that do not hold between image and lock, and held in the image.
        ambiguous: Those of the notes that are about packages which more than one index offers.
        alike: The locks for the further platforms of the request.
    """

    lockfile: Lockfile
    notes: tuple[Note, ...] = ()
    replaced_python: str = ""
    conflicts: tuple[Conflict, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    alike: tuple[PlatformLock, ...] = ()
