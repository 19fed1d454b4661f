"""The names of packages whose locked versions are not to be kept: each must be one that a lockfile has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.errors import CortexlockError, UsageError
from cortexlock.lockfile import files
from cortexlock.model.lockfile import PipStep
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.patterns import pattern

_NAME = pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]*")  # of conda packages as well, which can start with `_`


def refuse_unknown(directory: Path, names: Sequence[str]) -> None:
    """Check names of packages against the lockfiles of a project; without a readable lockfile any name will do.

    Raises:
        UsageError: One is no name, or none of the lockfiles has it.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"`{name}` is not the name of a package",
                where="--upgrade-package",
                hint="say the name alone; which versions will do is said in the dependency files",
            )
    locked = set(_locked(directory)) if names else set()
    known: dict[str, str] = {canonicalize_name(name): name for name in locked}
    for name in names if known else ():
        if canonicalize_name(name) not in known:
            near = difflib.get_close_matches(canonicalize_name(name), sorted(known), n=1)
            raise UsageError(
                f"{name} is not in the lockfile",
                where="--upgrade-package",
                hint=f"did you mean {known[near[0]]}?" if near else "name a package that a lockfile has",
            )


def _locked(directory: Path) -> Iterator[str]:
    for name in map(lockfile_name, files.labels(directory)):
        with suppress(CortexlockError):  # one that cannot be read is made anew, which is said
            for step in files.read(directory / name, name=name).steps:
                yield from (package.name for package in step.packages)
                if isinstance(step, PipStep):
                    yield from (each.package.name for each in step.build_requirements)
