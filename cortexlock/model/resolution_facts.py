"""What a resolution finds out and a lockfile has no place for, as values: `cli/resolution_words.py` has the words."""

from __future__ import annotations

from typing import TypeAlias

from cortexlock.model.package import Conflict
from cortexlock.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class MadeAnew:
    """A lockfile was not readable, for the reason that is given."""

    lockfile: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A lockfile had the markers of a merge conflict."""

    lockfile: str


@dataclass(frozen=True, slots=True)
class OtherImage:
    """The image is another than the lockfile was made for.

    Attributes:
        changes: Name and both versions of each package that differs, Python first; empty where there is none.
    """

    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class AskedRows:
    """So many rows of a conda list that pip had installed are asked for by the pip step; the first is named."""

    file: str
    line: int
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class DroppedRows:
    """Rows of a conda list that pip had installed are left out, as the requirements name them; the first has a line."""

    file: str
    line: int
    requirements: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A requirement does not hold between image and lock."""

    conflict: Conflict


@dataclass(frozen=True, slots=True)
class LostDistributions:
    """conda replaces Python, and so many pre-installed distributions are lost."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class NoCore:
    """A Cortex release does not re-install its core packages."""

    cortex_version: str


@dataclass(frozen=True, slots=True)
class UnavailableCore:
    """A core package is on no index."""

    name: str


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """conda packages of the image that were linked for another Python than there is afterwards."""

    names: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one index has a name: the one that it is from, and the others."""

    name: str
    index: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AsksForNothing:
    """A list of requirements has no line that holds for a Python: it is empty, or its markers say otherwise."""

    file: str
    python: str


@dataclass(frozen=True, slots=True)
class Undated:
    """The cut-off date does not hold for packages from an index without upload times."""

    names: tuple[str, ...]
    index: str
    exclude_newer: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that could have been chosen was not, for the reason that is given."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unhashed:
    """What has no hash where others have, with their places: the image's own pip takes all or nothing."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnPipLeaves:
    """What the image's own pip would leave in place of what is locked, if anything is.

    Attributes:
        broken: Name, version and requirement of what would be broken then.
    """

    pip: str
    name: str
    version: str
    locked: str
    broken: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnPipLeavesMore:
    """The image's own pip would leave so many more packages otherwise."""

    count: int


@dataclass(frozen=True, slots=True)
class UnknownExtra:
    """A distribution has no such extra."""

    name: str
    version: str
    extra: str


@dataclass(frozen=True, slots=True)
class UnsuitedBuild:
    """A build in the prefix asks for a requirement, and finds another version."""

    name: str
    requirement: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedVersion:
    """A locked version is not kept: it has no file for the target, or only an sdist."""

    name: str
    before: str
    after: str
    has_sdist: bool
    python: str
    platform: str
    exclude_newer: str


@dataclass(frozen=True, slots=True)
class StaysInImage:
    """A package that was to be upgraded stays as the image has it; `file` could ask for another version."""

    name: str
    version: str
    file: str


@dataclass(frozen=True, slots=True)
class NotLocked:
    """A name under `no-build-isolation` is not locked."""

    name: str


ResolutionFact: TypeAlias = (
    MadeAnew
    | Merged
    | OtherImage
    | AskedRows
    | DroppedRows
    | Unmet
    | LostDistributions
    | NoCore
    | UnavailableCore
    | LeftBehind
    | Ambiguous
    | AsksForNothing
    | Undated
    | PassedOver
    | Unhashed
    | OwnPipLeaves
    | OwnPipLeavesMore
    | UnknownExtra
    | UnsuitedBuild
    | MovedVersion
    | StaysInImage
    | NotLocked
)
