"""The package `conda_lock` without what its `__init__` imports: its command line, which takes seconds to load.

Nothing of it is used here. What is used lies in its modules, which do without.
"""

from __future__ import annotations

import importlib.util
import sys

NAME = "conda_lock"


def prepare() -> None:
    """Let the modules of `conda_lock` be imported without its `__init__`; do nothing where it was imported before.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    if NAME in sys.modules:
        return
    spec = importlib.util.find_spec(NAME)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {NAME!r}", name=NAME)
    sys.modules[NAME] = importlib.util.module_from_spec(spec)


def version() -> str:
    """Return conda-lock's version."""
    from importlib.metadata import version as installed  # noqa: PLC0415 - slow

    return installed("conda-lock")
