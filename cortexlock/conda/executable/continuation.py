"""A solve that goes on from a previous lock: what was locked is installed, what it was asked for is history.

conda then changes what it is asked for and what that forces, and nothing else. Only lines that are new, or that what
was locked does not satisfy, are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cortexlock.conda.executable.classic_solver import ClassicSolver
from cortexlock.conda.executable.environment import CondaEnvironment, by_name


@dataclass(frozen=True, slots=True)
class Start:
    """Where a solve starts from.

    Attributes:
        environment: What conda finds.
        specs: What is asked for on top of it.
        positions: Where the records of the environment that are none of the image's come from, by name: positions
            among the records of the channels.
    """

    environment: CondaEnvironment
    specs: tuple[str, ...]
    positions: Mapping[str, int]


def go_on(
    solver: ClassicSolver,
    image: CondaEnvironment,
    specs: Sequence[str],
    entries: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Any],
) -> Start:
    """Return where a solve starts from that goes on from a previous lock.

    Args:
        solver: Knows MatchSpecs.
        image: What the image has.
        specs: What the list asks for, a MatchSpec for each name.
        entries: The records of the channels.
        previous: As `image_document` has it.
    """
    names = {name: spec for spec in specs for name in solver.names([spec])}
    there = {(entry["subdir"], entry["fn"]): position for position, entry in reversed(list(enumerate(entries)))}
    files = [(package["subdir"], package["fn"]) for package in previous["packages"]]
    positions = {entries[there[file]]["name"]: there[file] for file in files if file in there}
    locked = {name: entries[position] for name, position in positions.items()}
    gone = set(previous["asked"]) - names.keys()
    unneeded = _needed(gone, locked, solver) - _needed(names.keys(), locked, solver)
    positions = {name: position for name, position in positions.items() if name not in unneeded}
    installed = {**by_name(image.records), **{name: entries[position] for name, position in positions.items()}}
    held = {
        name: spec
        for name, spec in names.items()
        if name in previous["asked"]
        and name not in previous["upgraded"]
        and name in installed
        and solver.matches(spec, installed[name])
    }
    upgraded = [name for name in previous["upgraded"] if name not in names and name in _known(entries, installed)]
    environment = replace(
        image, records=tuple(installed.values()), history=(*image.history, *(held[name] for name in sorted(held)))
    )
    return Start(environment, (*(spec for name, spec in names.items() if name not in held), *upgraded), positions)


def _needed(start: Collection[str], locked: Mapping[str, Mapping[str, Any]], solver: ClassicSolver) -> set[str]:
    """Return what of the locked packages some names need, themselves included."""
    reached: set[str] = set()
    waiting = [name for name in start if name in locked]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [each for each in solver.names(locked[name].get("depends") or ()) if each in locked]
    return reached


def _known(entries: Sequence[Mapping[str, Any]], installed: Mapping[str, Any]) -> set[str]:
    return {*installed, *(entry["name"] for entry in entries)}
