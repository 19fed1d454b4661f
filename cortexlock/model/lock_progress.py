"""What goes on while a platform is locked, as values: `cli/progress_words.py` has the words."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TypeAlias

from cortexlock.quick_dataclass import dataclass


class Activity(Enum):
    """What is done; beside each is what `LockProgress.subject` names, and what `detail` does."""

    READS_CHANNELS = auto()  # an explicit list
    SOLVES = auto()  # a list
    READS_SOLUTION = auto()  # the channels' records of what the solver chose
    LOCKS_PACKAGE = auto()  # a conda package
    MAKES_INTERPRETER = auto()  # Python's minor version; its channels, as they are written
    RESOLVES = auto()  # a file of requirements
    RESOLVES_BUILDS = auto()
    CHECKS_OUT = auto()  # a repository's URL
    MISSES_COMMIT = auto()  # a repository's URL; the locked commit
    BUILDS_METADATA = auto()  # a distribution
    BUILDS_METADATA_WITH = auto()  # a distribution; an interpreter
    BUILDS_REQUIREMENT = auto()  # a distribution
    ADDS_REQUIREMENT = auto()  # a distribution; a requirement that its build does not declare
    LOOKS_FOR_NEWER = auto()  # all that a lockfile has


@dataclass(frozen=True, slots=True)
class LockProgress:
    """Something that begins, or has turned out; which texts belong to it, `Activity` says."""

    activity: Activity
    subject: str = ""
    detail: str = ""


OnProgress: TypeAlias = Callable[[LockProgress], None]
"""Told what is being done, in the process that does it, from any of its threads."""
