"""Metadata of a source tree without running any of its code, where that is certain.

Three ways, in this order: PKG-INFO whose fields are not dynamic (PEP 643), `[project]` without dynamic fields (PEP
621), and a `setup.py` that is nothing but literals. Whatever does not fit exactly is left to a build.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.formats.requirement import parsed
from cortexlock.pip.metadata.core_metadata import metadata_file
from cortexlock.pip.sources import setup_script

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same library under its name before Python 3.11
    import tomli as tomllib

_FIELDS_FOR_RESOLUTION = frozenset(("name", "requires-dist", "requires-python", "provides-extra", "version"))
_PROJECT_FIELDS = frozenset(("name", "dependencies", "optional-dependencies", "requires-python", "version"))
_TRUSTED_METADATA_VERSIONS = ((2, 2), (3, 0))  # from, and before which: a new major version may change anything
_SETUPTOOLS_DEFAULT = ("setuptools>=40.8.0", "wheel")
_SETUPTOOLS_BACKENDS = ("setuptools.build_meta", "setuptools.build_meta:__legacy__")

_READS_PROJECT_SINCE = {
    "flit_core.buildapi": ("flit-core", "3.2"),
    "hatchling.build": ("hatchling", "0"),
    "pdm.backend": ("pdm-backend", "0"),
    "setuptools.build_meta": ("setuptools", "61"),
}
"""Backends that take `[project]` as it is, and from which version on: older ones, all that Python 3.6 has of
setuptools among them, ignore it."""

_WITHOUT_PLUGINS = frozenset(
    ("cmake", "cython", "ninja", "numpy", "oldest-supported-numpy", "pybind11", "pytest-runner", "setuptools", "wheel")
)
"""Build requirements that do not change what setuptools makes of `setup.py`, as setuptools-scm and pbr do."""


@dataclass(frozen=True, slots=True)
class Static:
    """What is known of a source tree without a build.

    Attributes:
        metadata: METADATA with the fields that a resolution needs, or None if only a build can tell.
        build_requirements: All that a build needs, dynamic requirements included, or None if only a build can tell.
    """

    metadata: bytes | None
    build_requirements: tuple[str, ...] | None


def read(source: Path, *, sdist: bool) -> Static:
    """Read what is certain of a source tree.

    Args:
        source: The tree.
        sdist: Whether it is an unpacked sdist: only there PKG-INFO is what a build would give.
    """
    pyproject = toml_of(source / "pyproject.toml")
    if pyproject is None:
        return Static(None, None)
    setup = setup_script.arguments(source) if _is_for_setup_script(pyproject) else None
    metadata = _from_pkg_info(source) if sdist else None
    try:
        metadata = metadata or _from_project(source, pyproject) or (_from_setup(setup, pyproject) if setup else None)
    except ValueError:  # all of packaging's, and a number with thousands of digits
        metadata = None
    return Static(metadata, _build_requirements(pyproject, setup))


def _from_pkg_info(source: Path) -> bytes | None:
    """Take PKG-INFO where its fields may be trusted: Metadata-Version 2.2, and none of them dynamic (PEP 643)."""
    path = source / "PKG-INFO"
    if not path.is_file():
        return None
    content = path.read_bytes()
    headers = BytesHeaderParser().parsebytes(content)
    parts = str(headers["Metadata-Version"] or "0").strip().split(".")
    since, before = _TRUSTED_METADATA_VERSIONS
    if not since <= tuple(int(part) if part.isdecimal() else 0 for part in parts) < before:
        return None
    dynamic = {field.strip().lower() for field in headers.get_all("Dynamic") or ()}
    fields, _unparsed = parse_email(content)
    return None if dynamic & _FIELDS_FOR_RESOLUTION or not {"name", "version"} <= set(fields) else content


def _from_project(source: Path, pyproject: Mapping[str, Any]) -> bytes | None:
    """Take `[project]` where the backend does so, and none of the fields that decide is dynamic (PEP 621)."""
    project = pyproject.get("project")
    if not isinstance(project, dict) or not _reads_project(source, pyproject):
        return None
    dynamic, dependencies = project.get("dynamic", []), project.get("dependencies", [])
    optional = project.get("optional-dependencies", {})
    tables = [dynamic, dependencies, *(optional.values() if isinstance(optional, dict) else ())]
    if not all(isinstance(each, list) for each in tables) or set(map(str, dynamic)) & _PROJECT_FIELDS:
        return None
    return _literal_metadata(
        project.get("name"),
        project.get("version"),
        dependencies,
        optional,
        project.get("requires-python"),
    )


def _reads_project(source: Path, pyproject: Mapping[str, Any]) -> bool:
    """Whether the backend, in each version that may be used, takes `[project]` as it is."""
    system = _build_system(pyproject)
    if system is None or system.get("build-backend") not in _READS_PROJECT_SINCE or "backend-path" in system:
        return False
    backend, since = _READS_PROJECT_SINCE[system["build-backend"]]
    if backend == "setuptools" and any((source / name).exists() for name in ("setup.py", "setup.cfg")):
        return False  # versions differ in what they do with fields that both have
    if backend == "setuptools" and _plugins(system["requires"]):
        return False
    lower_bounds = [
        bound.version.removesuffix(".*")
        for requirement in map(parsed, system["requires"])
        if canonicalize_name(requirement.name) == backend
        for bound in requirement.specifier
        if bound.operator in (">=", ">", "==", "~=")
    ]
    return since == "0" or any(Version(bound) >= Version(since) for bound in lower_bounds)


def _from_setup(arguments: Mapping[str, Any], pyproject: Mapping[str, Any]) -> bytes | None:
    """Take a literal `setup()` call, if all of it is what it should be, and no plugin of setuptools has a say."""
    system = _build_system(pyproject)
    setup_requires = _texts(arguments.get("setup_requires", []))
    if system is None or setup_requires is None or _plugins([*system["requires"], *setup_requires]):
        return None
    return _literal_metadata(
        arguments.get("name"),
        arguments.get("version"),
        arguments.get("install_requires", []),
        arguments.get("extras_require", {}),
        arguments.get("python_requires"),
    )


def _literal_metadata(name: object, version: object, requires: object, extras: object, python: object) -> bytes | None:
    """Make METADATA of values that may be anything; None if one of them is not what it should be.

    Raises:
        InvalidName: A name that no standard knows, which setuptools changes in its own way; the same holds for these:
        InvalidVersion: A version.
        InvalidRequirement: A requirement.
    """
    lines = _texts(requires)
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(extras, dict)) or lines is None:
        return None
    if not isinstance(python, str | None):
        return None
    optional = {key: _texts(value) for key, value in extras.items()}
    if None in optional.values():
        return None
    for each in (name, *optional):  # an extra `:python_version < "3"` is a condition of setuptools
        canonicalize_name(each, validate=True)
    found = [str(parsed(line)) for line in lines]
    found += _with_extras({key: value or () for key, value in optional.items()})
    return metadata_file(name, str(Version(version)), found, sorted(optional), python)


def _with_extras(optional: Mapping[str, Sequence[str]]) -> list[str]:
    """Write requirements of extras as `Requires-Dist` has them."""
    found = []
    for extra, lines in sorted(optional.items()):
        for line in lines:
            requirement = copy(parsed(line))
            condition = f'extra == "{extra}"'
            requirement_marker = f"({requirement.marker}) and {condition}" if requirement.marker else condition
            requirement.marker = None
            separator = " ; " if requirement.url else "; "
            found.append(f"{requirement}{separator}{requirement_marker}")
    return found


def _build_requirements(pyproject: Mapping[str, Any], setup: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Return all build requirements where setuptools' own hook would add just `setup_requires` and `wheel`."""
    system = _build_system(pyproject)
    setup_requires = None if setup is None else _texts(setup.get("setup_requires", []))
    return None if system is None or setup_requires is None else (*system["requires"], "wheel", *setup_requires)


