"""What configures pip in an image: files of constraints, and variables that name indexes.

As `snapshot.py`, which is a script with this module in it: nothing but the standard library of Python 3.6, and paths
that only look like those of `pathlib`.
"""

import codecs
import configparser
import os
import posixpath
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple
from urllib.parse import unquote

_USUAL_CONSTRAINTS = "etc/pip/constraint.txt"  # as NVIDIA's images have it
_INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX", "UV_DEFAULT_INDEX")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_INCLUDED = re.compile(r"^[ \t]*(?:-[cr][ \t]*|--(?:constraint|requirement)(?:[ \t]+|=))([^\s-]\S*)", re.MULTILINE)
_FILES = 64  # files of constraints of an image


def pip_settings(root: Path, prefix: Path, environment: Mapping[str, str], directory: Path) -> Dict[str, Any]:
    """Return what configures pip in an image.

    Args:
        root: The root of its file system.
        prefix: The environment.
        environment: The variables of its containers. Where they name no constraints, pip's configuration files may.
        directory: Where its containers start: what relative paths are relative to.

    Returns:
        `constraints`: of each file, those that files include too, its `file` and `text`, None where it is not there.
        `variables`: names, sorted.
    """
    named = " ".join(environment.get(name, "") for name in ("PIP_CONSTRAINT", "UV_CONSTRAINT")).split()
    if not environment.get("PIP_CONSTRAINT"):
        texts = [first_text(path) for path in _configurations(root, prefix, environment, directory)]
        named += _configured_constraints(texts)
    if not named and (root / _USUAL_CONSTRAINTS).is_file():
        named = ["/" + _USUAL_CONSTRAINTS]
    files = {}  # type: Dict[str, Dict[str, Any]]
    waiting = [_local(name) for name in reversed(named)]
    while waiting and len(files) < _FILES:
        name = waiting.pop()
        if name in files:
            continue
        path = _place(root, directory, name)
        text = first_text(path) if "://" not in name and path.is_file() else None
        files[name] = {"file": name, "text": text}
        included = [_local(other) for other in _INCLUDED.findall(text or "")]
        waiting += [
            other if "://" in other else posixpath.normpath(posixpath.join(posixpath.dirname(name), other))
            for other in reversed(included)
        ]
    variables = sorted(name for name in _INDEX_VARIABLES if environment.get(name))
    return {"constraints": list(files.values()), "variables": variables}


def first_text(*paths: Path) -> str:
    """Return the text of the first of these files that is there, or nothing; of a byte order mark as pip reads it."""
    for path in paths:
        if path.is_file():
            content = path.read_bytes()
            found = [(mark, name) for mark, name in _BOMS if content.startswith(mark)]
            mark, name = found[0] if found else (b"", "utf-8")
            return content[len(mark) :].decode(name, "replace").replace("\r\n", "\n")
    return ""


def _local(name: str) -> str:
    """Return a name, that of a `file:` URL as a path."""
    path = re.sub("^file://(localhost)?(?=/)", "", name)
    return path if path == name else unquote(path)


def _place(root: Path, directory: Path, name: str) -> Path:
    return root / name.lstrip("/") if name.startswith("/") else directory / name


def _configurations(root: Path, prefix: Path, environment: Mapping[str, str], directory: Path) -> List[Path]:
    """Return the configuration files that pip reads, the last one counting most: for all, the user's, `prefix`'s."""
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    of_all, of_user = _configuration_names(environment)
    own = _place(root, directory, named) if named else root
    places = [_place(root, directory, name) for name in (of_all if own.is_file() else [*of_all, *of_user])]
    return [*places, prefix / "pip.conf", own]


def _configuration_names(environment: Mapping[str, str]) -> Tuple[List[str], List[str]]:
    """Return the configuration files for all users and for the user, as pip finds them (XDG Base Directories)."""
    home = environment.get("HOME") or "/root"
    shared = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    own = environment.get("XDG_CONFIG_HOME") or home + "/.config"
    of_all = [each + "/pip/pip.conf" for each in shared if each] + ["/etc/pip.conf"]
    return of_all, [home + "/.pip/pip.conf", own + "/pip/pip.conf"]


def _configured_constraints(texts: Sequence[str]) -> List[str]:
    """Return the files of constraints that configuration files of pip name, of which the last one counts."""
    said = {}  # type: Dict[str, str]
    for text in texts:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        for section in ("global", "install"):
            if parser.has_option(section, "constraint"):
                said[section] = parser.get(section, "constraint")
    return said.get("install", said.get("global", "")).split()
