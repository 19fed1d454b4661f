"""How a project is to be locked, and what became of each of its platforms."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.model.lockfile import Lockfile
from cortexlock.quick_dataclass import dataclass

if TYPE_CHECKING:  # what locks nothing does not pay for it
    from cortexlock.model.lock_facts import Note
    from cortexlock.model.lock_progress import LockProgress


@dataclass(frozen=True, slots=True)
class LockOptions:
    """How to lock, apart from what the project says.

    Attributes:
        conda: A conda, mamba or micromamba executable; None for the embedded one.
        python: An interpreter of the image's Python version, for builds; None to find one.
        cache: Directory of caches.
        environment: The caller's variables.
        strict: Whether anything that the image would lose is an error.
        upgrade: Whether no version of the lockfile that is there is preferred.
        upgrade_packages: Names of packages whose locked versions are not preferred.
        pypi_rows: Whether rows of a conda list that pip had installed are locked in the pip step; else refused.
        refresh: Whether to resolve even where the lockfiles are fresh.
        since: When the command began, in seconds since 1970: what it has asked an index for is not asked for again.
        dry_run: Whether nothing is written.
    """

    conda: Path | None
    python: Path | None
    cache: Path
    environment: Mapping[str, str]
    strict: bool = False
    upgrade: bool = False
    upgrade_packages: tuple[str, ...] = ()
    pypi_rows: bool = True
    refresh: bool = False
    since: float = float("inf")
    dry_run: bool = False

    @property
    def worker_environment(self) -> dict[str, str]:
        """The variables without what configures pip, conda and Python: only what the project declares counts."""
        prefixes = ("PIP_", "CONDA_", "MAMBA_", "PYTHON", "VIRTUAL_ENV", "UV_")
        kept = {name: value for name, value in self.environment.items() if not name.startswith(prefixes)}
        return {**kept, "PIP_CONFIG_FILE": os.devnull, "TZ": "UTC", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class LockEvent:
    """Something that happens while a platform is resolved; `platform` is as in `Locked`."""

    platform: str
    progress: LockProgress


@dataclass(frozen=True, slots=True)
class Locked:
    """What became of one platform.

    Attributes:
        platform: The platform, or the image's name among the project's.
        path: Its lockfile.
        lockfile: What is in it.
        changed: Whether it was written; False: it said the same already.
        default_release: Whether the newest release was taken because nobody said one.
        notes: What the user should know.
        replaced_python: The image's version of Python, if conda replaces it with another minor version; else empty.
        previous: The lockfile that was there, where it could be read.
    """

    platform: str
    path: Path
    lockfile: Lockfile
    changed: bool
    default_release: bool
    notes: tuple[Note, ...] = ()
    replaced_python: str = ""
    previous: Lockfile | None = None
