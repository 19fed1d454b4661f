"""What an archive of a conda package says of itself, as strictly as the installer reads it.

The installer fails at values that conda never minded; by then a replay has changed things. Files: `info/index.json`,
`info/paths.json` or the older `info/files` and `info/has_prefix`, `info/link.json`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cortexlock.formats.member_paths import UnsafeError, safe
from cortexlock.model.package import CondaPackage
from cortexlock.patterns import pattern

NEEDED = frozenset({"info/index.json", "info/paths.json", "info/files", "info/has_prefix", "info/link.json"})

_MODES = ("text", "binary")
_PATH_TYPES = ("hardlink", "softlink")
_ENTRY_POINT = pattern(
    r"\s*(?P<command>[^\s=/\\]+)\s*=\s*[^\W\d]\w*(?:\.[^\W\d]\w*)*\s*:\s*[^\W\d]\w*(?:\.[^\W\d]\w*)*\s*"
)
_HAS_PREFIX_WORDS = 3  # placeholder, mode, path; or the path alone


@dataclass(frozen=True, slots=True)
class ListedPath:
    """A path that is linked, with what is said of it; what is not said is empty.

    Attributes:
        path: Relative to the environment.
        kind: `hardlink` or `softlink`.
        sha256: The file's hash.
        placeholder: The path in the file that the environment's own takes the place of.
        binary: Whether it does so in place, in a file of bytes.
    """

    path: str
    kind: str = ""
    sha256: str = ""
    placeholder: str = ""
    binary: bool = False


def check_index(info: Mapping[str, bytes], package: CondaPackage) -> None:
    """Check that an archive is the package that it is named for, and that the installer can read what it is.

    Raises:
        UnsafeError: It is another one, or a field is of the wrong type.
    """
    index = _json(info, "info/index.json")
    for key in ("name", "version", "build"):
        if str(index.get(key)) != getattr(package, key):
            raise UnsafeError(f"its info/index.json has the {key} {index.get(key)!r}, not {getattr(package, key)!r}")
    for key, fits in _INDEX.items():
        if key in index and not fits(index[key]):
            raise UnsafeError(f"its info/index.json has {index[key]!r} as {key}")
    if "build_number" not in index:
        raise UnsafeError("its info/index.json has no build_number")
    if "subdir" not in index and not (index.get("arch") and index.get("platform")):
        raise UnsafeError("its info/index.json has no subdir")
    site_packages = index.get("python_site_packages_path")
    if site_packages is not None:
        _path(site_packages)


def listed(info: Mapping[str, bytes]) -> tuple[ListedPath, ...]:
    """Return the paths that an archive lists, each once.

    Raises:
        UnsafeError: There is no list, it is not one that the installer can read, or a path leads out.
    """
    if "info/paths.json" in info:
        found = tuple(_entry(entry) for entry in _entries(_json(info, "info/paths.json")))
    elif "info/files" in info:
        prefixed = _prefixed(info.get("info/has_prefix", b""))
        lines = info["info/files"].decode("utf-8", "replace").splitlines()
        found = tuple(_old_entry(_path(line), prefixed) for line in lines if line)
    else:
        raise UnsafeError("it has neither info/paths.json nor info/files")
    paths = [each.path for each in found]
    if len(paths) != len(set(paths)):
        raise UnsafeError("it names a path twice")
    return found


def commands(info: Mapping[str, bytes]) -> tuple[tuple[str, ...], bool]:
    """Return the commands that are made for a package of pure Python, sorted, and whether it is one.

    Raises:
        UnsafeError: The installer cannot read `info/link.json`, or an entry point is no command.
    """
    if "info/link.json" not in info:
        return (), False
    link = _json(info, "info/link.json")
    noarch = link.get("noarch")
    if _json(info, "info/index.json").get("noarch") != "python":  # the installer does not read it
        return (), False
    if not isinstance(noarch, dict) or noarch.get("type") != "python":
        raise UnsafeError(f"its info/link.json has {noarch!r} as noarch, and it is of pure Python")
    if not _is_count(link.get("package_metadata_version")):
        raise UnsafeError("its info/link.json has no package_metadata_version")
    points = noarch.get("entry_points", [])
    if not _is_texts(points):
        raise UnsafeError(f"its info/link.json has {points!r} as entry_points")
    found = {point: _ENTRY_POINT.fullmatch(point) for point in points}
    for point, match in found.items():
        if match is None or match["command"] in {".", ".."}:
            raise UnsafeError(f"the entry point {point!r} is no command")
    return tuple(sorted({match["command"] for match in found.values() if match})), True


def _entries(paths: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    entries = paths.get("paths")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnsafeError("info/paths.json has no list of paths")
    if not _is_count(paths.get("paths_version")):
        raise UnsafeError("info/paths.json has no paths_version")
    return entries


def _entry(entry: Mapping[str, Any]) -> ListedPath:
    path = _path(entry.get("_path"))
    if entry.get("path_type") not in _PATH_TYPES:
        raise UnsafeError(f"info/paths.json has {entry.get('path_type')!r} as the type of {path}")
    for key, fits in _PATHS.items():
        if key in entry and not fits(entry[key]):
            raise UnsafeError(f"info/paths.json has {entry[key]!r} as {key} of {path}")
    placeholder = entry.get("prefix_placeholder")
    return ListedPath(
        path,
        entry["path_type"],
        entry.get("sha256") or "",
        placeholder if isinstance(placeholder, str) else "",
        entry.get("file_mode") == "binary",
    )


def _old_entry(path: str, prefixed: Mapping[str, tuple[str, str]]) -> ListedPath:
    placeholder, mode = prefixed.get(path, ("", ""))
    return ListedPath(path, placeholder=placeholder, binary=mode == "binary")


def _prefixed(text: bytes) -> dict[str, tuple[str, str]]:
    """Return placeholder and mode of the files that `info/has_prefix` names."""
    found = {}
    try:
        lines = [shlex.split(line) for line in text.decode().splitlines()]
    except ValueError:  # UnicodeDecodeError is one
        raise UnsafeError("info/has_prefix cannot be read") from None
    for words in lines:
        if len(words) == _HAS_PREFIX_WORDS and words[1] in _MODES:
            found[_path(words[2])] = (words[0], words[1])
        elif len(words) != 1:
            raise UnsafeError(f"info/has_prefix has the line {' '.join(words)!r}")
    return found


def _json(info: Mapping[str, bytes], name: str) -> Mapping[str, Any]:
    """Return a JSON object of the archive, empty where there is no such file."""
    try:
        found = json.loads(info.get(name, b"{}").decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UnsafeError(f"{name} is no JSON") from None
    if not isinstance(found, dict):
        raise UnsafeError(f"{name} is no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _path(path: object) -> str:
    """Return a path that a file of the archive names, or raise if it leads out."""
    if not isinstance(path, str):
        raise UnsafeError(f"{path!r} is no path")
    return safe(path)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 64


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_text_or_texts(value: object) -> bool:
    return isinstance(value, str) or _is_texts(value)


def _is_time(value: object) -> bool:
    return value is None or (type(value) is int and -(1 << 63) <= value < 1 << 63)


def _is_noarch(value: object) -> bool:
    return value is None or isinstance(value, bool) or value in {"python", "generic"}


_INDEX: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("name", "version", "build", "subdir"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("arch", "platform", "license", "license_family", "features"), _is_text),
    **dict.fromkeys(("depends", "constrains"), _is_texts),
    "build_number": _is_count,
    "noarch": _is_noarch,
    "purls": lambda value: value is None or _is_texts(value),
    "timestamp": _is_time,
    "track_features": _is_text_or_texts,
}
_PATHS: Mapping[str, Callable[[Any], bool]] = {
    "sha256": _is_text,
    "size_in_bytes": lambda value: value is None or _is_count(value),
    "no_link": lambda value: isinstance(value, bool),
}
