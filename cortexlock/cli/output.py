"""What goes to standard output and standard error: plain text, or one JSON document; colours on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from cortexlock.patterns import pattern
from cortexlock.quick_dataclass import dataclass

_STYLES = {"red": "1;31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}
# Control characters (C0 without newline, DEL, C1), but for the styles above: names and lines of files may hold them.
_CONTROL = pattern(rf"(\x1b\[(?:0|{'|'.join(_STYLES.values())})m)|[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_COMMAND = pattern(r"`[^`]+`")
_JOINT = "\ue000"  # stands for a blank that no line may be broken at; of a private area, so that no text has it


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
            self._print(text, sys.stdout)

    def text(self, content: str) -> None:
        """Print a file, byte for byte, LF and UTF-8 whatever the machine."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """Print one line on standard error."""
        self._print(text, sys.stderr)

    def document(self, value: Mapping[str, object] | Sequence[object]) -> None:
        """Print the JSON document; nothing without `--json`."""
        if self.as_json:
            import json  # noqa: PLC0415 - only `--json` pays for it

            print(json.dumps(value, indent=2))  # noqa: T201 - what programs read

    def styled(self, text: str, style: str, *, stream: TextIO | None = None) -> str:
        """Return text in a style (`red`, `green`, `yellow`, `dim`, `bold`) if the stream shows it."""
        if not self._styles(stream or sys.stdout):
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"

    def _print(self, text: str, stream: TextIO) -> None:
        safe = escaped(text, self._styles(stream))
        print(_fitted(safe) if stream.isatty() else safe, file=stream)

    def _styles(self, stream: TextIO) -> bool:
        return self.color and (stream.isatty() or _forces_color())


def escaped(text: str, styled: bool = False) -> str:  # noqa: FBT001, FBT002 - the one thing that can be kept
    r"""Return text that no terminal takes for a command: control characters as `\x1b`, newlines as they are.

    Args:
        text: The text.
        styled: Whether the styles of `Output.styled` are kept.
    """
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda found: found[0] if styled and found[1] else _visible(found[0]), text)


def _fitted(text: str) -> str:
    """Return text for a terminal, which would break long lines anywhere: they are broken between words.

    What stands in backquotes is one word, so that a command can be copied whole.
    """
    import shutil  # noqa: PLC0415 - only a terminal pays for it

    width = shutil.get_terminal_size().columns
    lines = text.split("\n")
    return text if max(map(len, lines)) <= width else "\n".join(_broken(line, width) for line in lines)


def _broken(line: str, width: int) -> str:
    import textwrap  # noqa: PLC0415 - as above

    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _JOINT), line)
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    wrapped = textwrap.wrap(
        whole,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return "\n".join(wrapped).replace(_JOINT, " ")


def _visible(text: str) -> str:
    return "".join(f"\\x{ord(character):02x}" if not character.isprintable() else character for character in text)


def _forces_color() -> bool:
    """Whether colours are wanted without a terminal, too (FORCE_COLOR, as Python itself reads it)."""
    return os.environ.get("FORCE_COLOR", "") not in {"", "0"}


def wants_color(arguments: Sequence[str]) -> bool:
    """Tell whether colours are wanted: not with `--no-color`, nor with NO_COLOR in the environment (no-color.org)."""
    refused = "--no-color" in arguments or bool(os.environ.get("NO_COLOR"))
    return not refused and (os.environ.get("TERM") != "dumb" or _forces_color())


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether the command was told `--json`, also where its options could not be read."""
    return "--json" in _options(arguments) or _is_set("CORTEXLOCK_JSON")


def wants_verbose(arguments: Sequence[str]) -> bool:
    """Tell whether the command was told `--verbose`, also where its options could not be read."""
    return not {"--verbose", "-v"}.isdisjoint(_options(arguments)) or _is_set("CORTEXLOCK_VERBOSE")


def _options(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in {"1", "true", "yes", "on"}
