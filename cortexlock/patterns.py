"""Regular expressions that are compiled when they are first used.

To compile one takes 0.1 to 2 ms. Of those of the modules that a command loads it uses few.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr

_METHODS = ("fullmatch", "match", "search", "finditer", "findall", "split", "sub", "subn")


class _Pattern:
    """Stands for a compiled pattern, which it has the methods of once one of them is asked for: a use costs nothing."""

    def __init__(self, written: str | bytes, flags: int = 0) -> None:
        self.pattern = written
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


if TYPE_CHECKING:

    def pattern(written: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """Return a pattern that is compiled when it is first used, and only then found to be none (`re.error`)."""
else:
    pattern = _Pattern
