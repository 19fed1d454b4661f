"""Extras of what the image has that are asked for, and of which nobody knows what they ask for.

A predictor file leaves out what extras ask for that are not installed. The index has the metadata of the same version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement

from cortexlock.errors import NetworkError
from cortexlock.formats.requirement import parsed
from cortexlock.model.predictor import Distribution
from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.resolution.values import ImpossibleError, Resolved

if TYPE_CHECKING:
    from cortexlock.pip.internals.resolver import PipResolver

Resolve = Callable[[tuple[Distribution, ...]], tuple[Resolved, ...]]


def resolve(
    on_top_of: Resolve, resolver: PipResolver, installed: Sequence[Distribution]
) -> tuple[tuple[Resolved, ...], tuple[Distribution, ...]]:
    """Resolve on top of what is installed, and again where that lets an extra ask for more.

    Args:
        on_top_of: Resolves what is asked for.
        resolver: Knows the index.
        installed: What the image has.

    Returns:
        What is chosen, and what the image has, with what the extras that are asked for ask for.

    Raises:
        CortexlockError: As the resolutions do.
    """
    known = {one.name: one for one in installed}
    tried: set[str] = set()
    while True:
        chosen = on_top_of(tuple(known.values()))
        lacking = [each for each in chosen if each.installed and each.unknown_extras and each.name not in tried]
        if not lacking:
            return chosen, tuple(known.values())
        for each in lacking:
            tried.add(each.name)
            known[each.name] = _with_extras(each, known, resolver)


def _with_extras(found: Resolved, known: dict[str, Distribution], resolver: PipResolver) -> Distribution:
    """Return a distribution of the image with all that its version asks for, if the index has it."""
    one = known[found.name]
    if not one.on_index:
        return one
    asked = pip_requirements.from_texts([f"{one.name}=={one.version}"])
    others = [each for each in known.values() if each.name != one.name]
    try:
        chosen = resolver.resolve(asked, installed=others)
    except (ImpossibleError, NetworkError):  # the extra is as unknown as it was
        return one
    same = next(each for each in chosen if each.name == one.name)
    return replace(one, requires=same.requires, extras=(*one.extras, *_extras_in(same.requires, found.unknown_extras)))


def _extras_in(texts: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return those of the extras that requirements belong to."""
    return [extra for extra in asked if any(_is_of(text, extra) for text in texts)]


def _is_of(text: str, extra: str) -> bool:
    try:
        marker = parsed(text).marker
    except InvalidRequirement:
        return False
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})
