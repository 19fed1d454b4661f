"""uv as a program: exactly these files into exactly that environment, with nothing of the user's configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from uv import find_uv_bin

from cortexlock import process
from cortexlock.errors import StepError

_FROM_HOST = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")
_SETTINGS = {
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "UV_NO_INSTALLER_METADATA": "1",  # its uv_cache.json has a time stamp: two replays would differ
}


def install_files(wheels: Sequence[Path], *, python: Path, environment: Mapping[str, str]) -> process.Completed:
    """Install wheel files, without their dependencies, without a look at any index, cache or configuration.

    Args:
        wheels: Paths of the wheels.
        python: The interpreter of the environment to install into.
        environment: The caller's variables, of which uv sees where temporary files go, no more.

    Returns:
        What uv said; a return code other than 0 is the caller's to judge.

    Raises:
        StepError: uv cannot be started.
    """
    return run_uv(
        ("pip", "install", *OFFLINE, *_COPIED, "--no-deps", "--python", python, *wheels), environment=environment
    )


OFFLINE = ("--offline", "--no-index", "--no-config", "--no-progress")
"""Options of `uv pip install`: no network, nothing of the user's configuration."""

_COPIED = ("--no-cache", "--link-mode", "copy")


def run_uv(
    arguments: Sequence[str | os.PathLike[str]], *, environment: Mapping[str, str], keep: Sequence[int] = ()
) -> process.Completed:
    """Run uv with the caller's variables scrubbed of everything that could configure it.

    Args:
        arguments: Its arguments.
        environment: The caller's variables.
        keep: As for `process.run`.

    Raises:
        StepError: uv cannot be started.
    """
    kept = {name: environment[name] for name in _FROM_HOST if name in environment}
    try:
        return process.run((find_uv_bin(), *arguments), env={**kept, **_SETTINGS}, keep=keep)
    except OSError as error:
        raise StepError(f"uv does not start: {error}", hint="reinstall cortexlock, which brings uv") from error
