"""Modules that pip and pip-tools import at their top and a resolution never uses.

pip shows progress, and its own crashes, with rich, which brings a lexer for each language; pip-tools asks pkg_resources
for a requirement of its own. That is a sixth of what the import of the resolver takes.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from cortexlock import put_off as modules

_UNUSED = (
    "pip._internal.metadata.pkg_resources",
    "pip._vendor.pkg_resources",
    "pip._vendor.rich.live",
    "pip._vendor.rich.progress",
    "pip._vendor.rich.traceback",
)


def put_off() -> AbstractContextManager[None]:
    """Import what resolves in a block, without what it does not use: that is loaded once something does."""
    return modules.put_off(*_UNUSED)
