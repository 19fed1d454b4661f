"""Which files of an image are worth keeping: what tells of environments, C library, CUDA and pip's configuration."""

from __future__ import annotations

import re

from cortexlock.predictors.images.tree import Parts

_METADATA = frozenset({"METADATA", "PKG-INFO", "requires.txt", "direct_url.json", "INSTALLER"})
_METADATA_DIRECTORIES = (".dist-info", ".egg-info")
_NAMES = frozenset({"passwd", "pyvenv.cfg", "patchlevel.h", "pip.conf", ".condarc", "condarc", "libc.so.6"})
_SUFFIXES = (".egg-info", ".egg-link", ".pth")
_SOURCES = (".py", ".pyc", ".pyi", ".pyx", ".pxd", ".h", ".hpp", ".html", ".js", ".svg", ".png", ".po", ".mo")
_CONSTRAINTS = re.compile(r"constraints?\.txt")
_INTERPRETER = re.compile(r"(?:python3\.[0-9]+|libpython3\.[0-9]+m?\.so\.1\.0|libc-2\.[0-9]+\.so)")
_BEGINNINGS = ("python3.", "libpython3.", "libc-2.")
_ELSEWHERE = frozenset({"history", "pinned", "version", "version.json", "version.txt"})
_ALL_NAMES = _METADATA | _NAMES | _ELSEWHERE
_ALL_SUFFIXES = (*_SUFFIXES, ".json", "constraint.txt", "constraints.txt")


def may_be_wanted(name: str) -> bool:
    """Whether there are directories in which the content of a file of that name is kept."""
    return name in _ALL_NAMES or name.endswith(_ALL_SUFFIXES) or name.startswith(_BEGINNINGS)


def is_wanted(parts: Parts) -> bool:
    """Whether the content of the file of a path is kept."""
    name = parts[-1]
    above = parts[-2] if len(parts) > 1 else ""
    if name in _METADATA:
        return above.endswith(_METADATA_DIRECTORIES) or above == "EGG-INFO"
    if above == "conda-meta":
        return name.endswith(".json") or name in {"history", "pinned"}
    if name in _NAMES or name.endswith(_SUFFIXES):
        return True
    if name in {"version.json", "version.txt", "version"}:
        return above.startswith("cuda") or (name == "version" and above.endswith("pyenv"))
    if above == "pip" or above.startswith("etc"):
        return _CONSTRAINTS.fullmatch(name) is not None
    return name.startswith(_BEGINNINGS) and _INTERPRETER.fullmatch(name) is not None


def is_named(name: str) -> bool:
    """Whether the name of a file is kept: that of a source file never tells anything, unless its content does."""
    return not name.endswith(_SOURCES) or name in _NAMES
