"""Links of plain URLs, of which a page has thousands: what pip finds out of a URL in five steps, one look tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult

from pip._internal.models import link as link_module
from pip._internal.models.link import Link

_PLAIN_URL = re.compile(r"(https?)://([A-Za-z0-9.:-]+)(/[A-Za-z0-9_.~/-]*)")
"""URLs with nothing to quote or unquote, no query and no fragment."""

_quoted: Callable[[str], str] = vars(link_module)["_ensure_quoted_url"]
_make: Any = vars(Link)["__init__"]


def quoted(url: str) -> str:
    """Stand in for pip's quoting of URLs: nearly all have nothing to quote."""
    return url if _PLAIN_URL.fullmatch(url) else _quoted(url)


def make(self: Link, url: str, *args: Any, **facts: Any) -> None:  # noqa: ANN401 - pip's own
    """Stand in for `Link.__init__`, with the same attributes; `facts` are its keyword arguments."""
    match = None if args else _PLAIN_URL.fullmatch(url)
    if match is None:
        _make(self, url, *args, **facts)
        return
    scheme, host, path = match.groups()
    self._parsed_url = SplitResult(scheme, host, path, "", "")
    self._url = url
    self._path = path
    self._hashes = dict(facts.get("hashes") or ())
    self.comes_from = facts.get("comes_from")
    self.requires_python = facts.get("requires_python") or None
    self.yanked_reason = facts.get("yanked_reason")
    self.metadata_file_data = facts.get("metadata_file_data")
    self.upload_time = facts.get("upload_time")
    self.cache_link_parsing = facts.get("cache_link_parsing", True)
    self.egg_fragment = None
