"""What the formats take and give: facts in, files out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from cortexlock.model.lockfile import Lockfile

Format: TypeAlias = Literal["requirements", "conda-explicit", "pylock", "cyclonedx", "cortex", "script", "dockerfile"]
FORMATS: tuple[Format, ...] = (
    "requirements",
    "conda-explicit",
    "pylock",
    "cyclonedx",
    "cortex",
    "script",
    "dockerfile",
)

Uncarried: TypeAlias = Literal["script", "conda", "pip", "tree", "git", "build-requirements", "no-build-isolation"]
"""What a format may be unable to carry: a step, local trees, git repositories, the pins of build requirements, and
builds in the environment itself."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What an export leaves out: a kind, and the names of packages or the file that is concerned."""

    kind: Uncarried
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """An index or find-links page as an export names it.

    Attributes:
        alias: Its name in the lockfile.
        url: Its URL; user and password are environment variables (`${TOKEN}`) or are left out.
        kind: An index, or a find-links page.
        variables: The environment variables in the URL.
        secret_in_file: Whether it has a user and a password that stand in a file, which no export repeats.
        is_declared: Whether the project names it, as it may name another primary index than PyPI.
    """

    alias: str
    url: str
    kind: Literal["index", "links"]
    variables: tuple[str, ...] = ()
    secret_in_file: bool = False
    is_declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is exported: a lockfile, and what it does not say itself.

    Attributes:
        lockfile: The lockfile.
        project: The project's directory, absolute.
        file: The lockfile's file name.
        sha256: The hash of the lockfile's bytes, hexadecimal.
        indexes: Where its indexes are now, in its order.
        urls: URLs of artifacts by their sha256, without credentials; relative paths where they are the project's.
        bundle: The directory that `cortexlock fetch` filled, relative to the export; None: artifacts come by URL.
        base_image: The container image by name (and digest, where it is known), or empty.
        trees: The files of local trees by the tree's directory, relative to the project, sorted.
        licences: What packages state, by the sha256 of their files, as far as files are at hand.
    """

    lockfile: Lockfile
    project: Path
    file: str
    sha256: str
    indexes: tuple[IndexPlace, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    bundle: str | None = None
    base_image: str = ""
    trees: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    licences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """Files, by their path relative to the destination (POSIX separators), and what they leave out.

    Attributes:
        files: Contents of the files.
        executable: Which of them are programs.
        copies: Files and directories of the project or a bundle that belong to it, by their path there.
        left_out: What the format does not carry.
        variables: Environment variables that whoever uses it must set.
        unnamed: Aliases of indexes whose user and password stand in a file of the project, which no export repeats.
    """

    files: Mapping[str, bytes]
    executable: frozenset[str] = frozenset()
    copies: Mapping[str, Path] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    variables: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
