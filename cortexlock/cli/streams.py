"""Standard output and standard error as the commands see them: what cannot be written ends them in one way."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


class UnwritableError(Exception):
    """Standard output or standard error cannot be written; no `OSError`, so that nothing but the boundary takes it.

    Attributes:
        name: Which of the two: `standard output` or `standard error`.
        reason: What the system says.
        reader_gone: Whether it is a pipe that nobody reads any more.
    """

    def __init__(self, name: str, error: OSError) -> None:
        """Take over what the system says."""
        super().__init__(name)
        self.name = name
        self.reason = error.strerror or str(error)
        self.reader_gone = isinstance(error, BrokenPipeError)


class _Checked:
    """A stream whose failures are `UnwritableError`; it is the stream itself in everything else."""

    def __init__(self, stream: Any, name: str) -> None:  # noqa: ANN401 - of text or of bytes
        self._stream = stream
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 - any attribute of the stream
        return getattr(self._stream, attribute)

    @property
    def buffer(self) -> _Checked:
        return _Checked(self._stream.buffer, self._name)

    def write(self, content: str | bytes) -> int:
        try:
            return int(self._stream.write(content))
        except OSError as error:
            if not content:  # Typer finds out so what kind of stream it is, and takes an error for an answer
                return 0
            self._discard()
            raise UnwritableError(self._name, error) from None

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._discard()
            raise UnwritableError(self._name, error) from None

    def _discard(self) -> None:
        """Let what is still buffered not fail once more when the interpreter ends."""
        with suppress(OSError):  # a stream of tests has no descriptor
            descriptor = os.open(os.devnull, os.O_WRONLY)
            os.dup2(descriptor, self._stream.fileno())
            os.close(descriptor)


@contextmanager
def checked() -> Iterator[None]:
    """Let standard output and standard error be checked, and escape what their encodings do not have.

    Raises:
        UnwritableError: Standard output is closed.
    """
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - it is no path of a file system everywhere
        sys.stderr = _prepared(sys.stderr or nowhere, "standard error")
        try:
            if sys.stdout is None:
                raise UnwritableError("standard output", OSError("it is closed"))
            sys.stdout = _prepared(sys.stdout, "standard output")
            yield
        finally:
            sys.stdout, sys.stderr = before


def _prepared(stream: TextIO, name: str) -> TextIO:
    with suppress(AttributeError):  # not all streams that tests or programs put there can be told
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]  # as said
    return cast("TextIO", _Checked(stream, name))
