"""What is removed: what an earlier lockfile brought and nobody asks for any more, and what was never asked for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from cortexlock.model import replay_facts as facts
from cortexlock.model.package import PackageKey, normalized
from cortexlock.model.replay import ReplayEvent
from cortexlock.model.replay_facts import Why
from cortexlock.pip.prefix.recorded_files import discard, recorded, remove
from cortexlock.replay.checks.replaceable import is_remains
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.conda import unlink_conda
from cortexlock.replay.steps.site import ReplayContext, ReplaySite


def strangers(planned: Plan, *, exact: bool) -> tuple[Problem, ...]:
    """Return what is to be removed because it is in neither image nor lockfile, what was allowed before included."""
    if not exact:
        return ()
    found = (*planned.comparison.of("extra"), *(each for each in planned.comparison.allowed if each.part == "extra"))
    stale = {PackageKey.of("pip", name) for name in planned.stale}
    stale |= {PackageKey.of("conda", name) for name in planned.stale_conda}
    return tuple(each for each in found if not each.package or each.key not in stale)


def remove_distributions(names: Collection[str], site: ReplaySite, state: State, *, why: Why) -> None:
    """Remove distributions; files that others list, too, stay.

    Args:
        names: Normalized names.
        site: Where.
        state: The prefix as it is.
        why: For what reason.

    Raises:
        DifferenceError: One has no list of its files.
        IntegrityError: Such a list names files outside the prefix.
    """
    others = {
        Path(os.path.normpath(file.path))
        for name, found in state.distributions.items()
        if name not in names
        for each in found
        for file in recorded(each) or ()
    } | {state.prefix.root / path for path in state.conda_files}
    for name in names:
        for distribution in state.of_pip(name):
            removal = facts.Removal(name, distribution.version, why)
            site.on_event(ReplayEvent("pip", removal, kind="milestone"))
            if is_remains(distribution):
                discard(distribution.metadata)
            else:
                remove(distribution, state.prefix, keep=others)


def remove_strangers(found: Iterable[Problem], context: ReplayContext) -> None:
    """Remove what is in neither image nor lockfile: distributions, conda packages, files of no package.

    Raises:
        DifferenceError: A distribution has no list of its files.
        IntegrityError: Such a list names files outside the prefix.
        StepError: A conda package cannot be unlinked, or a file cannot be removed.
    """
    site, state = context.site, context.state
    strange = list(found)
    names = [each.package for each in strange if each.kind == "package" and each.manager == "pip"]
    if names:
        remove_distributions(names, site, state, why=Why.STRANGE)
    linked = sorted({each.package for each in strange if each.kind == "package" and each.manager == "conda"})
    unlink_conda([name for name in state.conda if normalized(name) in linked], context, why=Why.STRANGE)
    for each in strange:
        if each.kind == "unlisted-file":
            site.on_event(ReplayEvent("pip", facts.FileRemoval(each.path), kind="milestone"))
            _remove_file(site.prefix / each.path, state.prefix.site)


def _remove_file(path: Path, site: Path) -> None:
    """Remove a file, its byte code, and directories that become empty."""
    with suppress(FileNotFoundError):
        path.unlink()
    if path.suffix == ".py":
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink(missing_ok=True)
    for directory in (path.parent / "__pycache__", *path.parents):
        if not directory.is_relative_to(site) or directory == site:
            continue
        with suppress(OSError):  # not empty, or gone
            directory.rmdir()
