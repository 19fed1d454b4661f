"""The script that describes the image it runs in: `snapshot.py`, with what it imports of this package put into it."""

from __future__ import annotations

import pkgutil
import re

_PACKAGE = "cortexlock.predictors"
_IMPORT = re.compile(rf"(?m)^from {re.escape(_PACKAGE)}\.(\w+) import .*$")


def snapshot_script() -> str:
    """Return the text of `snapshot` as a script: in place of its imports of ours stand the modules themselves."""
    return _IMPORT.sub(lambda match: _source(match[1]), _source("snapshot"))


def _source(module: str) -> str:
    content = pkgutil.get_data(_PACKAGE, f"{module}.py")
    if content is None:  # pragma: no cover - only a loader without sources
        raise AssertionError
    return content.decode("utf-8")
