"""Scripts that conda packages bring for when they are linked and unlinked, run as conda runs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cortexlock import process

FAILED = 3
"""The exit code of the process that links, where a script failed."""

When: TypeAlias = Literal["post-link", "pre-unlink"]


class LinkScriptError(Exception):
    """A script failed; the message has its output."""


def find(prefix: Path, name: str, when: When) -> Path | None:
    """Return the script of a package in an environment, if it has one."""
    path = prefix / "bin" / f".{name}-{when}.sh"
    return path if path.is_file() else None


def run(script: Path, prefix: Path, record: Mapping[str, Any], env: Mapping[str, str]) -> None:
    """Run a script by bash, in its directory, with the environment's programs first.

    Args:
        script: The script.
        prefix: The environment.
        record: The package's record in `conda-meta`.
        env: The variables to run it with; conda's own for these scripts are added.

    Raises:
        LinkScriptError: It does not start, or ends with another code than 0.
    """
    variables = {
        **env,
        "CONDA_PREFIX": str(prefix),
        "PREFIX": str(prefix),
        "PKG_NAME": str(record["name"]),
        "PKG_VERSION": str(record["version"]),
        "PKG_BUILDNUM": str(record.get("build_number", 0)),
        "PATH": os.pathsep.join((str(prefix / "bin"), env.get("PATH", os.defpath))),
    }
    try:
        done = process.run(("bash", script), env=variables, cwd=script.parent)
    except OSError as error:
        raise LinkScriptError(f"bin/{script.name} does not start: {error}") from None
    if done.returncode != 0:
        raise LinkScriptError(f"bin/{script.name} ended with code {done.returncode}:\n{done.output}".rstrip())
