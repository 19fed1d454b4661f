"""Secrets in what an image says: user info and query of a URL go into no file and no message."""

from __future__ import annotations

import re

_USER_INFO = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(?P<url>://[^\s?#]*)\?[^\s#]*")


def without_secrets(text: str) -> str:
    """Return a text whose URLs have no user info and no query: what is harmless there nobody can list."""
    return _QUERY.sub(r"\g<url>", _USER_INFO.sub("", text))
