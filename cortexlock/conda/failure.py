"""What a conda executable answers where it fails, as conda itself does: JSON with a name and a message.

The embedded executable adds what it knows as values: `blamed`, and `url` and `reason` of a channel that it cannot read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MALFORMED = "MalformedChannel"
"""The embedded executable's name for a channel that has no repodata of conda's."""


class CondaFailedError(Exception):
    """A conda executable failed.

    Attributes:
        name: Conda's name for the error.
        message: What it says.
        blamed: Names of the packages that the embedded executable found to be in conflict; others do not say.
        url: What of a channel the embedded executable cannot read, without credentials; empty for anything else.
        reason: Why, to be said after the URL.
    """

    def __init__(self, name: str, message: str, blamed: Iterable[str] = (), url: str = "", reason: str = "") -> None:
        """Describe a failure; arguments are the attributes."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.blamed = frozenset(blamed)
        self.url = url
        self.reason = reason


def read(answer: Mapping[str, Any], otherwise: str) -> CondaFailedError:
    """Return the error that an answer describes; `otherwise` is said of one without a message."""
    problems = answer.get("solver_problems")
    message = "\n".join(problems) if isinstance(problems, list) else answer.get("message") or answer.get("error") or ""
    name = "UnsatisfiableError" if problems else answer.get("exception_name") or "CondaError"
    blamed = answer.get("blamed")
    return CondaFailedError(
        str(name),
        str(message).strip() or otherwise,
        (str(name) for name in blamed) if isinstance(blamed, list) else (),
        str(answer.get("url") or ""),
        str(answer.get("reason") or ""),
    )
