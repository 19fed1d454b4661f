"""Build requirements that a `setup.py` imports without declaring them.

Before PEP 518 there was no way to declare them, and the images' pip runs such a `setup.py` in the image's own
environment: it finds what is installed there. A build in an environment of its own must be given the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from packaging.utils import canonicalize_name

_MISSING = re.compile(r"^(?:ModuleNotFound|Import)Error: No module named '?(?P<module>[A-Za-z0-9_]+)", re.MULTILINE)

_BUILD_TOOLS = {
    "Cython": "cython",
    "cffi": "cffi",
    "numpy": "numpy",
    "pbr": "pbr",
    "pkgconfig": "pkgconfig",
    "pybind11": "pybind11",
    "setuptools_rust": "setuptools-rust",
    "setuptools_scm": "setuptools-scm",
    "skbuild": "scikit-build",
}
"""Modules that are there for builds, and what provides them. A module that is not here is no guess at a
distribution's name: names that look right are what typosquatters register."""


class Undeclared(NamedTuple):
    """A requirement that nobody declared: the normalized name, and all of it (PEP 508)."""

    name: str
    text: str


def requirement(output: str, installed: Mapping[str, str]) -> Undeclared | None:
    """Return the requirement that a failed build lacks, None if that cannot be told.

    Args:
        output: What the build said.
        installed: Versions of the image's distributions, by normalized name: the image's own goes before any other.
    """
    module, name = _missing(output)
    if not module:
        return None
    if name in installed:
        return Undeclared(name, f"{name}=={installed[name]}")
    return Undeclared(name, name) if module in _BUILD_TOOLS else None


def provider(output: str, names: Collection[str]) -> str:
    """Return which of some distributions, by normalized name, a failed build lacks; empty: none of them."""
    _, name = _missing(output)
    return name if name in names else ""


def bound(output: str) -> str:
    """Return the requirement that has the module which a failed build lacks, where a newer version lost it; or empty.

    A build that asks for setuptools without a bound gets the newest: 82.0.0 has no pkg_resources.
    """
    module, _ = _missing(output)
    return "setuptools<82" if module == "pkg_resources" else ""


def _missing(output: str) -> tuple[str, str]:
    """Return the module that a failed build lacks, and the distribution that it is taken for; both can be empty."""
    match = _MISSING.search(output)
    module = match["module"] if match else ""
    return module, _BUILD_TOOLS.get(module, canonicalize_name(module))
