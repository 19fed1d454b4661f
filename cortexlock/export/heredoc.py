"""Text within a shell script: here-documents in which variables and commands are replaced, and quoted words."""

from __future__ import annotations

ESCAPED = str.maketrans({"\\": "\\\\", "`": "\\`", "$": "\\$"})
"""Of a text that is to stand in a here-document as it is."""

QUOTED = {**ESCAPED, **str.maketrans({'"': '\\"'})}
"""Of a text that is to stand between double quotes as it is."""


def command(target: str, text: str) -> str:
    """Return the command that writes a text, with what is to be replaced in it, into a file; the text ends its line."""
    return f"cat >{target} <<END\n{text}END"


def is_one(text: str) -> bool:
    """Whether a command is one of these, whose lines cannot be indented."""
    return "<<" in text
