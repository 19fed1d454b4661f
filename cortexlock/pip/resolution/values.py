"""What a resolution takes and gives, free of pip's own types."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cortexlock.errors import CortexlockError, FileLine, NoSolutionError


@dataclass(frozen=True, slots=True)
class Root:
    """A requirement as the project writes it.

    Attributes:
        name: Normalized name; empty for a tree or archive whose name is not written.
        text: The requirement as written.
        file: The file that has it, relative to the project.
        line: 1-based line number.
    """

    name: str
    text: str
    file: str
    line: int

    @property
    def place(self) -> FileLine:
        """File and line."""
        return FileLine(self.file, self.line)


@dataclass(frozen=True, slots=True)
class Held:
    """A requirement that holds for a name without being asked for.

    Attributes:
        name: Normalized name.
        text: The requirement (PEP 508), `torch==2.3.0+cu121`.
        frozen: Whether the project freezes what the image has; else it is a constraint of the image's own.
    """

    name: str
    text: str
    frozen: bool


@dataclass(frozen=True, slots=True)
class SourceTree:
    """An unpacked sdist, which may be written to, or a local tree (`local`), which may not.

    `name` is the normalized name of the distribution, empty where only its metadata tells it. `archive` is the sha256
    of the sdist, hexadecimal, where one is known before it is read; empty for all others. Where what is kept of an
    archive tells enough, it was not unpacked, and `path` is empty.
    """

    path: Path
    local: bool
    name: str = ""
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A commit of a git repository, as checked out.

    Attributes:
        url: URL of the repository, without credentials.
        commit: Full commit id.
        subdirectory: Where the project lies in it; empty for its root.
        sha256: Hash of the whole checked out tree.
        reference: What the requirement names, a branch, a tag or a commit; empty for the default branch.
        tags: Those that lead to the commit, the nearest ones.
    """

    url: str
    commit: str
    subdirectory: str
    sha256: str
    reference: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A distribution that the resolution chose.

    Attributes:
        name: Normalized name.
        version: Version.
        installed: Whether it is the image's own, which is kept.
        requires: Its `Requires-Dist` values.
        parents: Normalized names of those that depend on it, sorted.
        requested: Whether a requirement of the project asks for it.
        url: Where the artifact is, without fragment and credentials; empty if installed.
        page: The index page or find-links location that listed it; empty for direct references.
        file: The artifact's file name; empty for trees.
        sha256: Its hash, hexadecimal; empty for trees.
        size: Its size in bytes, 0 where the index does not say.
        directory: Absolute path of a local tree, or empty.
        checkout: The commit, for a tree from version control.
        editable: Whether a tree is installed in development mode.
        yanked: Whether the file is yanked (PEP 592).
        unknown_extras: Extras that were asked for and that it does not have, sorted.
        source: The tree that a wheel is built from, for as long as the resolver is open; None for wheels.
    """

    name: str
    version: str
    installed: bool
    requires: tuple[str, ...]
    parents: tuple[str, ...]
    requested: bool
    url: str = ""
    page: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    directory: str = ""
    checkout: Checkout | None = None
    editable: bool = False
    yanked: bool = False
    unknown_extras: tuple[str, ...] = ()
    source: SourceTree | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One requirement of a conflict.

    Attributes:
        name: Normalized name of what is required.
        requirement: The requirement, `botocore<1.16,>=1.15`.
        parent: `name version` of what requires it; empty if the project does.
        parent_name: Its name alone.
        parent_installed: Whether the parent is the image's own.
        file: For a requirement of the project: the file that has it.
        line: For a requirement of the project: its 1-based line.
        python: Whether it is the parent's Requires-Python, `Python >=3.8`; `name` is empty then.
    """

    name: str
    requirement: str
    parent: str = ""
    parent_installed: bool = False
    file: str = ""
    line: int = 0
    python: bool = False
    parent_name: str = ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that could have been chosen, and was not, because it cannot be read.

    Attributes:
        name: Normalized name of the project.
        version: Its version, as the file's name has it.
        file: The file's name.
        reason: What is wrong with it.
    """

    name: str
    version: str
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preference:
    """A version of a previous lock, which goes before others of the index.

    `wheel` tells whether it was locked as a wheel: then it is no preference where the target has no wheel of it. `by`
    are the names of who asked for it.
    """

    version: str
    wheel: bool = False
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedPreference:
    """A locked version that is no preference, as there is no such file for the target.

    Attributes:
        name: Normalized name.
        version: The locked version.
        has_sdist: Whether there is an sdist of it, where a wheel was locked.
    """

    name: str
    version: str
    has_sdist: bool


@dataclass(frozen=True, slots=True)
class Unhashed:
    """What pip refuses in its hash mode.

    Attributes:
        name: Normalized name.
        reason: `none`: nothing says a hash of it; `unpinned`: what says one says no exact version; `tree`: it is from a
            git repository or a directory, of which pip knows no hash.
        where: The line that asks for it, if one does.
        parents: Normalized names of those that depend on it.
    """

    name: str
    reason: Literal["none", "unpinned", "tree"]
    where: FileLine | None
    parents: tuple[str, ...] = ()


class UnboundedError(NoSolutionError):
    """A build needs what it cannot have, unless the project says bounds for it: its hint is how.

    Attributes:
        before: What stands before the line of the configuration.
        after: What stands after it.
    """

    before = "bound what it needs"
    after = ""

    def hint_for(self, project: str) -> str:
        """Return the hint for the build of a project, by its normalized name."""
        line = f"`build-requirements: {{{project}: ['name<version']}}` in cortexlock.yaml"
        return f"{self.before}: {line}{self.after}"


@dataclass(frozen=True, slots=True)
class ForAnotherPython:
    """A version of a package that is for another Python than the target's, and for which (`>=3.8`)."""

    version: str
    requires_python: str


@dataclass(frozen=True, slots=True)
class OwnPip:
    """A version that the image's own pip would have left in place of the locked one.

    Attributes:
        pip: The version of the image's pip.
        name: Normalized name.
        version: What that pip would have left.
        locked: The locked version; empty if nothing is locked.
        broken: Name, version and requirement of what would have been broken then.
    """

    pip: str
    name: str
    version: str
    locked: str
    broken: tuple[tuple[str, str, str], ...] = ()


class ImpossibleError(CortexlockError):
    """The resolver found no solution: `causes` conflict; `versions` are those of the index for the names in them.

    `passed_over` are files of the same names that could not be read, `files` the names of all files by project.
    """

    id = "no-solution"

    exit_code = 4

    def __init__(
        self,
        what: str,
        causes: tuple[Cause, ...] = (),
        versions: tuple[tuple[str, tuple[str, ...]], ...] = (),
        other_python: tuple[ForAnotherPython, ...] = (),
    ) -> None:
        super().__init__(what)
        self.causes = causes
        self.versions = dict(versions)
        self.other_python = other_python
        self.passed_over: tuple[PassedOver, ...] = ()
        self.files: dict[str, tuple[str, ...]] = {}
