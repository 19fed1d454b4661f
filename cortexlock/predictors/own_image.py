"""What is so in each image that is not one of Cortex's, and what its packages tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cortexlock.errors import UsageError
from cortexlock.model.predictor import (
    MACHINES,
    CondaRecord,
    DependencyFiles,
    PlatformName,
    Predictor,
    SubdirName,
)

_DEFAULTS = frozenset({"pkgs/main", "pkgs/r", "pkgs/msys2", "pkgs/free"})  # together they are the channel `defaults`


def only_channel(records: Iterable[CondaRecord]) -> tuple[str, ...]:
    """Return the channel that all conda packages are from; nothing, that is conda's defaults, where they disagree."""
    known = {one.channel for one in records if one.channel}
    return tuple(known) if len(known) == 1 and not known & _DEFAULTS else ()


def of_nobody(
    found: Mapping[str, Any], *, platform: PlatformName | None, image: str | None, cuda: str | None
) -> Predictor:
    """Return what is so in each image that is not Cortex's: the steps, and the names of the dependency files."""
    conda = ("conda",) if found["has-conda"] else ()
    return Predictor(
        type="",
        cortex_version="",
        platform=platform or ("cuda" if cuda or found["cuda"] else "cpu"),
        image=image or "image",
        slim=False,
        released="",
        python=found["python"],
        glibc=found["glibc"],
        cuda=None,
        has_conda=found["has-conda"],
        channels=(),
        order=("script", *conda, "pip"),
        files=DependencyFiles(("script.sh",), "conda-packages.txt" if conda else None, "requirements.txt"),
    )


def subdir_of(machine: str, where: str) -> SubdirName:
    """Return the conda subdir of a machine; snapshots of before it was asked for are of the first one."""
    for subdir, known in MACHINES.items():
        if machine in {known, ""}:
            return subdir
    what = f"it is for the machine {machine}"
    raise UsageError(what, where=where, hint=f"images for {' and '.join(MACHINES.values())} can be described")
