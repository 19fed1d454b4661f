"""Which Python distributions a conda package brings: from a mapping of names, not from the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from cortexlock.conda.match_specs import name_of
from cortexlock.model.package import Pin, normalized


def brought(name: str, version: str, *, depends: Sequence[str], noarch: str) -> tuple[Pin, ...]:
    """Return the distributions that a package brings.

    Args:
        name: The conda package's name.
        version: Its version, which its distributions are taken to have.
        depends: What its record depends on, as MatchSpecs.
        noarch: `python` for a package of pure Python, else anything.

    Returns:
        Names and versions, sorted; empty for a package that has nothing to do with Python. A package that the mapping
        does not know counts as a distribution of its own name.
    """
    if noarch != "python" and "python" not in map(name_of, depends):
        return ()
    own = normalized(name)
    return tuple(Pin(distribution, version) for distribution in _mapping().get(name, (own,)))


@cache
def _mapping() -> Mapping[str, tuple[str, ...]]:
    """Return the distributions of the packages that are not just one of their own name."""
    text = (files("cortexlock.conda") / "data" / "distributions.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {name: tuple(distributions) for name, *distributions in rows}
