"""What pip says of its own errors, as plain text."""

from __future__ import annotations

from pip._internal.exceptions import DiagnosticPipError
from pip._vendor.rich.text import Text


def said(error: Exception) -> str:
    """Return the message of an error: those with a diagnosis have an id for their text, and markup in their message."""
    if not isinstance(error, DiagnosticPipError):
        return str(error).strip()
    message = error.message
    return Text.from_markup(message).plain if isinstance(message, str) else message.plain
