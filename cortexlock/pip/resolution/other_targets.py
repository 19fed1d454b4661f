"""Files of a version that are for other Pythons or platforms than the target: which they are for, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

if TYPE_CHECKING:
    from packaging.version import Version

_SYSTEMS = (
    ("linux", "Linux"),
    ("manylinux", "Linux"),
    ("musllinux", "Linux (musl)"),
    ("macosx", "macOS"),
    ("win", "Windows"),
)


def described(requirement: str, files: Sequence[str]) -> tuple[str, ...]:
    """Say, for the newest versions that satisfy a requirement, which Pythons and systems they have wheels for.

    Args:
        requirement: What is asked for, `tensorflow==1.15`.
        files: Names of all files of the project.

    Returns:
        Sentences such as `tensorflow 1.15.5 has files for other Pythons: 3.5 to 3.7 (Linux, macOS)`, one for each
        version, the newest last; two at most.
    """
    try:
        asked = Requirement(requirement)
    except InvalidRequirement:
        return ()
    found: dict[Version, tuple[set[tuple[int, int]], set[str]]] = {}
    for name in files:
        try:
            _, version, _, tags = parse_wheel_filename(name)
        except InvalidWheelFilename:
            continue
        if not asked.specifier.contains(version, prereleases=True):
            continue
        pythons, systems = found.setdefault(version, (set(), set()))
        for tag in tags:
            pythons |= set(_minors(tag.interpreter))
            systems |= set(_systems(tag.platform))
    return tuple(
        f"{asked.name} {version} has files for other Pythons: {_ranges(pythons)}"
        + (f" ({', '.join(sorted(systems))})" if systems else "")
        for version, (pythons, systems) in sorted(found.items())[-2:]
        if pythons
    )


def _minors(interpreter: str) -> Iterator[tuple[int, int]]:
    digits = interpreter.removeprefix("cp")
    if digits != interpreter and digits.isdecimal() and len(digits) > 1:
        yield int(digits[0]), int(digits[1:])


def _systems(platform: str) -> Iterator[str]:
    return (system for prefix, system in _SYSTEMS if platform.startswith(prefix))


def _ranges(pythons: Iterable[tuple[int, int]]) -> str:
    """Return minor versions with what follows each other as a range: `2.7, 3.5 to 3.7`."""
    parts = []
    for _, run in groupby(enumerate(sorted(pythons)), key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        minors = [minor for _, minor in run]
        first, last = (f"{minor[0]}.{minor[1]}" for minor in (minors[0], minors[-1]))
        parts.append(first if first == last else f"{first} to {last}")
    return ", ".join(parts)
