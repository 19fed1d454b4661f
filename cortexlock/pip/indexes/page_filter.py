"""Which files of an index page can be candidates: what cannot is left out before pip makes objects of it.

Only what pip would pass over without a word is left out: wheels for other targets, and what was published after the
cut-off date. Whatever is odd stays, for pip to judge. What a page has for a target is found once, whatever the date.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

File: TypeAlias = Mapping[str, Any]
"""A file as the JSON of an index has it (PEP 691, PEP 700)."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_MOMENT = re.compile(
    r"(?P<seconds>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?"
)
"""Times as indexes write them: pip reads of ISO 8601 what the Python that runs it reads."""

_WHEEL = re.compile(r"[^\s-]+-\d[^\s-]*(?:-\d[^\s-]*)?-(?P<python>[^\s-]+)-(?P<abi>[^\s-]+)-(?P<platform>[^\s-]+)\.whl")
_SECONDS = len("2020-06-01T00:00:00")
_KEYS = ("filename", "url", "hashes", "requires-python", "yanked", "size", "upload-time")
_METADATA = ("core-metadata", "dist-info-metadata")


class PageFilter:
    """What is wanted of pages, for one target."""

    def __init__(self, tags: Iterable[str]) -> None:
        """Take the tags of the target (`cp36-cp36m-linux_x86_64`)."""
        self._tags = frozenset(tags)
        self.key = hashlib.sha256("\0".join(sorted(self._tags)).encode()).hexdigest()
        """What is the same where the same files are wanted."""

    def wanted(self, page: object) -> list[File]:
        """Return what a page has for the target, no more of each file than a resolution asks for.

        Args:
            page: The page, as its JSON says it.

        Raises:
            ValueError: It is no page.
        """
        files = page.get("files", []) if isinstance(page, dict) else None
        if not isinstance(files, list) or not all(map(is_file, files)):
            raise ValueError("it is no list of files (PEP 691)")
        return [_compact(file) for file in files if self._fits(file)]

    def _fits(self, file: Mapping[str, Any]) -> bool:
        name = _name(file)
        match = _WHEEL.fullmatch(name) if name.endswith(".whl") else None
        return match is None or self._supports(*match.group("python", "abi", "platform"))

    def _supports(self, pythons: str, abis: str, platforms: str) -> bool:
        return any(
            f"{python}-{abi}-{platform}".lower() in self._tags
            for python in pythons.split(".")
            for abi in abis.split(".")
            for platform in platforms.split(".")
        )


def last_second(cut_off: str | None) -> str:
    """Return the last second in which a file can have been published, as `published` has it.

    Args:
        cut_off: The cut-off date in RFC 3339, UTC; None: there is none.
    """
    return cut_off[:_SECONDS] if cut_off and _TIME.fullmatch(cut_off) else "A"  # after all digits


def published(file: File) -> str:
    """Return the second in which one of the wanted files was published, in UTC; texts in the order of time.

    Empty: whatever the cut-off date, pip is to judge.
    """
    time, name = file.get("upload-time") or "", _name(file)
    is_odd = name.endswith(".whl") and not _WHEEL.fullmatch(name)
    return time[:_SECONDS] if _TIME.fullmatch(time) and not is_odd else ""


def is_file(file: object) -> bool:
    """Whether something is a file as far as pip relies on it."""
    if not isinstance(file, dict) or not isinstance(file.get("url", ""), str):
        return False
    hashes = file.get("hashes", {})
    texts = [file.get(key) or "" for key in ("filename", "requires-python", "upload-time")]
    return isinstance(hashes, dict) and all(isinstance(text, str) for text in (*texts, *hashes.values()))


def _name(file: File) -> str:
    return str(file.get("filename") or file.get("url", "").partition("#")[0].rpartition("/")[2])


def _compact(file: Mapping[str, Any]) -> File:
    compact = {key: file[key] for key in _KEYS if file.get(key) is not None}
    if "upload-time" in compact:
        time = _moment(compact.pop("upload-time"))
        compact |= {"upload-time": time} if time else {}
    metadata = next((file[key] for key in _METADATA if file.get(key) is not None), None)
    return compact if metadata is None else {**compact, "core-metadata": metadata}


def _moment(text: str) -> str | None:
    """Return an upload time as each Python reads it, in UTC where it names no zone; None: it is none."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    seconds, fraction, zone = match.group("seconds", "fraction", "zone")
    part = f".{fraction[:6].ljust(6, '0')}" if fraction else ""
    offset = zone if zone and zone not in "Zz" else "Z"
    offset = offset if ":" in offset or offset == "Z" else f"{offset[:3]}:{offset[3:]}"
    try:
        datetime.fromisoformat(f"{seconds[:10]}T{seconds[11:]}{part}{offset.replace('Z', '+00:00')}")
    except ValueError:
        return None
    return f"{seconds[:10]}T{seconds[11:]}{part}{offset}"
