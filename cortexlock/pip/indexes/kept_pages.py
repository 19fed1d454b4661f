"""Pages of indexes, kept: of each only what is for the target, with what tells whether it is still the page."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from math import inf
from pathlib import Path
from zlib import crc32

from cortexlock.formats import json_text
from cortexlock.pip.indexes import file_rows
from cortexlock.pip.indexes.page_filter import File
from cortexlock.storage.file_cache import FileCache
from cortexlock.storage.turns import Turns

_FORMAT = 3
_DIGITS = 10  # of seconds: three centuries


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it was when it was fetched last.

    Attributes:
        url: Where it was.
        asked: Where it was asked for.
        rows: Its files for the target, as `file_rows` writes them.
        sha256: The hash of all of it, hexadecimal.
        etag: The index's word for this state of it; empty: it has none.
        expires: Until when it need not be asked for again, in seconds since 1970.
    """

    url: str
    asked: str
    rows: bytes
    sha256: str
    etag: str = ""
    expires: float = 0

    def files(self, second: str) -> tuple[File, ...]:
        """Return the files that can be candidates; `second` is the last one in which they can have been published.

        Raises:
            ValueError: What was kept is not as this version keeps it.
        """
        return file_rows.up_to(self.rows, second)

    def is_fresh(self, now: float) -> bool:
        """Whether the index has said that the page is good until now."""
        return now < self.expires


class KeptPages:
    """A directory of pages, for one target."""

    def __init__(self, directory: Path, key: str, *, since: float = inf) -> None:
        """Keep pages in a directory, which need not be there yet.

        Args:
            directory: The directory.
            key: That of the page filter.
            since: What was asked for since then need not be asked for again, in seconds since 1970: when a command
                for several projects began.
        """
        self._cache = FileCache(directory, key, suffix=".jsonl")
        self._key = key
        self._turns = Turns(directory, since)
        self._since = since

    def turn(self, url: str) -> AbstractContextManager[None]:
        """Wait until no other process of the command fetches a page; it is of now then."""
        return self._turns.turn(f"{self._key}\0{url}")

    def is_of_now(self, url: str) -> bool:
        """Whether a page was asked for since the command began."""
        return self._cache.stamped(url) >= self._since

    def find(self, url: str) -> KeptPage | None:
        """Return what is kept of a page; None: nothing, or nothing that could be read."""
        content = self._cache.find(url)
        return None if content is None else _page(content, url)

    def keep(self, page: KeptPage, headers: Mapping[str, str], before: KeptPage | None = None) -> None:
        """Keep a page, with what the headers of the answer say of it. Where nothing can be written, it is not kept.

        Args:
            page: The page.
            headers: Those of the answer.
            before: What is kept of it; where it is the same, nothing is written.
        """
        page = replace(page, etag=headers.get("ETag", page.etag), expires=_expires(headers))
        if page != before:
            value = {name: getattr(page, name) for name in ("url", "asked", "sha256", "etag", "expires")}
            first = json.dumps({"format": _FORMAT, "crc32": crc32(page.rows), **value}, separators=(",", ":")).encode()
            self._cache.keep(page.asked, first + b"\n" + page.rows)
        self._cache.stamp(page.asked, time.time())  # by the clock of this machine, not that of the disk


def _page(content: bytes, asked: str) -> KeptPage | None:
    """Return the page that a file of the cache has, None if it is none, or is damaged."""
    first, _, rows = content.partition(b"\n")
    try:
        value = json_text.parsed(first)
    except json_text.JsonError:
        return None
    if not isinstance(value, dict) or value.get("format") != _FORMAT or value.get("asked") != asked:
        return None
    texts, expires = [value.get(name) for name in ("url", "sha256", "etag")], value.get("expires")
    if not all(isinstance(text, str) for text in texts) or not isinstance(expires, int | float):
        return None
    if value.get("crc32") != crc32(rows):
        return None
    return KeptPage(value["url"], asked, rows, value["sha256"], value["etag"], expires)


def _expires(headers: Mapping[str, str]) -> float:
    """Return until when an answer is good (RFC 9111), in seconds since 1970; 0: ask again."""
    parts = (part.partition("=") for part in headers.get("Cache-Control", "").split(","))
    directives = {name.strip().lower(): value.strip('" ') for name, _, value in parts}
    age, limit = headers.get("Age", "0"), directives.get("max-age", "")
    if not _is_number(limit) or not _is_number(age) or {"no-cache", "no-store"} & set(directives):
        return 0
    now = time.time()
    with suppress(KeyError, ValueError, TypeError):  # a clock that is wrong here must not make a page last for years
        now = min(now, parsedate_to_datetime(headers["Date"]).timestamp())
    return now + int(limit) - int(age)


def _is_number(text: str) -> bool:
    """Whether a text is a number of seconds that a clock can count."""
    return text.isdecimal() and len(text) <= _DIGITS
