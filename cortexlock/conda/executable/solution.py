"""What conda decides on top of an image: records are fetched and solved, anew where a previous lock forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.conda.channels import public
from cortexlock.conda.executable import channel_records, environment
from cortexlock.conda.executable.called_channels import VirtualPackage
from cortexlock.conda.executable.channel_records import Entry, Places
from cortexlock.conda.executable.classic_solver import ClassicSolver, Settings
from cortexlock.conda.executable.conflicts import RefusedRequestError
from cortexlock.conda.executable.continuation import Start, go_on
from cortexlock.conda.executable.environment import CondaEnvironment


@dataclass(frozen=True, slots=True)
class Question:
    """What to solve.

    Attributes:
        specs: MatchSpecs, each name once.
        places: The channels.
        virtual_packages: What the machine has.
        priority: Of channels: `flexible`, `strict` or `disabled`.
        image: What is installed, and what was locked before, as `image_document` has it; empty: nothing is.
    """

    specs: tuple[str, ...]
    places: Places
    virtual_packages: tuple[VirtualPackage, ...]
    priority: str
    image: Mapping[str, Any]


def solve(question: Question, workspace: Path) -> Sequence[Entry]:
    """Return what is installed afterwards, sorted by name; what is kept of the image as the image has it.

    Args:
        question: What to solve.
        workspace: An empty directory.

    Raises:
        RefusedRequestError: There is no solution.
        MissingSolverError: There is no solver.
        GatewayError: A channel cannot be read.
    """
    image = CondaEnvironment(
        records=tuple(question.image.get("records") or ()),
        history=tuple(question.image.get("history") or ()),
        pinned=tuple(question.image.get("pinned") or ()),
    )
    previous = question.image.get("previous")
    aggressive = tuple(question.image.get("aggressive-updates") or ())
    solver = _solver(question, aggressive)
    names = solver.names((*question.specs, *image.reached()))
    if previous:
        names |= {*previous["asked"], *previous["upgraded"], *(package["name"] for package in previous["packages"])}
    fetched = channel_records.fetch(names, question.places, recursive=True)
    records, readable = solver.parsed(fetched)
    entries = [fetched[position] for position in readable]
    channels = [public(channel.argument) for channel in question.places.channels]
    if previous:
        calm = _solver(question, [name for name in aggressive if name in previous["upgraded"]])
        start = go_on(calm, image, question.specs, entries, previous)
        try:
            return _from(
                start, calm.solve(_written(start, workspace / "previous"), channels, start.specs, records), entries
            )
        except RefusedRequestError:
            pass  # what was locked stands in the way
    start = Start(image, question.specs, {})
    positions = _solver(question, aggressive).solve(
        _written(start, workspace / "image"), channels, start.specs, records
    )
    return _from(start, positions, entries)


def _solver(question: Question, aggressive_updates: Sequence[str]) -> ClassicSolver:
    return ClassicSolver(
        Settings(question.places.subdir, question.priority, tuple(aggressive_updates), question.virtual_packages)
    )


def _written(start: Start, directory: Path) -> Path:
    return environment.write(directory, start.environment)


def _from(start: Start, positions: Mapping[str, int | None], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the records of a solution."""
    installed = environment.by_name(start.environment.records)
    found = []
    for name, position in positions.items():
        chosen = start.positions.get(name) if position is None else position
        found.append(dict(installed[name]) if chosen is None else entries[chosen])
    return found
