"""What the version of an image's own conda decides.

From conda's list of changes: virtual packages with two underscores came with 4.7.1, `__glibc` with 4.8.0,
`__archspec` and `__unix` with 4.9.0, `__linux` with 4.10.0, `__conda` with 23.11.0. Aggressive updates are the same
since 4.4, flexible channel priority is the default since 4.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cortexlock.model.target import VirtualPackage

AGGRESSIVE_UPDATES = ("ca-certificates", "certifi", "openssl")
"""What conda updates whatever is asked for, where it is installed."""

_SINCE: Mapping[str, tuple[int, ...]] = {
    "__cuda": (4, 7, 1),
    "__glibc": (4, 8, 0),
    "__archspec": (4, 9, 0),
    "__unix": (4, 9, 0),
    "__linux": (4, 10, 0),
}
_CONDA_SINCE = (23, 11, 0)


def virtual_packages(version: str, machine: Sequence[VirtualPackage]) -> tuple[VirtualPackage, ...]:
    """Return which of a machine's virtual packages a conda knows, sorted by name.

    Args:
        version: conda's version; empty where nobody knows: a new one is assumed.
        machine: What the machine has.
    """
    if not version:
        return tuple(machine)
    found = _release(version)
    known = [package for package in machine if _SINCE.get(package.name, ()) <= found]
    if found >= _CONDA_SINCE:
        known.append(VirtualPackage("__conda", version))
    return tuple(sorted(known, key=lambda package: package.name))


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
