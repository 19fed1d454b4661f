"""What a resolution of requirements on top of an image is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from cortexlock.inputs.requirements_text import Requirements
from cortexlock.model.lockfile import ResolverVersion
from cortexlock.model.package import BuildRequirement, Conflict, PipPackage
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration
from cortexlock.model.target import Target
from cortexlock.pip.resolution.findings import Findings
from cortexlock.pip.resolution.values import Held, Preference


@dataclass(frozen=True, slots=True, kw_only=True)
class PipRequest:
    """What to resolve.

    Attributes:
        file: The requirements file's name, relative to the project.
        requirements: What it says, and what it includes.
        project: The project's directory, absolute.
        target: What to resolve for.
        installed: What is installed when the pip step starts.
        configuration: Indexes and cut-off date.
        preferences: Versions of a previous lock, by normalized name.
        cache: Directory of caches.
        python: The interpreter for builds that the user names.
        environment: The caller's variables.
        build_preferences: Versions of a previous lock for builds, by normalized name.
        commits: Commits of a previous lock, by URL of the repository, reference and subdirectory.
        pins: Further requirements: the text, and the file and line that ask for it; no file: the image itself.
        only_pins: Whether `pins` are all that is asked for, and only the options of `file`, if there is one, count.
        label: Who asks, in messages and for `by`; by default, the file.
        held: What holds for whatever is chosen, without being asked for.
        make_interpreter: Makes an interpreter of the target's minor version where the machine has none, and returns
            its path, None where none of those that there are runs; raises `UsageError`, with the reason, if it cannot.
        refresh: Whether indexes are asked for pages that they have said to be good for longer.
        since: When the command began, in seconds since 1970: what it has asked for is not asked for again.
        common: The directory of a `CommonPlace`, where the processes of a command share what they build with.
    """

    file: str
    requirements: Requirements
    project: Path
    target: Target
    installed: tuple[Distribution, ...]
    configuration: Configuration
    preferences: Mapping[str, Preference]
    cache: Path
    python: Path | None
    environment: Mapping[str, str]
    build_preferences: Mapping[str, Preference] = field(default_factory=dict)
    commits: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    pins: tuple[tuple[str, str, int], ...] = ()
    only_pins: bool = False
    label: str = ""
    make_interpreter: Callable[[], Path | None] | None = None
    held: tuple[Held, ...] = ()
    refresh: bool = False
    since: float = inf
    common: Path | None = None


@dataclass(frozen=True, slots=True)
class PipSolution:
    """What the pip step does, and who found out: see `PipStep` and `Lockfile` for the fields.

    `installed` is what is there after the step, `findings` what the lockfile has no place for.
    """

    packages: tuple[PipPackage, ...]
    build_requirements: tuple[BuildRequirement, ...]
    conflicts: tuple[Conflict, ...]
    indexes: tuple[str, ...]
    resolvers: tuple[ResolverVersion, ...]
    installed: tuple[Distribution, ...] = ()
    findings: Findings = field(default_factory=Findings)
