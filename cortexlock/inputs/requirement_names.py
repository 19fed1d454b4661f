"""The name of the package that a line of requirements is about, as it stands there: nothing is looked up for it."""

from __future__ import annotations

import re

from cortexlock.model.package import normalized
from cortexlock.patterns import pattern

_EGG = pattern(r"[#&]egg=(?P<name>[\w.-]+)")
_NAME = pattern(r"(?P<name>[A-Za-z0-9][\w.-]*)(?![\w.:/\\-])")
_FILE = pattern(r".*\.(?:whl|zip|tgz|tbz|txz|tlz|tar(?:\.\w+)?)", re.IGNORECASE)


def name_of(text: str) -> str:
    """Return a normalized name; nothing for options, and for paths and URLs that do not say one."""
    found = _EGG.search(text) or _NAME.match(text)
    return "" if found is None or _FILE.fullmatch(found["name"]) else normalized(found["name"])
