"""URLs of files and indexes, taken to pieces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from cortexlock.errors import UsageError
from cortexlock.inputs import url_secrets
from cortexlock.patterns import pattern

_URL_WITH_USER = pattern(r"https?://[^\s/@\"']+@[^\s\"'#]+")


def urls_with_credentials(text: str) -> Iterator[str]:
    """Yield the URLs with user and password in a text."""
    yield from _URL_WITH_USER.findall(text)


def without_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split a URL into itself without user and password, and these, unquoted, or None.

    Raises:
        UsageError: It is no URL.
    """
    wrong = url_secrets.why_no_url(url)
    if wrong:
        raise UsageError(f"an index has a URL that is none: {wrong}", hint="name it by its URL, https://host/path")
    parts = urlsplit(url)
    user_info, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = user_info.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user), unquote(password))


def local_path(url: str) -> Path | None:
    """Return the path of a `file:` URL, None for other URLs."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    if os.name == "nt":  # pragma: no cover - drives
        from urllib.request import url2pathname  # noqa: PLC0415 - brings all of HTTP along

        return Path(url2pathname(parts.path))
    return Path(unquote(parts.path))
