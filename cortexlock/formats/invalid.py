"""What the generated validator raises."""

from __future__ import annotations


class InvalidDocumentError(Exception):
    """A document that is not as the schema wants it; the message is not for people."""
