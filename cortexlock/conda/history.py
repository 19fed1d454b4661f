"""`conda-meta/history`: the revisions of an environment, as conda writes and reads them.

conda takes from it what the user asked for (`# update specs`), and `conda list --revisions` shows it. One replay of a
conda step is one revision. Its date is that of the newest package that is linked in it, not that of the replay: two
replays give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cortexlock.formats import prefix_file
from cortexlock.model.package import CondaPackage
from cortexlock.patterns import pattern
from cortexlock.storage import whole_file

_DEFAULTS = pattern(r"(?:.*/)?pkgs/(?:main|r|free|pro)")
_NEVER = 253_402_300_800_000  # milliseconds since 1970, where the year 10000 begins
_SUBDIRS = pattern(r"/(?:linux-64|linux-aarch64|noarch)/?$")


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
        DifferenceError: The history or a record cannot be read.
        OSError: The history cannot be written.
    """
    path = prefix / "conda-meta" / "history"
    written = prefix_file.read_text(path) or ""
    before = _state(written)
    records = [prefix_file.read_json(each) for each in sorted(path.parent.glob("*.json"))]
    channels = {package.name: package.channel for package in linked}
    now = {_dist(record): _line(record, channels) for record in records}
    gone = [f"-{before[dist]}" for dist in before.keys() - now.keys()]
    new = [f"+{now[dist]}" for dist in now.keys() - before.keys()]
    if not gone and not new:
        return False
    times = [_seconds(record) for record in records if _dist(record) not in before]
    date = datetime.fromtimestamp(max(times, default=0), timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    asked = [f"# remove specs: {list(removed)!r}"] if removed else []
    asked += [f"# update specs: {list(specs)!r}"] if specs else []
    lines = [f"==> {date} <==", "# cmd: cortexlock install", *sorted(gone), *sorted(new), *asked]
    whole_file.write(path, (written + "".join(f"{line}\n" for line in lines)).encode())
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


def _seconds(record: Mapping[str, Any]) -> float:
    """Return when a package was built, in seconds since 1970; 0 where its record has no time that any year has."""
    told = record.get("timestamp")
    return told / 1000 if isinstance(told, (int, float)) and 0 <= told < _NEVER else 0


def _dist(record: Mapping[str, Any]) -> str:
    return f"{record['name']}-{record['version']}-{record.get('build', '')}"


def _line(record: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    """Return a package as the history names it: `channel/subdir::name-version-build`."""
    address = _SUBDIRS.sub("", urlsplit(str(record.get("channel") or "")).path).strip("/")
    recorded = "defaults" if _DEFAULTS.fullmatch(address) else address.rpartition("/")[2]
    channel = channels.get(record["name"], recorded)
    place = "/".join(part for part in (channel, str(record.get("subdir") or "")) if part)
    return f"{place}::{_dist(record)}" if channel else _dist(record)
