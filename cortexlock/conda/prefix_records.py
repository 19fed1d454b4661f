"""The records of a conda environment, in `conda-meta`: read within bounds, and checked where they are acted upon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cortexlock.errors import Advice, IntegrityError
from cortexlock.formats import prefix_file
from cortexlock.formats.member_paths import UnsafeError, safe
from cortexlock.patterns import pattern

_SITE_PACKAGES = pattern(r"(?P<directory>(?:.+/)?site-packages/)")


def read(prefix: Path) -> dict[Path, Mapping[str, Any]]:
    """Return the records of an environment by their files, sorted: name, version and all paths have been checked.

    Raises:
        DifferenceError: A record in `conda-meta` cannot be read.
        IntegrityError: A record names a path outside the environment.
    """
    return {path: _record(path) for path in _files(prefix)}


def by_name(prefix: Path) -> dict[str, Mapping[str, Any]]:
    """Return the records of an environment by the names of their packages; it fails as `read` does."""
    return {record["name"]: record for record in read(prefix).values()}


def entries(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a record says of each path, with the name of the package."""
    for entry in (record.get("paths_data") or {}).get("paths") or ():
        yield {**entry, "package": record["name"]}


def paths(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths that a record names, relative to the environment; most of them twice."""
    yield from record.get("files") or ()
    yield from (entry["_path"] for entry in entries(record))


def in_environment(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose entries have the paths of the environment.

    conda itself leaves those that a package of pure Python (`noarch: python`) has in its archive, `site-packages/…` and
    `python-scripts/…`, beside a list of files with the paths of the environment.
    """
    listed = entries(record) if record.get("noarch") == "python" else ()
    matches = (_SITE_PACKAGES.match(path) for path in record.get("files") or ())
    site_packages = next((match["directory"] for match in matches if match), "site-packages/")
    moved = []
    for entry in listed:
        path = entry["_path"]
        for ours, theirs in (("site-packages/", site_packages), ("python-scripts/", "bin/")):
            if path.startswith(ours):
                path = theirs + path.removeprefix(ours)
        moved.append({key: value for key, value in entry.items() if key != "package"} | {"_path": path})
    return {**record, "paths_data": {**record["paths_data"], "paths": moved}} if moved else dict(record)


def _files(prefix: Path) -> list[Path]:
    """Return the files of an environment's records, sorted."""
    return sorted((prefix / "conda-meta").glob("*.json"))


def _record(path: Path) -> Mapping[str, Any]:
    """Read a record, and check all of it that is acted upon."""
    record = prefix_file.read_json(path)
    wrong = _wrong_value(record) if isinstance(record, dict) else "it is no JSON object"
    if wrong:
        raise prefix_file.damaged(path, f"the record cannot be read: {wrong}")
    try:
        for named in (*(record.get("files") or ()), *(entry["_path"] for entry in entries(record))):
            safe(named)
    except UnsafeError as error:
        raise IntegrityError(f"the record is unsafe: {error}", where=str(path), hint=Advice.FRESH_COPY) from None
    return in_environment(record)


def _wrong_value(record: Mapping[str, Any]) -> str:
    """Return what is of another type than in conda's records, or nothing."""
    for key in ("name", "version"):
        if not isinstance(record.get(key), str):
            return f"it has no {key}"
    for key in ("build", "subdir", "fn", "sha256", "md5", "channel", "url"):
        if not isinstance(record.get(key) or "", str):
            return f"its {key} is no text"
    if not isinstance(record.get("size") or 0, int):
        return "its size is no number"
    files, data = record.get("files") or [], record.get("paths_data") or {}
    listed = (data.get("paths") or []) if isinstance(data, dict) else None
    if not isinstance(files, list) or not isinstance(listed, list):
        return "it has no list of files"
    if not all(isinstance(path, str) for path in files) or not all(map(_is_entry, listed)):
        return "its list of files has what is no path"
    return ""


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("_path"), str)
        and all(isinstance(entry.get(key) or "", str) for key in ("path_type", "sha256", "sha256_in_prefix"))
    )
