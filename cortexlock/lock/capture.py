"""`cortexlock predictors capture`: an environment, or a snapshot of one, into a predictor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cortexlock.errors import InputError, UsageError
from cortexlock.lockfile import files
from cortexlock.model.predictor import PlatformName, Predictor
from cortexlock.pip.prefix.distributions import read_prefix
from cortexlock.predictors import catalog, file
from cortexlock.predictors.capture import Captured, Said, predictor_of
from cortexlock.predictors.snapshot import sites_of, snapshot

_DEFAULT_TYPE = "python"


def capture_prefix(root: Path, like: Predictor, said: Said, environment: Mapping[str, str]) -> Captured:
    """Describe an environment of this machine by its files; nothing of it is imported.

    Args:
        root: The environment.
        like: What its files cannot tell is taken from this image.
        said: What the user says in place of what is found.
        environment: The caller's variables.

    Raises:
        UsageError: This is no environment with a Python, or a version is not known.
        InputError: It holds what no predictor can hold, or what cannot be read.
    """
    try:
        prefix = read_prefix(root, environment)
        found = snapshot(prefix.root, sites_of(prefix.root, prefix.python_minor), prefix.python_version, environment)
    except UsageError as error:
        hint = "name the root of a virtual or conda environment"
        raise UsageError(error.what, where=error.where, hint=hint) from None
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"the environment cannot be read: {error}", where=str(root)) from None
    return predictor_of(found, like, said, where=str(root))


def capture_snapshot(path: Path, like: Predictor, said: Said) -> Captured:
    """Describe the image that a snapshot was taken in.

    Args:
        path: What the snapshot script printed.
        like: What the snapshot cannot tell is taken from this image.
        said: What the user says in place of what was found.

    Raises:
        UsageError: A version is not known.
        InputError: The file cannot be read, or is no snapshot.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError.at(path.name, None, f"cannot be read: {error.strerror}") from None
    except (RecursionError, ValueError) as error:
        hint = "let the snapshot script write to a file of its own, and nothing else"
        raise InputError.at(path.name, None, f"not JSON: {error}", hint=hint) from None
    return predictor_of(found, like, said, where=path.name)


def like(text: str | None, platform: PlatformName) -> Predictor:
    """Return the image of the catalog that a captured one is like.

    Args:
        text: `TYPE:RELEASE`, or `TYPE` for its newest release; None for the newest Python predictor.
        platform: The accelerator.

    Raises:
        UsageError: There is no such image.
    """
    predictor_type, separator, release = (_DEFAULT_TYPE if text is None else text).partition(":")
    if separator and not release:
        raise UsageError(f"`{text}` names no release", where="--like", hint="write TYPE:RELEASE, `python:0.16.0`")
    return catalog.find(predictor_type, release or None, platform)


def write(path: Path, predictor: Predictor) -> None:
    """Write a predictor file, whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        files.write_all({path: file.dumps(predictor)})
    except InputError as error:
        raise UsageError(error.what, where=str(path), hint="name another file with --output") from None
