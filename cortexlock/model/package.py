"""What a lockfile says of one package: exactly one artifact, and what it does to the image."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from cortexlock.patterns import pattern
from cortexlock.quick_dataclass import KW_ONLY, dataclass

Action: TypeAlias = Literal["add", "change", "keep"]
"""`add`: it was not there; `change`: another version was pre-installed; `keep`: the image's own, untouched."""

Manager: TypeAlias = Literal["conda", "pip"]
"""Who installs a package, and by whose records it is known."""

_SEPARATORS = pattern(r"[-_.]+")


def normalized(name: str) -> str:
    """Return a name as PEP 503 normalizes it: lower case, `-` for any run of `-`, `_` and `.`."""
    return _SEPARATORS.sub("-", name).lower()


class PackageKey(NamedTuple):
    """What a package is known by: its manager, and its name as PEP 503 normalizes it, conda's names too."""

    manager: Manager
    name: str

    @classmethod
    def of(cls, manager: Manager, name: str) -> PackageKey:
        """Return the key of a package whose name may be spelled in any way."""
        return cls(manager, normalized(name))

    @classmethod
    def parse(cls, text: str) -> PackageKey:
        """Return the key that `str` made a text of, `pip demo`.

        Raises:
            ValueError: It is none.
        """
        manager, separator, name = text.partition(" ")
        if manager not in {"conda", "pip"} or not separator or not name:
            raise ValueError("not a manager and a name")
        return cls("conda" if manager == "conda" else "pip", name)

    def __str__(self) -> str:
        """Return manager and name, `pip demo`."""
        return f"{self.manager} {self.name}"


class Pin(NamedTuple):
    """A distribution of one version; `str` gives `name==version`."""

    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Pin:
        """Return the pin that a text says.

        Raises:
            ValueError: The text is no pin.
        """
        name, separator, version = text.partition("==")
        if not separator or not name:
            raise ValueError("not a name and a version")
        return cls(name, version)

    def __str__(self) -> str:
        """Return `name==version`."""
        return f"{self.name}=={self.version}"


class Replaced(NamedTuple):
    """What was pre-installed in the place of a package: the version that its manager had there.

    What pip replaces is a distribution as pip sees it, whoever installed that.
    """

    manager: Manager
    version: str

    @classmethod
    def parse(cls, text: str) -> Replaced:
        """Return what a text says, `conda 1.0`.

        Raises:
            ValueError: The text names no manager.
        """
        return cls(*PackageKey.parse(text))

    def __str__(self) -> str:
        """Return manager and version, `conda 1.0`."""
        return f"{self.manager} {self.version}"


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
        replaces: What was pre-installed, of either manager; empty for `add` and `keep`.
        by: Who asked for it, sorted: `conda-packages.txt`, and names of conda packages.
        distributions: Python distributions that it brings, sorted; from the name mapping.
    """

    name: str
    version: str
    build: str = ""
    _: KW_ONLY
    channel: str = ""
    subdir: str = ""
    file: str = ""
    sha256: str = ""
    md5: str = ""
    size: int = 0
    action: Action = "add"
    replaces: tuple[Replaced, ...] = ()
    by: tuple[str, ...] = ()
    distributions: tuple[Pin, ...] = ()

    @property
    def key(self) -> PackageKey:
        """What it is known by."""
        return PackageKey.of("conda", self.name)

    @property
    def brings(self) -> tuple[PackageKey, ...]:
        """The keys of the distributions that it brings."""
        return tuple(PackageKey.of("pip", each.name) for each in self.distributions)

    @property
    def removes(self) -> frozenset[PackageKey]:
        """The keys of the distributions that must not be pip's any more when it is linked."""
        own = (PackageKey.of("pip", self.name) for each in self.replaces if each.manager == "pip")
        return frozenset((*self.brings, *own))


@dataclass(frozen=True, slots=True)
class FromIndex:
    """An index or a find-links page has it; `alias` is the lockfile's name for that."""

    alias: str


@dataclass(frozen=True, slots=True)
class FromUrl:
    """A direct URL of an archive, without credentials; `subdirectory` is where the project lies in the archive."""

    url: str
    subdirectory: str = ""


