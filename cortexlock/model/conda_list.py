"""`conda-packages.txt` as a value."""

from __future__ import annotations

from dataclasses import dataclass

from cortexlock.model.lock_facts import LockFact


@dataclass(frozen=True, slots=True)
class CondaSpec:
    """One line of `conda-packages.txt`.

    Attributes:
        line: 1-based line number.
        text: The line as written, without comment and surrounding white space.
        channel: The `channel::` prefix, or empty.
        name: Package name, lower case.
        version: Version constraint in MatchSpec syntax as conda 4.7.12 reads it from a file (`==1.2`), or empty.
        build: Build string constraint, or empty.
    """

    line: int
    text: str
    channel: str
    name: str
    version: str
    build: str

    @property
    def bare_version(self) -> str:
        """The constraint, without the `==` of an exact version."""
        return self.version.removeprefix("==")

    @property
    def is_exact(self) -> bool:
        """Whether the constraint is one exact version."""
        return self.bare_version != self.version


@dataclass(frozen=True, slots=True)
class PypiRow:
    """A row of a `conda list --export` for what pip had installed there; no conda channel has it.

    Attributes:
        line: 1-based line number.
        text: The line as written, without comment and surrounding white space.
        name: Normalized name of the distribution (PEP 503).
        version: Its version (PEP 440).
    """

    line: int
    text: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ExplicitUrl:
    """A line of an `@EXPLICIT` list: one archive.

    Attributes:
        line: 1-based line number.
        url: The archive's URL, without its fragment, with the credentials that were written.
        md5: The hash in the fragment, hexadecimal, or empty.
        sha256: The hash in the fragment, hexadecimal, or empty.
    """

    line: int
    url: str
    md5: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class CondaList:
    """`conda-packages.txt` as read: either `specs` and `pypi`, or `explicit`.

    Attributes:
        specs: What is asked of the channels, in file order.
        pypi: What the list says that pip installed, in file order.
        explicit: Archives that are taken as they are, in file order.
        notes: What the user should know of the file.
        channels: Those that an environment file names, best first, `nodefaults` among them.
    """

    specs: tuple[CondaSpec, ...] = ()
    pypi: tuple[PypiRow, ...] = ()
    explicit: tuple[ExplicitUrl, ...] = ()
    notes: tuple[LockFact, ...] = ()
    channels: tuple[str, ...] = ()
