"""Locks of whole projects, in the process of the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from unittest.mock import patch

from cortexlock.inputs import project_directory
from cortexlock.lock import lock as locking
from cortexlock.lock.locked import Locked, LockOptions
from cortexlock.lock.request import PlatformLock, PlatformRequest
from tests.support.resolution import undone


def lock(directory: Path, *, strict: bool = False, pypi_rows: bool = True, python: Path | None = None) -> list[Locked]:
    """Lock the project in a directory; the cache is beside it."""
    options = LockOptions(
        conda=None,
        python=python,
        cache=directory.parent / "cache",
        environment={**os.environ, "PIP_RETRIES": "0"},
        strict=strict,
        pypi_rows=pypi_rows,
    )
    with patch.object(locking, "side_by_side", in_process):
        return list(locking.lock(project_directory.read(directory), options, on_event=lambda _event: None))


def in_process(
    function: Callable[[PlatformRequest, Callable[[str], None]], PlatformLock],
    arguments: Sequence[PlatformRequest],
    *,
    env: Mapping[str, str],
    on_message: Callable[[int, str], None],
) -> list[PlatformLock]:
    """Stand in for processes of their own, which take a second each."""
    found = []
    for number, argument in enumerate(arguments):
        with undone(argument.project.directory), patch.dict(os.environ, env, clear=True):
            found.append(function(argument, partial(on_message, number)))
    return found
