"""The embedded conda executable as its callers see it: where it is, and what goes to it by the environment.

py-rattler fetches and solves in that process only: its threads can crash an interpreter that shuts down.
"""

from __future__ import annotations

import json
import os
import shutil
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cortexlock import process
from cortexlock.conda import failure
from cortexlock.conda.channels import Channel, public
from cortexlock.conda.failure import CondaFailedError
from cortexlock.errors import UsageError

NAME = "cortexlock-conda"


def executable() -> Path:
    """Return the path of the executable: the script that was installed with this package.

    Raises:
        UsageError: It is not there.
    """
    found = shutil.which(NAME, path=sysconfig.get_path("scripts"))
    if found is None:
        raise UsageError(f"`{NAME}` is not beside the Python that runs cortexlock", hint="install cortexlock anew")
    return Path(found)


def argument(channel: Channel) -> str:
    """Return what to give the executable for a channel: without credentials, which other users could read there."""
    return public(channel.argument)


def variables(
    channels: Sequence[Channel], *, cache: Path, exclude_newer: str | None = None, image: Path | None = None
) -> dict[str, str]:
    """Return the environment variables that the executable understands besides conda's.

    Args:
        channels: What it is called with; credentials go by the environment.
        cache: A directory for repodata.
        exclude_newer: RFC 3339 date and time, or None.
        image: What it solves on top of, a file of `image_document`; None: of nothing.
    """
    addresses = {argument(channel): channel.argument for channel in channels}
    found = {
        "CORTEXLOCK_CONDA_CACHE": str(cache),
        "CORTEXLOCK_CONDA_CHANNELS": json.dumps(addresses),
        "PYTHONHASHSEED": "0",  # conda's solver goes through sets: which of equal solutions it finds must not vary
    }
    if exclude_newer:
        found["CORTEXLOCK_CONDA_EXCLUDE_NEWER"] = exclude_newer
    if image:
        found["CORTEXLOCK_CONDA_IMAGE"] = str(image)
    return found


def search(
    names: Sequence[str], channels: Sequence[Channel], *, subdir: str, cache: Path
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return all records of some packages, as `conda search --json` does, the oldest version first.

    Args:
        names: Package names.
        channels: Where to look.
        subdir: The platform, besides `noarch`.
        cache: A directory for repodata.

    Raises:
        CondaFailedError: The executable failed.
        UsageError: It is not there.
    """
    command = [str(executable()), "search", "--json", "--override-channels"]
    for channel in channels:
        command += ["--channel", argument(channel)]
    env = {**os.environ, **variables(channels, cache=cache), "CONDA_SUBDIR": subdir}
    done = process.run([*command, *names], env=env)
    try:
        answer: Any = json.loads(done.stdout)
    except ValueError:
        raise CondaFailedError("CondaError", done.output) from None
    if done.returncode != 0:
        raise failure.read(answer, done.output)
    found: Mapping[str, Sequence[Mapping[str, Any]]] = answer
    return found
