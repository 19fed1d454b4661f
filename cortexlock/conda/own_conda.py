"""A conda, mamba or micromamba of the user's own: which one it is."""

from __future__ import annotations

import os
from pathlib import Path

from cortexlock import process
from cortexlock.errors import UsageError
from cortexlock.model.lockfile import ResolverVersion
from cortexlock.patterns import pattern

# `conda 4.7.12`, `mamba 1.5.8` with conda's on the next line, and `1.5.8` alone, which is micromamba.
_VERSION = pattern(r"(?:^|\s)v?(?P<version>[0-9][\w.+!-]*)")
_SHOWN = 500  # characters


def resolver(conda: Path) -> ResolverVersion:
    """Return name and version of a conda executable, as lockfiles have them.

    Args:
        conda: The executable.

    Raises:
        UsageError: It cannot be run, fails, or does not say its version.
    """
    try:
        done = process.run([conda, "--version"], env=os.environ)
    except OSError as error:
        raise _unusable(conda, f"cannot be started: {error.strerror}") from None
    if done.returncode != 0:
        said = f": {done.output[:_SHOWN]}" if done.output else ", and it said nothing"
        raise _unusable(conda, f"ended with exit code {done.returncode}{said}")
    found = _VERSION.search(done.output)
    if found is None:
        raise _unusable(conda, f"gave no version: {done.output[:_SHOWN]!r}")
    return ResolverVersion(conda.name, found["version"])


def _unusable(conda: Path, what: str) -> UsageError:
    """Make the error of a program that is no conda."""
    hint = "name a conda, mamba or micromamba, or leave out --conda: the embedded conda needs no other"
    return UsageError(f"`{conda} --version` {what}", where="--conda", hint=hint)
