"""What builds and readings of source trees have told, kept: an sdist and a commit never change.

An answer serves where the same wheels would be installed to build it again, for the same target; so a new version of a
build requirement is a new build. A file of the cache is checked as it is read: what does not fit is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any

from cortexlock import __version__
from cortexlock.model.target import Target
from cortexlock.storage.json_cache import JsonCache
from cortexlock.storage.turns import Turns

_MOST = 8
"""Answers that are kept for one tree and target: one for each set of build requirements."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a source tree.

    Attributes:
        metadata: Its METADATA for the target.
        build_requirements: All that a build of it needs, dynamic requirements included.
        asked: The requirements that build environments were made of, one after the other; none: nothing was built.
        wheels: The sha256 of the wheels in each of them.
        installed: Versions of the image's distributions that had a say, by normalized name; empty: it has none.
    """

    metadata: str
    build_requirements: tuple[str, ...]
    asked: tuple[tuple[str, ...], ...] = ()
    wheels: tuple[tuple[str, ...], ...] = ()
    installed: Mapping[str, str] = field(default_factory=dict)


class KeptMetadata:
    """A directory of answers for one target."""

    def __init__(self, directory: Path, target: Target, *, since: float = inf) -> None:
        """Keep answers in a directory, which need not be there yet; the command began at `since`, as `Turns` has it."""
        # Who reads differently has other answers.
        facts = [__version__, target.python_minor, target.abi, *target.wheel_platforms]
        self._scope = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]
        self._cache = JsonCache(directory, self._scope)
        self._turns = Turns(directory, since)

    def turn(self, source: str) -> AbstractContextManager[None]:
        """Wait until no other process of the command looks into a source ahead: there is an answer then, or none."""
        return self._turns.turn(f"{self._scope}\0{source}")

    def find(self, source: str) -> tuple[Answer, ...]:
        """Return the answers for a source, the latest first.

        Args:
            source: What never changes: the sha256 of an archive, or a commit and a place in it.
        """
        return tuple(self._read(source))

    def keep(self, source: str, answer: Answer) -> None:
        """Keep an answer. Where the cache cannot be written, it is not kept."""
        known = [answer, *(each for each in self._read(source) if each != answer)]
        self._cache.keep(source, [asdict(each) for each in known[:_MOST]])

    def _read(self, source: str) -> Iterator[Answer]:
        values = self._cache.find(source)
        for value in values if isinstance(values, list) else ():
            answer = _answer(value)
            if answer is not None:
                yield answer


def _answer(value: object) -> Answer | None:
    """Return the answer that a file of the cache has, None if it is none."""
    names = {each.name for each in fields(Answer)}
    if not isinstance(value, dict) or set(value) != names:
        return None
    installed, metadata = value["installed"], value["metadata"]
    nested = [*_lists(value["asked"]), *_lists(value["wheels"])]
    if not all(map(_are_texts, (*nested, value["build_requirements"]))) or not isinstance(metadata, str):
        return None
    if not isinstance(installed, dict) or not _are_texts([*installed, *installed.values()]):
        return None
    return Answer(
        metadata,
        tuple(value["build_requirements"]),
        tuple(map(tuple, value["asked"])),
        tuple(map(tuple, value["wheels"])),
        installed,
    )


def _lists(value: Any) -> Sequence[object]:  # noqa: ANN401 - whatever a file has
    return value if isinstance(value, list) else [None]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
