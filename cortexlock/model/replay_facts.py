"""What a replay tells of, as values: `cli/replay_words.py` has the words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias


class Doing(Enum):
    """What goes on, or is so, where there is nothing more to say of it."""

    WAITS = auto()  # for another replay in the prefix
    CHECKS = auto()  # project and prefix
    NOTHING_TO_DO = auto()
    GOES_ON = auto()  # where an earlier replay of the lockfile was ended
    FETCHES = auto()  # artifacts
    COMPARES = auto()  # the prefix with the lockfile
    AS_LOCKED = auto()


class Why(Enum):
    """Why something is removed."""

    CONDA_REPLACES = auto()
    CONDA_CHANGES = auto()  # what pip had installed in the place of a package that conda changes
    NOT_LOCKED_ANY_MORE = auto()
    STRANGE = auto()  # in neither image nor lockfile
    UNREADABLE = auto()  # no installer can read its list of files


@dataclass(frozen=True, slots=True)
class Script:
    """A script runs, or has ended well."""

    file: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """A package is removed."""

    name: str
    version: str
    why: Why


@dataclass(frozen=True, slots=True)
class FileRemoval:
    """A file of no package is removed."""

    path: str


@dataclass(frozen=True, slots=True)
class Linking:
    """So many conda packages are linked, or have been."""

    packages: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Installing:
    """So many distributions are installed, or have been."""

    distributions: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Building:
    """A distribution is built: in an environment of its own, or with what is installed in the prefix."""

    name: str
    version: str
    in_prefix: bool = False


@dataclass(frozen=True, slots=True)
class CheckingOut:
    """The source of a distribution is checked out of its repository."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is needed is there."""

    files: int
    checkouts: int


@dataclass(frozen=True, slots=True)
class OtherImage:
    """The last replay in the prefix was for another image."""

    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class HasRun:
    """A script has run in the prefix before, and is not run again."""

    file: str


@dataclass(frozen=True, slots=True)
class Altered:
    """What a script did to a package; a version is empty where there was none, or is none now."""

    file: str
    manager: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LinkScripts:
    """A conda package has scripts that run when it is linked, and whether they do."""

    package: str
    files: tuple[str, ...]
    run: bool


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """Files that a conda package brings are of another package, too: one of conda's, or one that pip installed."""

    package: str
    files: tuple[str, ...]
    owner: str
    is_of_pip: bool


@dataclass(frozen=True, slots=True)
class FetchedAnew:
    """A cached file was not as locked."""

    where: str


Fact: TypeAlias = (
    Doing
    | Script
    | Removal
    | FileRemoval
    | Linking
    | Installing
    | Building
    | CheckingOut
    | Gathered
    | OtherImage
    | HasRun
    | Altered
    | LinkScripts
    | SharedFiles
    | FetchedAnew
)
