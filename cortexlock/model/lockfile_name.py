"""How a project's lockfiles are told apart: by the name of an image among its `images`, or else by the platform.

Such a name stands in file names (`cortexlock.NAME.yaml`, `pylock.NAME.toml`, where it must have no dot) and after
`--platform`. It is of small letters, as some file systems have no others.
"""

from __future__ import annotations

from collections.abc import Iterable

from cortexlock.model.predictor import PLATFORMS
from cortexlock.patterns import pattern

_NAME = pattern(r"[a-z0-9][a-z0-9_-]{0,63}")
_FILE = pattern(rf"cortexlock\.({_NAME.pattern})\.yaml")


def is_image_name(text: str) -> bool:
    """Whether a text can be the name of an image in a project: `gpu`, `py311_cpu`."""
    return _NAME.fullmatch(text) is not None


def lockfile_name(label: str) -> str:
    """Return the file name of a lockfile by the name of its image, or by its platform."""
    return f"cortexlock.{label}.yaml"


def label_of(file_name: str) -> str | None:
    """Return what `lockfile_name` was given, or None for what is not the name of a lockfile."""
    found = _FILE.fullmatch(file_name)
    return None if found is None else found[1]


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return platforms in their usual order, then other names, sorted; each once."""
    there = set(labels)
    return (*(each for each in PLATFORMS if each in there), *sorted(there.difference(PLATFORMS)))
