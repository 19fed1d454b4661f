"""Why a lockfile is not what its project asks for, as values: `cli/stale_words.py` has the words."""

from __future__ import annotations

from enum import Enum, auto
from typing import TypeAlias

from cortexlock.model.package import Conflict
from cortexlock.quick_dataclass import dataclass


class FileIs(Enum):
    """What is the matter with a file as a whole."""

    NEW = auto()  # since the lockfile was made
    GONE = auto()
    UNUSED = auto()  # it is there, and nothing asks for it any more
    CHANGED = auto()  # since the lockfile was made
    MISSING = auto()  # a lockfile that should be there


@dataclass(frozen=True, slots=True)
class NoStep:
    """A dependency file has no such step in the lockfile."""

    step: str


@dataclass(frozen=True, slots=True)
class OtherTree:
    """A source tree is not as it was, or cannot be read, for the reason that is given."""

    package: str
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class OtherSetting:
    """A key of `cortexlock.yaml` has another value than the lockfile was made for."""

    key: str
    now: str | bool
    then: str | bool


@dataclass(frozen=True, slots=True)
class OtherFreeze:
    """Other packages are frozen."""

    now: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherChannels:
    """The channels are others."""

    now: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherPredictorFile:
    """Other files describe the image; `image` is its name where images have names, `then` empty for the catalog's."""

    now: tuple[str, ...]
    then: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class OtherIndex:
    """An index is new, or gone."""

    name: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OtherBinding:
    """A package is locked from an index that its name is not bound to; `owner` is the one that it is bound to."""

    package: str
    index: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class MissingBuildRequirement:
    """A build is to have a requirement that the lockfile does not have."""

    package: str
    requirement: str


@dataclass(frozen=True, slots=True)
class OtherIsolation:
    """A package is to be built with isolation, or without, and is locked the other way."""

    package: str
    isolated: bool


@dataclass(frozen=True, slots=True)
class OtherPredictor:
    """The project selects another type of predictor."""

    now: str
    then: str


@dataclass(frozen=True, slots=True)
class OtherImage:
    """The project selects another image of the same type and release."""

    now: str
    then: str


@dataclass(frozen=True, slots=True)
class ReplacedPython:
    """Conda replaces Python, which a strict lock refuses."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A requirement of the image will not hold, which a strict lock refuses."""

    conflict: Conflict


@dataclass(frozen=True, slots=True)
class NotForProject:
    """A lockfile is for a platform, or an image, that the project is not for."""

    label: str


StaleFact: TypeAlias = (
    FileIs
    | NoStep
    | OtherTree
    | OtherSetting
    | OtherFreeze
    | OtherChannels
    | OtherPredictorFile
    | OtherIndex
    | OtherBinding
    | MissingBuildRequirement
    | OtherIsolation
    | OtherPredictor
    | OtherImage
    | ReplacedPython
    | Broken
    | NotForProject
)


@dataclass(frozen=True, slots=True)
class StaleReason:
    """One reason why a lockfile is stale, or is none.

    Attributes:
        file: The file that it is about.
        fact: What is the matter with it; a text is what an error says of it.
    """

    file: str
    fact: StaleFact | str
