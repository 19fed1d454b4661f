"""What the processes that solve need, imported in the one that forks them: nothing of it knows a project."""

from __future__ import annotations

import importlib
from contextlib import suppress

from cortexlock.errors import CortexlockError

_FOR_PIP = (
    "cortexlock.pip.queries.resolve",
    # What these import where they use it:
    "encodings.ascii",
    "encodings.cp437",
    "netrc",
)


def for_all() -> None:
    """Import what each of them needs, whatever it solves."""
    _import("cortexlock.lock.lock", "cortexlock.lock.platform")


def for_pip() -> None:
    """Import what resolves requirements, pip's internals included.

    Raises:
        UsageError: The installed pip or pip-tools is another one than was tested.
    """
    for_all()
    from cortexlock.pip.internals import supported_versions  # noqa: PLC0415 - in the process that forks, and only there
    from cortexlock.pip.internals.put_off import put_off  # noqa: PLC0415 - as above

    supported_versions.check()  # before the import: other versions may not have what is imported
    with put_off():
        _import(*_FOR_PIP)


def for_conda() -> None:
    """Import what reads a conda list: pip is imported by who needs it, while other programs run."""
    for_all()
    _import("cortexlock.conda.solve")


def for_conda_solver() -> None:
    """Import what leads to conda's solver, too."""
    for_conda()
    with suppress(CortexlockError, ImportError):  # as in `_import`
        from cortexlock.conda import condalock  # noqa: PLC0415 - in the process that forks, and only there

        condalock.load()


def _import(*modules: str) -> None:
    for module in modules:
        with suppress(CortexlockError, ImportError):  # who needs it says so
            importlib.import_module(module)
