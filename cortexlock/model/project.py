"""What a project asks for: its configuration and its dependency files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypeAlias

from cortexlock.errors import FileLine
from cortexlock.model.package import normalized
from cortexlock.model.predictor import PlatformName
from cortexlock.patterns import pattern
from cortexlock.quick_dataclass import dataclass

# The images of Cortex that are for one kind of chip: releases before 0.16 call those for CPUs only by the type.
_PREDICTOR_IMAGE = pattern(
    r"(?:.*/)?cortexlabs/(?:[a-z]+-(?:predictor|handler|serve)-(?P<chip>cpu|gpu|inf)|(?:python|onnx)-serve)(?:[-:@].*)?"
)
_PLATFORM_OF_CHIP: dict[str | None, PlatformName] = {None: "cpu", "cpu": "cpu", "gpu": "cuda", "inf": "inf"}


ChannelPriority: TypeAlias = Literal["flexible", "strict", "disabled"]
"""As conda has it: whether a package may come from a channel below one that has it, too."""

CHANNEL_PRIORITIES: tuple[ChannelPriority, ...] = ("flexible", "strict", "disabled")


@dataclass(frozen=True, slots=True)
class Index:
    """A package index with a name that lockfiles use in place of its URL.

    `packages` are names and patterns (`mycompany-*`) of projects that are looked for there and nowhere else; with
    them, nothing else is looked for there. Without `upload_times` the cut-off date does not hold for what it lists
    without an upload time.
    """

    name: str
    url: str
    packages: tuple[str, ...] = ()
    upload_times: bool = True


def covers(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns (`mycompany-*`) is for a project; spelling is as PEP 503 normalizes it."""
    return any(fnmatchcase(normalized(name), normalized(each)) for each in patterns)


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What the user's pip configuration says of indexes, with credentials; `None`: no primary index."""

    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the settings that say something."""
        said = (("index-url", self.index_url), ("extra-index-url", self.extra_index_urls))
        return tuple(name for name, value in (*said, ("find-links", self.find_links)) if value)


@dataclass(frozen=True, slots=True)
class Configuration:
    """`cortexlock.yaml`, with what the command line said on top; None and empty mean: not said.

    Attributes:
        predictor: Predictor type.
        predictor_files: Predictor files in place of the catalog, relative to the project, POSIX separators.
        image_names: The name of each predictor file under `images`; none where they go by their platforms.
        cortex_version: Cortex release.
        slim: Whether the project runs on the slim variant of the image.
        platforms: Platforms, or names of images, to lock for.
        channels: Conda channels in place of the predictor's.
        index_url: The primary index in place of PyPI.
        indexes: Further indexes.
        exclude_newer: RFC 3339 date and time, UTC, normalized.
        exclude_newer_moves: Whether it was written as a duration, which means another date with each lock.
        build_requirements: What builds need and do not declare: normalized names, each with its PEP 508 requirements.
        no_build_isolation: Normalized names of what is built in the prefix itself, with what is there.
        pip_settings: The user's pip configuration, if the command line says that it counts.
        channel_aliases: Names of conda channels and the address of each, by name.
        channel_priority: Of the conda channels.
        environment: The environment file (`environment.yml`) in place of conda list and requirements.
        freeze: Names and patterns (`nvidia-*`, `*`) of what the image has and the lock must not change.
        strict: Whether a lock that breaks packages of the image, or replaces its Python, is an error.
    """

    predictor: str | None = None
    predictor_files: tuple[str, ...] = ()
    image_names: tuple[str, ...] = ()
    cortex_version: str | None = None
    slim: bool | None = None
    platforms: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    index_url: str | None = None
    indexes: tuple[Index, ...] = ()
    exclude_newer: str | None = None
    build_requirements: tuple[tuple[str, tuple[str, ...]], ...] = ()
    no_build_isolation: tuple[str, ...] = ()
    pip_settings: PipSettings | None = None
    channel_aliases: tuple[tuple[str, str], ...] = ()
    channel_priority: ChannelPriority | None = None
    exclude_newer_moves: bool | None = None
    freeze: tuple[str, ...] = ()
    environment: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class CortexApi:
    """One API of a `cortex.yaml`: what of it decides the dependencies.

    Attributes:
        name: The API's name, or empty.
        predictor_type: `python`, `tensorflow`, `onnx`, or None.
        gpu: Whether it computes on GPUs.
        inf: Whether it computes on Inferentia chips.
        image: The predictor image that it names, or None for the release's default.
        files: `dependencies.{shell,conda,pip}` where set (0.30 and later), by these keys, sorted.
        where: File and line of its image or type, for messages.
    """

    name: str
    predictor_type: str | None
    gpu: bool
    inf: bool
    image: str | None
    files: tuple[tuple[str, str], ...] = ()
    where: FileLine = field(default=FileLine("cortex.yaml"), compare=False)

    @property
    def computes_on(self) -> PlatformName:
        """The platform that `compute` asks for."""
        if self.inf:
            return "inf"
        return "cuda" if self.gpu else "cpu"

    @property
    def platform(self) -> PlatformName:
        """The platform of the image that runs: that of its name, if it is one of Cortex's, else of `compute`."""
        found = _PREDICTOR_IMAGE.fullmatch(self.image or "")
        return self.computes_on if found is None else _PLATFORM_OF_CHIP[found["chip"]]


@dataclass(frozen=True, slots=True)
class Project:
    """A project directory as read: configuration, APIs, and which dependency files are there.

    Attributes:
        directory: Absolute path of the project.
        configuration: From `cortexlock.yaml` and the command line.
        apis: From `cortex.yaml` and its siblings (`cortex_gpu.yaml`), in file order.
    """

    directory: Path
    configuration: Configuration
    apis: tuple[CortexApi, ...]
