"""What goes to standard output and standard error: plain text, or one JSON document; colours on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

_STYLES = {"red": "1;31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


@dataclass(frozen=True, slots=True)
class Output:
    """How a command talks.

    Attributes:
        as_json: Standard output gets one JSON document and nothing else.
        quiet: Nothing but errors and what was asked for.
        verbose: Every event, terminal or not.
        color: Whether colours are wanted where there is a terminal.
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    @property
    def rich(self) -> bool:
        """Whether standard output is a terminal that shows tables."""
        return not self.as_json and sys.stdout.isatty()

    def line(self, text: str = "") -> None:
        """Print one line for people; nothing with `--json`."""
        if not self.as_json:
            print(text)  # noqa: T201 - this is where the command line prints

    def text(self, content: str) -> None:
        """Print a file, byte for byte, LF and UTF-8 whatever the machine."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """Print one line on standard error."""
        print(text, file=sys.stderr)  # noqa: T201 - as above

    def document(self, value: Mapping[str, object] | Sequence[object]) -> None:
        """Print the JSON document; nothing without `--json`."""
        if self.as_json:
            import json  # noqa: PLC0415 - only `--json` pays for it

            print(json.dumps(value, indent=2))  # noqa: T201 - as above

    def styled(self, text: str, style: str, *, stream: TextIO | None = None) -> str:
        """Return text in a style (`red`, `green`, `yellow`, `dim`, `bold`) if the stream shows it."""
        if not self.color or not (stream or sys.stdout).isatty():
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def wants_color(arguments: Sequence[str]) -> bool:
    """Tell whether colours are wanted: not with `--no-color`, nor with NO_COLOR in the environment (no-color.org)."""
    return "--no-color" not in arguments and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether the command was told `--json`, also where its options could not be read."""
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before
