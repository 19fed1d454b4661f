"""Packages of pure Python that stay when Python changes: they are linked for one Python, and move to the new one.

conda links them anew from its package cache, which a replay does not have; their files are in the environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cortexlock.conda import prefix_records
from cortexlock.patterns import pattern
from cortexlock.storage import whole_file

_SITE_PACKAGES = pattern(r"lib/python[0-9.]+/site-packages/")
# What starts the interpreter: `#!/env/bin/python3.6`, and where that has a space or is too long for the kernel, as pip,
# conda and rattler write it, `#!/usr/bin/env python3.6` or `'''exec' "/env/bin/python3.6" "$0" "$@"` for /bin/sh.
_SHEBANG = pattern(rb"\A(#!(?:/bin/sh\n'''exec' )?[^\n]*[/ ]python)[0-9.]+(?=[\"'\s])")
_LONGEST = 127  # bytes of a first line


def relink(prefix: Path, python: str, *, but: Collection[str]) -> tuple[str, ...]:
    """Move the packages of pure Python in an environment to where another Python looks for them.

    A package is complete, and recorded, in the new place before it leaves the old one, so that a second call ends what
    a killed one has begun.

    Args:
        prefix: The environment.
        python: The minor version, `3.8`, of the Python that it has or is about to get.
        but: Names of packages that are replaced or removed.

    Returns:
        The names of the packages that were moved, sorted.

    Raises:
        OSError: A file cannot be moved.
    """
    moved = []
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = prefix_records.in_environment(json.loads(path.read_bytes()))
        if record.get("noarch") == "python" and record["name"] not in but and _relink(prefix, python, path, record):
            moved.append(str(record["name"]))
    return tuple(sorted(moved))


def _relink(prefix: Path, python: str, path: Path, record: dict[str, Any]) -> bool:
    """Move one package, of which the record is given with its path; return whether there was anything to move."""
    entries, old = [], []
    for entry in record.get("paths_data", {}).get("paths", []):
        before = entry["_path"]
        after = _SITE_PACKAGES.sub(f"lib/python{python}/site-packages/", before, count=1)
        if after == before:
            entries.append(_of_command(prefix, python, entry))
            continue
        old.append(prefix / before)
        if not before.endswith(".pyc"):  # compiled by the old Python
            _copy(prefix / before, prefix / after)
            entries.append({**entry, "_path": after})
    if not old:
        return False
    record["paths_data"]["paths"] = entries
    record["files"] = [entry["_path"] for entry in entries]
    whole_file.write(path, f"{json.dumps(record, indent=2, sort_keys=True)}\n".encode())
    for file in old:
        file.unlink(missing_ok=True)
    for directory in sorted({parent for file in old for parent in file.parents}, key=lambda each: -len(each.parts)):
        if _SITE_PACKAGES.match(directory.relative_to(prefix).as_posix() if prefix in directory.parents else ""):
            _remove_if_empty(directory)
    return True


def _of_command(prefix: Path, python: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a command that was made for the package start the new Python; return its entry."""
    path = prefix / entry["_path"]
    if entry.get("path_type") != "unix_python_entry_point" or not path.is_file():
        return entry
    before = path.read_bytes()
    after = _within_limit(_SHEBANG.sub(rb"\g<1>" + python.encode(), before))
    if after != before:
        whole_file.write(path, after, mode=stat.S_IMODE(path.stat().st_mode))
    known = {"sha256": hashlib.sha256(after).hexdigest(), "size_in_bytes": len(after)}
    return {**entry, **{key: value for key, value in known.items() if key in entry}}


def _within_limit(command: bytes) -> bytes:
    """Return a command whose first line is as short as the kernel needs it: `python3.10` is longer than `python3.9`."""
    line, end, rest = command.partition(b"\n")
    if len(line) <= _LONGEST:
        return command
    return b"#!/bin/sh\n'''exec' \"" + line.removeprefix(b"#!").strip() + b'" "$0" "$@" #\'\'\'' + end + rest


def _copy(source: Path, target: Path) -> None:
    """Copy a file; what is missing is found by the verification."""
    if source.is_symlink() or source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)


def _remove_if_empty(directory: Path) -> None:
    """Remove a directory that has nothing left."""
    if directory.is_dir() and not any(os.scandir(directory)):
        directory.rmdir()
