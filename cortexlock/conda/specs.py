"""What the solver is asked for: the list's lines, package by package, and the image that they come on top of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cortexlock.errors import FileLine, InputError, NoSolutionError
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.predictor import Predictor
from cortexlock.model.target import minor_of
from cortexlock.patterns import pattern

_EXACTLY = pattern(r"==[^,|*]+")
_TRAILING = pattern(r"(?:\.0)+$")


def merged(specs: Sequence[CondaSpec], file: str) -> tuple[CondaSpec, ...]:
    """Return one specification per package: what is asked for twice must hold together.

    Args:
        specs: A list as read.
        file: Its name.

    Raises:
        InputError: Two lines name different channels or builds.
        NoSolutionError: Two lines ask for different versions, each for that one only.
    """
    found: dict[str, CondaSpec] = {}
    for spec in specs:
        before = found.get(spec.name)
        if before is None:
            found[spec.name] = spec
            continue
        for what, first, second in (("channels", before.channel, spec.channel), ("builds", before.build, spec.build)):
            if first and second and first != second:
                raise InputError.at(
                    file,
                    spec.line,
                    f"`{spec.text}` and `{before.text}` in line {before.line} name different {what}",
                    hint="keep one of the two lines",
                )
        if _exclude_each_other(before.version, spec.version):
            raise NoSolutionError(
                f"`{spec.text}` and `{before.text}` in line {before.line} exclude each other",
                where=FileLine(file, spec.line),
                hint="keep one of the two lines",
            )
        versions = ",".join(dict.fromkeys(version for version in (before.version, spec.version) if version))
        found[spec.name] = replace(
            before, version=versions, channel=before.channel or spec.channel, build=before.build or spec.build
        )
    return tuple(found.values())


def _exclude_each_other(first: str, second: str) -> bool:
    """Whether two constraints are each for one version, and not for the same: `1.0` and `1.0.0` are one."""
    exact = [_TRAILING.sub("", each) for each in (first, second) if _EXACTLY.fullmatch(each)]
    return len(exact) == 2 and exact[0] != exact[1]  # noqa: PLR2004 - both


def on_image(specs: Sequence[CondaSpec], image: Predictor) -> tuple[CondaSpec, ...]:
    """Return what conda asks for besides, when it installs a list into an image's environment.

    It keeps what is installed consistent, and Python's minor version unless the list names Python.

    Args:
        specs: The list.
        image: The image.
    """
    listed = {spec.name for spec in specs}
    python = f"{minor_of(image.python)}.*"
    return tuple(
        CondaSpec(0, record.name, "", record.name, python if record.name == "python" else "", "")
        for record in image.conda_records
        if record.name not in listed
    )
