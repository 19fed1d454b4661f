"""What a comparison of a prefix with a lockfile finds, as values; the command line makes sentences of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from cortexlock.model.package import PackageKey

Part: TypeAlias = Literal["locked", "image", "extra", "conflicts"]
"""What differs: what was locked, what the image has and the lockfile leaves, what is beside both, requirements."""

Kind: TypeAlias = Literal[
    "python",  # the interpreter is of another minor version
    "half-way",  # a replay has begun and not ended; `found` is `other` where it was of another lockfile
    "missing",  # a package is not there
    "version",  # a package is of another version or build
    "copies",  # a distribution is there more than once
    "artifact",  # a package was installed from another artifact than the locked one
    "list",  # the list of a package's files was changed since it was installed
    "file-missing",
    "file-changed",
    "left",  # a package is not as the last replay left it, and in neither image nor lockfile
    "package",  # a package is in neither image nor lockfile
    "unlisted-file",  # a file in site-packages is of no package
    "unlisted-changed",  # such a file that was known was changed
    "requirement",  # `expected` is the requirement, `found` the version that is there, or nothing
]

NoteKind: TypeAlias = Literal[
    "no-receipt",
    "other-lockfile",
    "other-image",  # the last replay was for another image or platform
    "python",  # another patch level
    "left-so",  # the replay left it so, as the script may change what it likes
    "beside",  # a package beside image and lockfile that was there at the replay
    "unlisted-file",
    "overlap",  # files of a distribution that conda packages have, too
    "clobbered",  # a file of a conda package that was not linked, as another one has it
    "shared",  # a file of the distribution `expected` that `package` brings, too, and is installed after it
    "requirement",  # what the lockfile says itself; of the manager `image`: what the image has had by itself
]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One difference.

    Attributes:
        part: Of what.
        manager: `conda` or `pip`, or nothing.
        package: The name of the package, normalized, or nothing.
        path: The file, relative to the prefix, POSIX separators, or nothing.
        kind: Which difference it is.
        version: The version of the package, where that is worth saying.
        expected: What should be there: a version, a digest, a requirement.
        found: What is there; nothing where nothing is.
    """

    part: Part
    manager: str = ""
    package: str = ""
    path: str = ""
    kind: Kind
    version: str = ""
    expected: str = ""
    found: str = ""

    @property
    def key(self) -> PackageKey:
        """What the package is known by."""
        return PackageKey.of("conda" if self.manager == "conda" else "pip", self.package)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Note:
    """What is no difference and still worth knowing; the attributes are those of a `Problem`."""

    kind: NoteKind
    manager: str = ""
    package: str = ""
    version: str = ""
    paths: tuple[str, ...] = ()
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a prefix compares with image and lockfile.

    Attributes:
        problems: What differs, sorted.
        allowed: What differs and was allowed by who installed, sorted.
        notes: What is no difference and still worth knowing, sorted.
    """

    problems: tuple[Problem, ...] = ()
    allowed: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is any difference that nobody allowed."""
        return bool(self.problems)

    def of(self, *parts: Part) -> tuple[Problem, ...]:
        """Return the problems of some parts."""
        return tuple(each for each in self.problems if each.part in parts)
