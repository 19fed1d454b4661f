"""Distributions of pip of which only METADATA is known: pip's own would have a directory and a file for each.

An image has dozens of them, for each resolution on top of it.
"""

from __future__ import annotations

from email.message import Message
from importlib import metadata
from typing import TYPE_CHECKING, Any, NoReturn

from pip._internal.metadata.importlib._dists import Distribution

if TYPE_CHECKING:
    from os import PathLike

    from pip._internal.metadata import BaseDistribution


def of_content(content: bytes) -> BaseDistribution:
    """Return a distribution whose METADATA anybody can have written, as bytes; what is in it is read when asked for."""
    return Distribution(_Read(content), None, None)


def of_ours(content: bytes) -> BaseDistribution:
    """Return a distribution whose METADATA is as `core_metadata.written` writes it: a line for each field, no more."""
    return Distribution(_Ours(content), None, None)


class _Read(metadata.Distribution):
    """A distribution that has METADATA, and no other file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read_text(self, filename: str) -> str | None:
        """Return METADATA, as a file is read: whatever its ends of lines."""
        if filename != "METADATA":
            return None
        return self._content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")

    def locate_file(self, path: str | PathLike[str]) -> NoReturn:
        """Refuse: there is no file."""
        raise NotImplementedError(path)


class _Ours(_Read):
    """One whose METADATA we wrote: a field in each line, so that it needs no parser of mail."""

    @property
    def metadata(self) -> Any:  # noqa: ANN401 - a message, which the standard library declares as a protocol
        """The fields, as a message; of a field that is there several times, all values."""
        message = Message()
        for line in self._content.decode("utf-8").split("\n"):
            field, colon, value = line.partition(": ")
            if colon:
                message[field] = value
        return message
