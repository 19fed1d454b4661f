"""Which conda packages of an environment depend on others, as their records say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cortexlock.conda import prefix_records
from cortexlock.conda.match_specs import name_of


def unneeded(prefix: Path, names: Collection[str]) -> set[str]:
    """Return those of some packages that none of the other packages of an environment depends on.

    Args:
        prefix: The environment.
        names: The packages.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
        IntegrityError: A record names a path outside the environment.
    """
    found = set(names)
    depends = {record["name"]: _dependencies(record) for record in prefix_records.read(prefix).values()}
    waiting = [name for name in depends if name not in found]
    while waiting:
        needed = depends[waiting.pop()] & found
        found -= needed
        waiting += needed & depends.keys()
    return found


def _dependencies(record: Mapping[str, Any]) -> set[str]:
    said = record.get("depends")
    texts = [each for each in said if isinstance(each, str)] if isinstance(said, list) else []
    return {name_of(each) for each in texts} - {""}
