"""What an image provides, before the project's first step."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from cortexlock.quick_dataclass import dataclass

PlatformName: TypeAlias = Literal["cpu", "cuda", "inf"]
"""An accelerator that an image was made for."""

StepName: TypeAlias = Literal["script", "conda", "core", "pip"]
"""A step of a container's start; a predictor's release gives their order."""

SubdirName: TypeAlias = Literal["linux-64", "linux-aarch64"]
"""A conda subdir: the system and the machine that an image is for."""

PLATFORMS: tuple[PlatformName, ...] = ("cpu", "cuda", "inf")
SUBDIR: SubdirName = "linux-64"
MACHINES: dict[SubdirName, str] = {"linux-64": "x86_64", "linux-aarch64": "aarch64"}
"""What `uname -m` says on a subdir's machines."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A Python distribution that is pre-installed in an image.

    Attributes:
        name: Normalized name (PEP 503).
        version: Version (PEP 440), local part included (`1.5.1+cpu`).
        requires: `Requires-Dist` values, as in its METADATA.
        extras: `Provides-Extra` values.
        requires_python: `Requires-Python`, or None.
        on_index: False for what is on no index (Cortex's own packages).
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str | None = None
    on_index: bool = True


@dataclass(frozen=True, slots=True)
class CondaRecord:
    """A conda package that is pre-installed in an image's environment.

    Attributes:
        name: Its name.
        version: Its version.
        build: Its build string, empty where it is not documented.
        depends: What it depends on, as MatchSpecs.
        subdir: `linux-64`, `noarch`; empty: the image's own.
        noarch: `python` for a package of pure Python, `generic`, or empty.
        channel: The channel that it was installed from, by name or address; empty where nobody knows.
    """

    name: str
    version: str
    build: str = ""
    depends: tuple[str, ...] = ()
    subdir: str = ""
    noarch: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class DependencyFiles:
    """The names under which an image looks for a project's dependency files; None: this release has no such step."""

    script: tuple[str, ...] = ("script.sh", "dependencies.sh")
    conda: str | None = "conda-packages.txt"
    pip: str | None = "requirements.txt"


@dataclass(frozen=True, slots=True)
class Predictor:
    """One image: everything that decides what an installation on top of it does.

    Attributes:
        type: `python`, `tensorflow` or `onnx`; empty for an image that is not Cortex's.
        cortex_version: The Cortex release, `0.16.0`; empty likewise.
        platform: The accelerator that the image is for.
        image: The image's name; of Cortex's images without registry and tag.
        slim: Whether this is the variant without the machine-learning packages.
        released: Date and time of the release, RFC 3339: upload times before it bound what the image can hold; empty
            where nobody knows.
        python: The interpreter's version, `3.6.9`.
        glibc: The C library's version, `2.27`.
        cuda: The CUDA version, or None.
        has_conda: Whether the image has conda.
        channels: The channels of the image's run time, in order of priority.
        order: The steps, in the order of this release.
        files: The names of the dependency files.
        distributions: What is pre-installed for Python, sorted by name.
        conda_records: What is pre-installed by conda, sorted by name.
        conda_version: The version of the image's conda, which decides how a list is solved; empty where nobody knows.
        conda_history: The specifications that its conda environment was made of, as MatchSpecs: they hold.
        conda_pinned: The lines of its `conda-meta/pinned`.
        core: Requirements that the `core` step re-installs after conda changed Python.
        closure: How `distributions` were found: `documented`, `resolved` (as of the release's date), `partial`
            (`resolved`, but for what packages on an index that cannot be read ask for) or `captured`.
        file: The predictor file that says all this, relative to the project, POSIX separators; empty for the catalog's.
        digest: The digest of the image that was captured, `sha256:…`, or empty.
        subdir: The conda subdir.
        constraints: Requirements (PEP 508) that hold for whatever pip installs in the image, without being asked for.
        name: The image's name among the project's `images`; empty: it goes by its platform.
    """

    type: str
    cortex_version: str
    platform: PlatformName
    image: str
    slim: bool
    released: str
    python: str
    glibc: str
    cuda: str | None
    has_conda: bool
    channels: tuple[str, ...]
    order: tuple[StepName, ...]
    files: DependencyFiles = field(default_factory=DependencyFiles)
    distributions: tuple[Distribution, ...] = ()
    conda_records: tuple[CondaRecord, ...] = ()
    conda_version: str = ""
    conda_history: tuple[str, ...] = ()
    conda_pinned: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    closure: str = "resolved"
    file: str = ""
    digest: str = ""
    subdir: SubdirName = SUBDIR
    constraints: tuple[str, ...] = ()
    name: str = ""

    @property
    def label(self) -> str:
        """What tells it from the project's other images: its name, or its platform."""
        return self.name or self.platform


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

    @property
    def reference(self) -> str:
        """The image by its name, and by its digest where that is known: `our/image:1@sha256:…`."""
        return f"{self.image}@{self.digest}" if self.digest else self.image
