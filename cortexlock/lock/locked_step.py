"""What a step of a lock finds, and what comes of it: each step is locked on top of the one before."""

from __future__ import annotations

from dataclasses import dataclass

from cortexlock.model.lock_facts import Note
from cortexlock.model.lockfile import ResolverVersion, Step
from cortexlock.model.predictor import Distribution
from cortexlock.model.resolution_facts import Ambiguous
from cortexlock.model.target import Target


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step finds: the interpreter with its tags and markers, and what is installed for it."""

    target: Target
    installed: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedStep:
    """A locked step.

    Attributes:
        step: As the lockfile has it.
        after: What the next step finds.
        resolvers: Who resolved it.
        indexes: The aliases of the indexes in force.
        notes: What the user should know of it.
        ambiguous: What the user should know of packages that more than one index offers.
    """

    step: Step
    after: StepContext
    resolvers: tuple[ResolverVersion, ...] = ()
    indexes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
