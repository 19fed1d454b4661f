"""Virtual packages in a list (`__glibc>=2.17`): what the image must have, not what is to be installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from cortexlock.errors import FileLine, NoSolutionError
from cortexlock.inputs.conda_spec import matchspec
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.target import VirtualPackage
from cortexlock.patterns import pattern

_ATOM = pattern(r"(?P<operator>==|!=|<=|>=|~=|=|<|>)?(?P<version>.+)")


def without(specs: Sequence[CondaSpec], has: Sequence[VirtualPackage], *, file: str) -> tuple[CondaSpec, ...]:
    """Return a list without its virtual packages, each of which the image has as it is asked for.

    Args:
        specs: The list.
        has: The image's virtual packages.
        file: The list's name.

    Raises:
        NoSolutionError: The image does not have one, or has another version of it.
    """
    by_name = {package.name: package for package in has}
    for spec in specs:
        if not spec.name.startswith("__"):
            continue
        found = by_name.get(spec.name)
        if found and _allows(spec.version, found.version) and fnmatchcase(found.build, spec.build or "*"):
            continue
        is_so = (
            f"the image has {found.name} {found.version} {found.build}" if found else f"the image has no {spec.name}"
        )
        raise NoSolutionError(
            f"`{matchspec(spec)}` is asked of the image, and {is_so}",
            where=FileLine(file, spec.line),
            hint="remove the line, or lock for another platform or release: packages say themselves what they need",
        )
    return tuple(spec for spec in specs if not spec.name.startswith("__"))


def _allows(constraint: str, version: str) -> bool:
    """Whether a constraint of a list allows a version of numbers and dots."""
    if not constraint:
        return True
    return any(all(_atom(atom, version) for atom in each.split(",")) for each in constraint.split("|"))


def _atom(atom: str, version: str) -> bool:
    match = _ATOM.fullmatch(atom)
    if match is None:
        return False
    operator, wanted = match["operator"] or "", match["version"]
    if wanted.endswith("*") or operator in {"", "="}:
        start = _numbers(wanted.rstrip("*").rstrip("."))
        begins = _numbers(version)[: len(start)] == start
        return begins != (operator == "!=") if operator in {"", "=", "==", "!="} else _compare(operator, version, start)
    if operator == "~=":
        start = _numbers(wanted)
        return _numbers(version)[: len(start) - 1] == start[:-1] and _compare(">=", version, start)
    return _compare(operator, version, _numbers(wanted))


def _compare(operator: str, version: str, wanted: tuple[int, ...]) -> bool:
    length = max(len(wanted), version.count(".") + 1)
    found = (*_numbers(version), *(0,) * length)[:length]
    other = (*wanted, *(0,) * length)[:length]
    return {
        "==": found == other,
        "!=": found != other,
        "<=": found <= other,
        ">=": found >= other,
        "<": found < other,
        ">": found > other,
    }[operator]


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; virtual packages have no others."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
