"""What a replay is told, and what it tells while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from cortexlock.model.replay_facts import Fact

Installer: TypeAlias = Literal["uv", "pip"]
"""Who installs Python distributions into a prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallOptions:
    """What a replay is told beside project and lockfile.

    Attributes:
        prefix: The root of the environment to install into.
        cache: The directory of downloads and of built wheels.
        environment: The caller's variables: where programs are, how the network is reached, values of `${NAME}`.
        allow_drift: Go on although the prefix is not what the lockfile assumed, and allow what differs at the end.
        exact: Remove what is in neither image nor lockfile.
        index_url: The primary package index in place of the project's.
        offline: Whether nothing may be fetched: what is not there already is an error.
        bundle: A directory that `cortexlock fetch` filled, or None.
        installer: Who installs Python distributions: `uv`, or the prefix's own `pip`.
        allow_link_scripts: Whether scripts in conda packages are run when these are linked and unlinked.
        gpu_check: Whether a lockfile for CUDA asks for an NVIDIA driver.
    """

    prefix: Path
    cache: Path
    environment: Mapping[str, str]
    allow_drift: bool = False
    exact: bool = False
    index_url: str | None = None
    offline: bool = False
    bundle: Path | None = None
    installer: Installer = "uv"
    allow_link_scripts: bool = False
    gpu_check: bool = True


Kind: TypeAlias = Literal["progress", "milestone", "output", "file", "command", "note"]
"""`progress` is of interest until the next event comes, a `milestone` for longer; `output` is a line of a program's,
`file` the progress of one download, whose name it is, `command` what is run, a `note` of interest at the end."""


@dataclass(frozen=True, slots=True)
class ReplayEvent:
    """Progress, for people.

    Attributes:
        step: What is going on: `check`, `fetch`, `script`, `conda`, `core`, `pip`, `verify`; `run` for a command.
        fact: What goes on, or one line that a program or a command is.
        done: How much of it is done, or None.
        total: How much there is to do, in the unit of `done` (bytes for `fetch`, else packages), or None.
        kind: What it tells of.
    """

    step: str
    fact: Fact | str
    done: int | None = None
    total: int | None = None
    kind: Kind = "progress"


OnEvent: TypeAlias = Callable[[ReplayEvent], None]
