"""`conda-meta/history`: the revisions of an environment, as conda writes and reads them.

conda takes from it what the user asked for (`# update specs`), and `conda list --revisions` shows it. One replay of a
conda step is one revision. Its date is that of the newest package that is linked in it, not that of the replay: two
replays give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cortexlock.model.package import CondaPackage

_DEFAULTS = re.compile(r"(?:.*/)?pkgs/(?:main|r|free|pro)")
_SUBDIRS = re.compile(r"/(?:linux-64|linux-aarch64|noarch)/?$")


def append(
    prefix: Path, linked: Sequence[CondaPackage], *, specs: Sequence[str] = (), removed: Sequence[str] = ()
) -> bool:
    """Append a revision that leads from what the history says to what is installed, if they differ.

    Args:
        prefix: The environment.
        linked: The locked packages that were linked; they name their channels.
        specs: What was asked for, in conda's words.
        removed: Names of packages that nobody asks for any more.

    Returns:
        Whether there was anything to write.

    Raises:
        OSError: The history or a record cannot be read or written.
        ValueError: A record is no JSON.
    """
    path = prefix / "conda-meta" / "history"
    before = _state(path.read_text(encoding="utf-8") if path.is_file() else "")
    records = [json.loads(each.read_bytes()) for each in sorted(path.parent.glob("*.json"))]
    channels = {package.name: package.channel for package in linked}
    now = {_dist(record): _line(record, channels) for record in records}
    gone = [f"-{before[dist]}" for dist in before.keys() - now.keys()]
    new = [f"+{now[dist]}" for dist in now.keys() - before.keys()]
    if not gone and not new:
        return False
    times = [record.get("timestamp") or 0 for record in records if _dist(record) not in before]
    date = datetime.fromtimestamp(max(times, default=0) / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    asked = [f"# remove specs: {list(removed)!r}"] if removed else []
    asked += [f"# update specs: {list(specs)!r}"] if specs else []
    lines = [f"==> {date} <==", "# cmd: cortexlock install", *sorted(gone), *sorted(new), *asked]
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in lines))
    return True


def _state(text: str) -> dict[str, str]:
    """Return what is installed after the last revision: each entry by its `name-version-build`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        sign, entry = line[:1], line[1:].strip()
        if sign == "+":
            found[entry.rpartition("::")[2]] = entry
        elif sign == "-":
            found.pop(entry.rpartition("::")[2], None)
    return found


def _dist(record: Mapping[str, Any]) -> str:
    return f"{record['name']}-{record['version']}-{record.get('build', '')}"


def _line(record: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    """Return a package as the history names it: `channel/subdir::name-version-build`."""
    address = _SUBDIRS.sub("", urlsplit(str(record.get("channel") or "")).path).strip("/")
    recorded = "defaults" if _DEFAULTS.fullmatch(address) else address.rpartition("/")[2]
    channel = channels.get(record["name"], recorded)
    place = "/".join(part for part in (channel, str(record.get("subdir") or "")) if part)
    return f"{place}::{_dist(record)}" if channel else _dist(record)
