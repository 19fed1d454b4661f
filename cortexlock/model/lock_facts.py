"""What a lock has to tell besides the lockfile, as values, where nothing need be solved for it.

`cli/lock_words.py` has the words. What a resolution finds out is in `resolution_facts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cortexlock.model.stale_facts import StaleReason
from cortexlock.quick_dataclass import dataclass

if TYPE_CHECKING:
    from cortexlock.model.resolution_facts import ResolutionFact


@dataclass(frozen=True, slots=True)
class WillBeStale:
    """`check` will call a lockfile stale: an option of the command line, which is gone by then, decided."""

    lockfile: str
    reason: StaleReason


@dataclass(frozen=True, slots=True)
class WillBeStray:
    """`check` will call the lockfile of a platform, or of an image with this name, stray: `key` does not have it."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """What was taken from the lockfiles, as nothing else says it, as `key value`: which image, or other settings."""

    settings: tuple[str, ...]
    is_image: bool


@dataclass(frozen=True, slots=True)
class OtherChips:
    """An API names an image, for one platform, and asks for the chips of another; `place` is where it does."""

    place: str
    api: str
    asks_for: str
    image: str
    platform: str


@dataclass(frozen=True, slots=True)
class NothingLocked:
    """There is no dependency file; `described` is the file that describes the image, empty for the catalog's."""

    looked_for: tuple[str, ...]
    described: str


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A file that looks like a dependency file, and the name of that."""

    file: str
    meant: str


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file for another tool, which is not read, and the one to write instead."""

    file: str
    instead: str


@dataclass(frozen=True, slots=True)
class InUtf16:
    """A conda list is UTF-16, which the image's own conda does not read."""

    file: str


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A key of an environment file means nothing to a lock; `line` is 1-based, None where nobody knows it."""

    file: str
    line: int | None
    key: str


@dataclass(frozen=True, slots=True)
class CommentedSelector:
    """A line of an environment file ends in what conda-build, but not conda, takes as a condition."""

    file: str
    line: int
    selector: str


@dataclass(frozen=True, slots=True)
class ChangedByPip:
    """pip changes a distribution that conda brings."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LocalRepository:
    """A package is from a repository that is named by a path of this machine."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Yanked:
    """The makers of a distribution have withdrawn it (PEP 592)."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class TakenMetadata:
    """Metadata were taken from an sdist: a build may say something else."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class LocalChannel:
    """A channel is a directory of one machine."""

    channel: str


@dataclass(frozen=True, slots=True)
class OwnPipConfiguration:
    """Settings of the user's own pip configuration counted."""

    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoTargets:
    """Nothing says a predictor type, so that nothing is known of what is resolved for."""


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """Platforms have different dependency files: those of one are shown."""

    platform: str


LockFact: TypeAlias = (
    WillBeStale
    | WillBeStray
    | KeptSettings
    | OtherChips
    | NothingLocked
    | Misspelt
    | UnreadFile
    | InUtf16
    | NotCarried
    | CommentedSelector
    | ChangedByPip
    | LocalRepository
    | Yanked
    | TakenMetadata
    | LocalChannel
    | OwnPipConfiguration
    | NoTargets
    | OneOfSeveral
)

Note: TypeAlias = "LockFact | ResolutionFact"
"""What is told of a lock."""