def _build_system(pyproject: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return `[build-system]`, or what PEP 517 says in its absence; None if it is malformed."""
    system = pyproject.get("build-system", {"requires": list(_SETUPTOOLS_DEFAULT)})
    requires = system.get("requires") if isinstance(system, dict) else None
    if not isinstance(requires, list) or not all(isinstance(each, str) for each in requires):
        return None
    try:
        return {**system, "requires": [str(parsed(each)) for each in requires]}
    except InvalidRequirement:
        return None


def _is_for_setup_script(pyproject: Mapping[str, Any]) -> bool:
    """Whether `setup.py` under plain setuptools decides the metadata."""
    system = _build_system(pyproject)
    if system is None or "backend-path" in system or "project" in pyproject:
        return False
    tool = pyproject.get("tool", {})
    configured = not isinstance(tool, dict) or "distutils" in tool or "setuptools" in tool
    return not configured and system.get("build-backend", _SETUPTOOLS_BACKENDS[0]) in _SETUPTOOLS_BACKENDS


def _plugins(requires: Sequence[str]) -> bool:
    return any(canonicalize_name(parsed(each).name) not in _WITHOUT_PLUGINS for each in requires)


def _texts(value: object) -> tuple[str, ...] | None:
    """Return requirements given as a list, or as one text with a requirement per line; None for anything else."""
    if isinstance(value, str):
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def toml_of(path: Path) -> dict[str, Any] | None:
    """Read a TOML file: empty if it is not there, None if it cannot be read (the build will say what is wrong)."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):  # a number of thousands of digits is no TOMLDecodeError
        return None
    return table
