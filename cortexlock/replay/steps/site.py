"""Where steps are carried out, and with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cortexlock.model.replay import Installer, OnEvent
from cortexlock.replay.prefix.file_digests import FileDigests
from cortexlock.replay.prefix.state import State, read_state


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySite:
    """Where steps are carried out: the same from the first to the last.

    Attributes:
        project: The project's directory.
        prefix: The root of the prefix.
        cache: The cache directory.
        environment: The caller's variables.
        on_event: Told what happens.
        built: Directories of wheels that were built before, which are only read.
        installer: Who installs Python distributions.
        keep: File descriptors that stay open in what writes to the prefix: the lock of it lasts until that has ended.
        link_scripts: Whether scripts in conda packages are run.
        digests: What is known of the prefix's files.
        known_to_uv: As `known` of `with_uv.install`.
    """

    project: Path
    prefix: Path
    cache: Path
    environment: Mapping[str, str]
    on_event: OnEvent
    built: Sequence[Path] = ()
    installer: Installer = "uv"
    keep: Sequence[int] = ()
    link_scripts: bool = False
    digests: FileDigests = field(default_factory=FileDigests)
    known_to_uv: Path | None = None

    def look(self) -> State:
        """Look at the prefix as it is now."""
        return read_state(self.prefix, self.environment, self.digests)


@dataclass(frozen=True, slots=True)
class ReplayContext:
    """What one step meets.

    Attributes:
        site: Where it is carried out.
        state: The prefix as it is before the step.
        files: Verified artifacts, by sha256.
        checkouts: Verified checkouts of git repositories, by normalized name of the package.
    """

    site: ReplaySite
    state: State
    files: Mapping[str, Path]
    checkouts: Mapping[str, Path]