@dataclass(frozen=True, slots=True)
class FromGit:
    """A commit of a git repository.

    Attributes:
        url: Of the repository, without credentials.
        commit: The full commit id.
        reference: What the requirement names, a branch, a tag or a commit; empty for the default branch.
        subdirectory: Where the project lies in the repository; empty for its root.
        editable: Whether it is installed in development mode.
        tags: Those that lead to the commit, the nearest first, for builds that ask git for a version: `NAME=COMMIT`;
            `NAME^{}=COMMIT` for an annotated one.
    """

    url: str
    commit: str
    reference: str = ""
    subdirectory: str = ""
    editable: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FromDirectory:
    """A local tree, relative to the project, POSIX separators, `.` included; `editable`: in development mode."""

    path: str
    editable: bool = False


@dataclass(frozen=True, slots=True)
class FromArchive:
    """A local archive, relative to the project, POSIX separators; `subdirectory` is where the project lies in it."""

    path: str
    subdirectory: str = ""


Source: TypeAlias = FromIndex | FromUrl | FromGit | FromDirectory | FromArchive


@dataclass(frozen=True, slots=True)
class PipPackage:
    """A Python distribution as locked.

    Attributes:
        name: Normalized name (PEP 503).
        version: Version (PEP 440).
        action: What it does to the image.
        replaces: What was pre-installed, one version; empty for `add` and `keep`.
        by: Who asked for it, sorted: the requirements file's name, and names of distributions.
        source: Where it is from; None for `keep`.
        file: File name of the artifact; empty for trees.
        sha256: Hash of the artifact, or of the tree (`FromGit`, `FromDirectory`); hexadecimal.
        size: Bytes of the artifact; 0 where the index does not say, and for trees.
        yanked: Whether the file is yanked (PEP 592).
        no_build_isolation: Whether it is built in the prefix itself, with what is there.
        builds_with: What such a build is declared to need of the prefix: normalized names, sorted.
        metadata: `sdist` where only a build would tell its metadata, and these are what its maker put into the sdist.
    """

    name: str
    version: str
    _: KW_ONLY
    action: Action = "add"
    replaces: tuple[Replaced, ...] = ()
    by: tuple[str, ...] = ()
    source: Source | None = None
    file: str = ""
    sha256: str = ""
    size: int = 0
    yanked: bool = False
    no_build_isolation: bool = False
    builds_with: tuple[str, ...] = ()
    metadata: Literal["sdist", ""] = ""

    @property
    def key(self) -> PackageKey:
        """What it is known by."""
        return PackageKey("pip", self.name)

    @property
    def alias(self) -> str | None:
        """The alias of the index or find-links page that has it; None where it is from elsewhere."""
        return self.source.alias if isinstance(self.source, FromIndex) else None

    @property
    def editable(self) -> bool:
        """Whether a tree or repository is installed in development mode."""
        return isinstance(self.source, FromGit | FromDirectory) and self.source.editable

    @property
    def subdirectory(self) -> str:
        """Where the project lies in its repository or archive; empty for the root."""
        return self.source.subdirectory if isinstance(self.source, FromGit | FromUrl | FromArchive) else ""

    @property
    def needs_build(self) -> bool:
        """Whether a wheel must be built of it before it can be installed."""
        is_tree = isinstance(self.source, FromGit | FromDirectory)
        return is_tree or (bool(self.file) and not self.file.endswith(".whl"))


@dataclass(frozen=True, slots=True)
class BuildRequirement:
    """What the build of locked sdists and trees needs; installed into build environments only.

    `needed_by` are the normalized names of those that need it, and the `needing` of what is built for builds; sorted.
    """

    package: PipPackage
    needed_by: tuple[str, ...]

    @property
    def needing(self) -> str:
        """How others name this one as what needs them, if a wheel must be built of it: `name==version`."""
        return f"{self.package.name}=={self.package.version}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A requirement that does not hold between image and lock, as `pip check` would say it.

    `package` `version` requires `requirement`; `found` is the version there, empty where it is missing. Conflicts of
    the image itself, untouched, are not among them; `already` are those that it has, too, by another version.
    """

    package: str
    version: str
    requirement: str
    found: str
    already: bool = False
