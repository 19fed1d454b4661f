"""What a lock has to tell where nothing need be solved: surprises that nobody should find out about in production.

What a solve finds out is in `resolution_notes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, Step
from cortexlock.model.package import FromGit, PackageKey
from cortexlock.model.predictor import Predictor
from cortexlock.put_off import when_used

if TYPE_CHECKING:
    from cortexlock.inputs.look_alikes import LookAlikes
    from cortexlock.model import lock_facts as facts
    from cortexlock.model.lock_facts import LockFact, Note
else:  # most lockfiles have nothing to tell
    facts = when_used("cortexlock.model.lock_facts")


def of_lockfile(lockfile: Lockfile) -> tuple[LockFact, ...]:
    """Return what a lockfile itself tells, where nothing is solved."""
    return (
        *of_channels(lockfile.channels),
        *of_pip_config(lockfile.pip_config),
        *of_overlaps(lockfile.steps),
        *of_local_repositories(lockfile.steps),
        *of_yanked(lockfile.steps),
        *of_prefix_builds(lockfile.steps),
    )


def of_files(unread: LookAlikes, described: str) -> tuple[LockFact, ...]:
    """Return what was looked for in vain, and what looks like it.

    Args:
        unread: What there is.
        described: The file that describes the image, which says the names; empty for an image of the catalog.
    """
    return (
        *(() if unread.found else (facts.NothingLocked(unread.looked_for, described),)),
        *(facts.Misspelt(file, name) for file, name in unread.alike),
        *(facts.UnreadFile(file, name) for file, name in unread.others),
    )


def of_image(previous: Lockfile, predictor: Predictor) -> tuple[Note, ...]:
    """Return how the image differs from the one that the lockfile was made for: rebuilt, or another is asked for."""
    then = {each.key: each.version for each in previous.pre_installed}
    now = {PackageKey.of("conda", each.name): each.version for each in predictor.conda_records}
    now |= {PackageKey.of("pip", each.name): each.version for each in predictor.distributions}
    changes = [("Python", previous.assumed_python, predictor.python)]
    changes = [] if previous.assumed_python == predictor.python else changes
    changes += [
        (key.name, then.get(key, ""), now.get(key, ""))
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key) and key != ("conda", "python")
    ]
    if not changes:
        return ()
    from cortexlock.model.resolution_facts import OtherImage  # noqa: PLC0415 - a lock that solves nothing has none

    return (OtherImage(tuple(changes)),)


def of_overlaps(steps: Sequence[Step]) -> tuple[LockFact, ...]:
    """Return which distributions of conda's a step of pip's changes."""
    brought: dict[str, str] = {}
    found: list[LockFact] = []
    for step in steps:
        if isinstance(step, CondaStep):
            brought |= dict(pin for package in step.packages for pin in package.distributions)
        elif isinstance(step, PipStep):
            found += [
                facts.ChangedByPip(package.name, before.version, package.version)
                for package in step.packages
                for before in package.replaces
                if package.action == "change" and brought.get(package.name) == before.version
            ]
    return tuple(found)


def of_local_repositories(steps: Sequence[Step]) -> tuple[LockFact, ...]:
    """Return which repositories are named by a path of this machine: a replay elsewhere does not have them."""
    return tuple(
        facts.LocalRepository(package.name, package.source.url)
        for step in steps
        if isinstance(step, PipStep)
        for package in step.packages
        if isinstance(package.source, FromGit) and package.source.url.startswith("file:")
    )


def of_yanked(steps: Sequence[Step]) -> tuple[LockFact, ...]:
    """Return which files their makers have withdrawn (PEP 592)."""
    return tuple(
        facts.Yanked(package.name, package.version)
        for step in steps
        if isinstance(step, PipStep)
        for package in (*step.packages, *(build.package for build in step.build_requirements))
        if package.yanked
    )


def of_prefix_builds(steps: Sequence[Step]) -> tuple[LockFact, ...]:
    """Return of what metadata were taken from an sdist: what `install` builds of it may say something else."""
    return tuple(
        facts.TakenMetadata(package.name, package.version)
        for step in steps
        for package in (step.packages if isinstance(step, PipStep) else ())
        if package.metadata
    )


def of_channels(channels: Sequence[str]) -> tuple[LockFact, ...]:
    """Return which channels are directories of one machine: the lockfile has their paths."""
    return tuple(facts.LocalChannel(channel) for channel in channels if channel.startswith(("file://", "/")))


def of_pip_config(settings: Sequence[str]) -> tuple[LockFact, ...]:
    """Return that the configuration of one machine counted."""
    return (facts.OwnPipConfiguration(tuple(settings)),) if settings else ()
