"""What a script did to the packages of a prefix: no lock knows that before it has run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.replay_facts import Altered
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.prefix.state import State

Summary = Mapping[str, Mapping[str, str]]
"""Versions by name, of `conda` and of `pip`; see `State.summary`."""


def alterations(before: Summary, after: Summary, *, file: str) -> Iterator[Altered]:
    """Yield what a script has added, removed and changed to another version, sorted."""
    for manager in sorted({*before, *after}):
        old, new = before.get(manager, {}), after.get(manager, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield Altered(file, manager, name, old.get(name, ""), new.get(name, ""))


def check_kept(lockfile: Lockfile, state: State, *, before: Summary, file: str) -> None:
    """Refuse a script's work that took away what later steps keep of the image.

    Args:
        lockfile: What was locked.
        state: The prefix after the script.
        before: What was there before it; what was amiss then already is none of the script's doing.
        file: The script's name.

    Raises:
        DifferenceError: The message lists the packages.
    """
    now = state.summary()
    lines = []
    for each in lockfile.kept():
        had, has = before.get(each.manager, {}).get(each.name), now.get(each.manager, {}).get(each.name)
        if had is None or not same_version(had, each.version):
            continue
        if has is None or not same_version(has, each.version):
            lines.append(f"  {each.manager} {each.name} {each.version}: {has or 'not there any more'}")
    if lines:
        raise DifferenceError(
            "the script took away what the lockfile keeps of the image:",
            details=lines,
            where=file,
            hint="let the script leave it alone, ask for another version in the dependency files, or --allow-drift",
        )
