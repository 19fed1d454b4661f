"""What a capture of an image has to tell besides the image, as values: `cli/capture_words.py` has the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class NoConda:
    """It is no conda environment, unlike that of the image which it is said to be like."""

    image: str
    release: str


@dataclass(frozen=True, slots=True)
class UnusedCuda:
    """CUDA is there, and the platform has none."""

    version: str
    platform: str


@dataclass(frozen=True, slots=True)
class IndexVariables:
    """The image sets variables that name indexes."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownConstraints:
    """A file of constraints is named, and is not in the image."""

    file: str


@dataclass(frozen=True, slots=True)
class NoConstraint:
    """A line of a file of constraints is none that can be carried."""

    file: str
    line: str


@dataclass(frozen=True, slots=True)
class NamelessMetadata:
    """The metadata of a distribution have no name, or no version."""

    file: str


@dataclass(frozen=True, slots=True)
class StrangeVersion:
    """The version of a distribution is none (PEP 440)."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SeveralVersions:
    """A distribution is there more than once; the one that Python finds was taken."""

    name: str
    versions: tuple[str, ...]
    taken: str


@dataclass(frozen=True, slots=True)
class UnsaidCredential:
    """A requirement had a user name, a credential or a query in its URL."""

    name: str


@dataclass(frozen=True, slots=True)
class OtherMachine:
    """The configuration of the image says another machine (`arm64`) than its C library is for, which counts."""

    said: str


CaptureFact: TypeAlias = (
    NoConda
    | UnusedCuda
    | IndexVariables
    | UnknownConstraints
    | NoConstraint
    | NamelessMetadata
    | StrangeVersion
    | SeveralVersions
    | UnsaidCredential
    | OtherMachine
)
