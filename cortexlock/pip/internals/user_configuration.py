"""The user's own pip configuration: where packages come from, read as pip reads it, and only if it is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from pip._internal.configuration import Configuration
from pip._internal.exceptions import ConfigurationError

from cortexlock.errors import UsageError
from cortexlock.model.project import PipSettings

_SECTIONS = ("global", "install", ":env:")
"""What `pip install` looks at; a later one goes before an earlier one."""


def read(environment: Mapping[str, str], *, directory: Path) -> PipSettings:
    """Return what pip's configuration files and `PIP_*` variables say of indexes.

    Args:
        environment: The caller's variables, which say where the files are, too.
        directory: What relative paths are relative to.

    Raises:
        UsageError: A configuration file cannot be read.
    """
    configuration = Configuration(isolated=False)
    try:
        with patch.dict(os.environ, environment, clear=True):
            configuration.load()
        found: dict[str, str] = {}
        for _source, values in configuration.items():  # noqa: PERF102 - it has no `values`
            found |= {key: value for key, value in values.items() if isinstance(value, str)}
            for nested in values.values():  # by file, since pip 25
                found |= nested if isinstance(nested, dict) else {}
    except ConfigurationError as error:
        raise UsageError(f"pip's configuration cannot be read: {error}", where="--use-pip-config") from error

    def value(name: str) -> str:
        return next((found[f"{section}.{name}"] for section in reversed(_SECTIONS) if f"{section}.{name}" in found), "")

    links = [link if "://" in link else (directory / link).resolve().as_uri() for link in value("find-links").split()]
    return PipSettings(value("index-url").strip() or None, tuple(value("extra-index-url").split()), tuple(links))
