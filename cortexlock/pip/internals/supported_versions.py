"""Whether pip and pip-tools are of versions whose internals are known: they move without notice."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cortexlock.errors import UsageError

_PRIVATE = ("pip", "pip-tools")
_DISTRIBUTION = "cortexlock"


def check() -> None:
    """Compare what is installed with what our own metadata admits; call this before anything imports pip.

    Raises:
        UsageError: Another version is installed, or none.
    """
    try:
        declared = requires(_DISTRIBUTION) or ()
    except PackageNotFoundError:  # run from a source tree, where nobody promised anything
        return
    for requirement in map(Requirement, declared):
        name = canonicalize_name(requirement.name)
        if name not in _PRIVATE:
            continue
        found = _version(name)
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            there = f"{name} {found} is installed" if found else f"{name} is not installed"
            raise UsageError(
                f"{there}, and cortexlock works with {name}{requirement.specifier} only",
                hint=f"install it beside cortexlock: pip install '{name}{requirement.specifier}'",
            )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
