"""Paths in requirements files: each leads to something in the project, which alone the image will have."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from cortexlock.errors import InputError
from cortexlock.patterns import pattern

_BACKSLASH = pattern(r"\\(?=[\w.])")
_OF_CONDA = pattern(r"feedstock|conda-bld|/croot/|/work(?:/|$)|/bld/|_h_env|/ci/\w+_\d{10}")
"""Directories in which packages of conda are built."""
_VARIABLE = pattern(r"\$\{[A-Z0-9_]+\}")
_SCP = pattern(
    r"(?P<git>git\+(?:ssh://)?|ssh://)?(?P<user>[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?!\d+(?:/|$))(?P<path>[^:\s]+)"
)
"""`git@host:org/repository.git`; digits alone after the colon are a port."""
_SCHEMES = ("https", "http", "ssh", "file", "git")
_VERSION_CONTROL = ("bzr", "hg", "svn")
_SCHEME = pattern(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")


def refuse_backslashes(path: str, text: str, file: str, line: int) -> None:
    """Check a path for separators of Windows: in the image they are escapes, and the name is another.

    Args:
        path: The path, or a whole requirement, as written.
        text: The line.
        file: The file that has it.
        line: Its 1-based number.

    Raises:
        InputError: It has backslashes between its parts.
    """
    path = path.partition(";")[0].strip()
    if re.match(r"[A-Za-z]:", path):  # of a drive: it is outside of the project
        return
    if _BACKSLASH.search(path) and ("://" not in path or "file:" in path):
        what = f"`{path}` is written with backslashes: in the image they are no separators"
        raise InputError.at(file, line, what, hint=f"write `{_BACKSLASH.sub('/', text)}`")


def refuse_variables(path: str, file: str, line: int) -> None:
    """Check the path of an included file for `${NAME}`, which pip replaces.

    Raises:
        InputError: It has one: which file decides the lock would depend on who locks.
    """
    if _VARIABLE.search(path):
        what = f"`{path}` is another file wherever the variable has another value"
        raise InputError.at(file, line, what, hint="write the name of the file that is included")


def refuse_scp(text: str, file: str, line: int) -> None:
    """Check what a line asks to install for an address as scp has it, which git and ssh know, and which is no URL.

    Args:
        text: A URL, a path, or a requirement.
        file: The file that has it.
        line: Its 1-based number.

    Raises:
        InputError: It is `git@host:org/repository.git`, with or without `git+` and a scheme.
    """
    scp = _SCP.fullmatch(text) if ":" in text else None
    if scp and (scp["git"] or scp["user"]) and scp["host"].lower() not in _SCHEMES:
        address = f"git+ssh://{scp['user'] or ''}{scp['host']}/{scp['path'].lstrip('/')}"
        raise InputError.at(file, line, "a colon before the path is an address of scp, no URL", hint=f"write {address}")


def refuse_wrong_urls(url: str, file: str, line: int) -> None:
    """Check the URL of a line, alone or in `name @ URL`, for what pip fetches nothing from.

    Args:
        url: The URL; where it has variables, only its scheme is judged.
        file: The file that has it.
        line: Its 1-based number.

    Raises:
        InputError: It is none, has another scheme than pip knows, or has a host where there must be none or none where
            there must be one.
    """
    hint = "write https://…, or git+https://… for a repository"
    scheme = _SCHEME.match(url)
    if scheme and scheme["scheme"].lower().partition("+")[0] not in {*_SCHEMES, *_VERSION_CONTROL}:
        raise InputError.at(file, line, "the URL has a scheme that pip fetches nothing from", hint=hint)
    if "$" in url:
        return
    if not scheme:
        hint = "write https://…, or file:./path for what is in the project"
        raise InputError.at(file, line, "what is named after `@` is no URL", hint=hint)
    host = re.match(r"//([^/?#]*)", url[scheme.end() :])
    if scheme["scheme"].lower().endswith("file"):
        if host and host[1] not in {"", "localhost"}:
            what = "a `file:` URL names a path of this machine, and no host"
            raise InputError.at(file, line, what, hint="write file:./path for what is in the project")
    elif not host or not host[1].rpartition("@")[2]:
        raise InputError.at(file, line, "the URL names no host", hint=hint)


def inside(base: str, path: str, file: str, line: int, *, name: str = "") -> str:
    """Return a path relative to the project, normalized, POSIX separators.

    Args:
        base: The directory that it is relative to, relative to the project.
        path: The path, as written.
        file: The file that has it.
        line: The line of the file.
        name: The project that is named by it, if the line says so: `name @ file:///path`.

    Raises:
        InputError: It is on the network or leaves the project.
    """
    if re.match(r"https?:", path, re.IGNORECASE):
        what = "a requirements file on the network can change at any time"
        raise InputError.at(file, line, what, hint="download it into the project and commit it")
    path = path.replace("\\", "/")
    normalized = posixpath.normpath(posixpath.join(base, path))
    is_absolute = path.startswith("/") or bool(re.match(r"[A-Za-z]:|file:", path))
    if not is_absolute and normalized.split("/")[0] != "..":
        return normalized
    if name and is_absolute and not Path(path).exists():
        by_conda = "`pip freeze` in an environment of conda writes such lines: " if _OF_CONDA.search(path) else ""
        what = f"{name} is named by a path of another machine, `{path}`: the image does not have it"
        hint = f"{by_conda}write `{name}=={_version(path) or 'VERSION'}`, as `pip list --format=freeze` does"
        raise InputError.at(file, line, what, hint=hint)
    what = f"`{path}` is outside the project: the image would not have it"
    raise InputError.at(file, line, what, hint="move it into the project")


def _version(path: str) -> str:
    """Return the version that the name of a wheel says, or nothing."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 - only an error pays for it

    try:
        return str(parse_wheel_filename(path.rpartition("/")[2])[1])
    except InvalidWheelFilename:
        return ""
