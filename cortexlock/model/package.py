"""What a lockfile says of one package: exactly one artifact, and what it does to the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal["add", "change", "keep"]
"""`add`: it was not there; `change`: another version was pre-installed; `keep`: the image's own, untouched."""

DEFAULT_INDEX = "default"
"""The alias of the primary index: PyPI, or the mirror that the user names when locking or replaying."""


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """A conda package as locked.

    Attributes:
        name: Package name.
        version: Version, conda's syntax.
        build: Build string.
        channel: The channel as the project or the predictor writes it (`defaults`, `conda-forge`, `./channel`),
            never a resolved URL; empty for `keep`.
        subdir: `linux-64` or `noarch`.
        file: Name of the archive; empty for `keep`, as are the fields after it.
        sha256: Hash of the archive, hexadecimal.
        md5: Hash of the archive, hexadecimal, or empty where the channel has none.
        size: Bytes of the archive, 0 where the channel does not say.
        action: What it does to the image.
        replaces: What was pre-installed, by manager: `conda 1.0`, `pip 1.18.2`; empty for `add` and `keep`.
        by: Who asked for it, sorted: `conda-packages.txt`, and names of conda packages.
        distributions: Python distributions that it brings, `name==version`, sorted; from the name mapping.
    """

    name: str
    version: str
    build: str = ""
    channel: str = ""
    subdir: str = ""
    file: str = ""
    sha256: str = ""
    md5: str = ""
    size: int = 0
    action: Action = "add"
    replaces: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PipPackage:
    """A Python distribution as locked. Exactly one source, but for `keep`, which has none.

    Attributes:
        name: Normalized name (PEP 503).
        version: Version (PEP 440).
        action: What it does to the image.
        replaces: The pre-installed version that it replaces; empty for `add` and `keep`.
        by: Who asked for it, sorted: the requirements file's name, and names of distributions.
        index: Alias of the index or find-links page; empty for other sources.
        url: Direct URL of an archive, without credentials; empty for other sources.
        git: URL of the repository, without credentials; empty for other sources.
        commit: The full commit id, for `git`.
        reference: What the requirement names there, a branch, a tag or a commit; empty for the default branch.
        subdirectory: Where the project lies in the repository or archive; empty for its root.
        directory: A local tree, relative to the project, POSIX separators, `.` included; empty for other sources.
        archive: A local archive, relative to the project, POSIX separators; empty for other sources.
        editable: Whether a tree or repository is installed in development mode.
        file: File name of the artifact; empty for trees.
        sha256: Hash of the artifact, or of the tree (`git`, `directory`); hexadecimal.
        size: Bytes of the artifact; 0 where the index does not say, and for trees.
        yanked: Whether the file is yanked (PEP 592).
    """

    name: str
    version: str
    action: Action = "add"
    replaces: str = ""
    by: tuple[str, ...] = ()
    index: str = ""
    url: str = ""
    git: str = ""
    commit: str = ""
    reference: str = ""
    subdirectory: str = ""
    directory: str = ""
    archive: str = ""
    editable: bool = False
    file: str = ""
    sha256: str = ""
    size: int = 0
    yanked: bool = False

    @property
    def needs_build(self) -> bool:
        """Whether a wheel must be built of it before it can be installed."""
        return bool(self.git or self.directory) or (bool(self.file) and not self.file.endswith(".whl"))


@dataclass(frozen=True, slots=True)
class BuildRequirement:
    """A wheel that the build of locked sdists and trees needs; installed into build environments only.

    `needed_by` are the normalized names of the locked packages that need it, sorted.
    """

    package: PipPackage
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A requirement that does not hold between image and lock, as `pip check` would say it.

    `package` `version` requires `requirement`; `found` is the version there, empty where it is missing. What the image
    itself, untouched, has of conflicts is not among them; `already` are those that the image has, too, by another
    version.
    """

    package: str
    version: str
    requirement: str
    found: str
    already: bool = False
