"""The markers that git leaves where it cannot merge: `<<<<<<< HEAD`, `|||||||`, `=======`, `>>>>>>> branch`."""

from __future__ import annotations

from cortexlock.errors import InputError
from cortexlock.patterns import pattern

_BEGINNINGS = ("<" * 7, "|" * 7, "=" * 7, ">" * 7)
MARKER = pattern(r"(?P<kind><{7}|\|{7}|={7}|>{7})(?: .*|\r?$)")


def is_marker(line: str) -> bool:
    """Whether a line is a marker."""
    return line.startswith(_BEGINNINGS) and MARKER.fullmatch(line) is not None


def line_of(text: str) -> int | None:
    """Return the 1-based line of the first marker, or None."""
    if not any(each in text for each in _BEGINNINGS):
        return None
    return next((number for number, line in enumerate(text.splitlines(), start=1) if is_marker(line)), None)


def error(file: str, line: int | None) -> InputError:
    """Make the error of a file that somebody writes, at the line of its first marker."""
    what = "a merge conflict is not resolved: the line is one of its markers"
    return InputError.at(file, line, what, hint="keep what is right of both sides, and remove the markers")
