"""Whether all can be written and removed that a replay will write and remove, as the archives tell it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cortexlock.errors import Advice, DifferenceError, UsageError
from cortexlock.model.target import minor_of
from cortexlock.pip.install.wheel_check import commands
from cortexlock.pip.prefix.recorded_files import brought, check_inside, recorded
from cortexlock.replay.checks.replaceable import replaced_by_conda
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.package_files import relative_path
from cortexlock.replay.prefix.state import State
from cortexlock.replay.supply.gather import Gathered

_SHOWN = 5
"""Paths that an error names; the rest are counted."""


def check_writable(planned: Plan, got: Gathered, state: State, *, python: str) -> None:
    """Refuse what would end in the middle of a step, or reach outside of the prefix.

    Args:
        planned: What is left to do.
        got: Its archives.
        state: The prefix.
        python: The version of Python after the conda step.

    Raises:
        UsageError: A directory belongs to somebody else.
        IntegrityError: A list of files that somebody would go by names files outside of the prefix.
        DifferenceError: A directory is where a file is to be, or the other way round, or a link leads outside.
    """
    root = str(state.prefix.root)
    locked: set[str] = set()
    wrong: set[str] = set()
    places: dict[str, _Place] = {}
    written = set(_written(planned, got, state, python))
    for path in {*_removed(planned, state), *written}:
        directory = f"{root}/{path}".rpartition("/")[0]
        place = places.get(directory)
        if place is None:
            place = places[directory] = _place(directory, os.path.realpath(root))
        if place.wrong:
            wrong.add(f"{_shown(place.path, state)} {place.wrong}, and {path} is to be written")
        elif place.is_locked:
            locked.add(_shown(place.path, state))
        elif place.is_shared and _is_anothers(f"{root}/{path}"):
            locked.add(path)
        if place.path == directory and path in written and _is_directory(f"{root}/{path}"):
            wrong.add(f"{path} is a directory, and a file of that name is to be written")
    if locked:
        raise UsageError(
            f"the prefix cannot be written: {_listed(locked)}", where=str(state.prefix.root), hint="run as its owner"
        )
    if wrong:
        raise DifferenceError(
            "Something is in the way of files that are to be written:",
            details=(f"  {line}" for line in sorted(wrong)[:_SHOWN]),
            where=str(state.prefix.root),
            hint=Advice.FRESH_COPY,
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """The nearest directory of a file that is there: what is known of it holds for all files that come into it.

    Attributes:
        path: Where it is.
        wrong: What is wrong with it; empty if nothing is.
        is_locked: Whether it cannot be written.
        is_shared: Whether only owners may remove files there (the sticky bit), and this user is not its owner.
    """

    path: str
    wrong: str = ""
    is_locked: bool = False
    is_shared: bool = False


def _place(directory: str, root: str) -> _Place:
    """Look at the place of a directory; `root` is the prefix, resolved."""
    while not os.path.lexists(directory):
        directory = os.path.dirname(directory)  # noqa: PTH120 - no objects: there are thousands of them
    if not os.path.isdir(directory):  # noqa: PTH112 - as above
        return _Place(directory, wrong="is no directory")
    real = os.path.realpath(directory)
    if real != root and not real.startswith(f"{root}/"):
        return _Place(directory, wrong="leads out of the prefix")
    user, there = os.geteuid(), os.stat(directory)  # noqa: PTH116 - as above
    is_shared = bool(there.st_mode & stat.S_ISVTX) and user not in {0, there.st_uid}
    return _Place(directory, is_locked=not os.access(directory, os.W_OK | os.X_OK), is_shared=is_shared)


def _is_anothers(path: str) -> bool:
    """Whether a file is another user's."""
    return os.path.lexists(path) and os.lstat(path).st_uid != os.geteuid()


def _is_directory(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _shown(path: str, state: State) -> str:
    return relative_path(path, state) or path


def _listed(paths: set[str]) -> str:
    shown = sorted(paths)[:_SHOWN]
    more = f" and {len(paths) - len(shown)} more" if len(paths) > len(shown) else ""
    return f"{', '.join(shown)}{more}"


def _removed(planned: Plan, state: State) -> Iterator[str]:
    """Yield the files of the distributions that give way."""
    names = {*planned.stale, *(package.name for step in planned.steps for package in step.pip)}
    for step in planned.steps:
        names |= replaced_by_conda(step.conda, state)
        for package in step.conda:
            yield from state.listings.get(package.key, {})
    for name in names:
        for distribution in state.of_pip(name):
            check_inside(distribution, state.prefix)
            directories: set[str] = set()
            for file in recorded(distribution) or ():
                path = relative_path(file.path, state)
                if path is not None and os.path.lexists(f"{state.prefix.root}/{path}"):
                    yield path
                    directories.add(path.rpartition("/")[0])
            site = relative_path(str(state.prefix.site), state)
            yield from _byte_code({state.prefix.root / each for each in directories if each != site}, state)


def _byte_code(directories: set[Path], state: State) -> Iterator[str]:
    """Yield a file of each `__pycache__` in directories that may go: installers remove those whole, listed or not."""
    for directory in directories:
        compiled = directory / "__pycache__"
        try:
            first = next(compiled.iterdir(), None)
        except OSError:  # there is none; or it cannot be looked into, and is not empty for anybody
            first = compiled / "*" if compiled.is_dir() else None
        path = relative_path(str(first), state) if first is not None else None
        if path is not None:
            yield path


def _written(planned: Plan, got: Gathered, state: State, python: str) -> Iterator[str]:
    if planned.stale_conda or any(step.conda for step in planned.steps):
        yield "conda-meta/history"
    for step in planned.steps:
        for package in step.conda:
            if package.name in got.listings:
                yield from got.listings[package.name].linked(minor_of(python))
        for each in step.pip:
            wheel = got.files.get(each.sha256)
            if wheel is not None and each.file.endswith(".whl") and state.prefix.python_minor == minor_of(python):
                for file in brought(Path(wheel), state.prefix):
                    path = relative_path(file.path, state)
                    if path is not None:
                        yield path
                yield from (f"bin/{command}" for command in commands(Path(wheel)))
