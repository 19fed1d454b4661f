"""Hashes of files, read piece by piece."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from cortexlock.formats import regular_file

_PIECE = 1 << 20


def stream_digest(stream: IO[bytes], algorithm: str = "sha256") -> str:
    """Return the hash of what is left of a stream, hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which `check` of few files does without

    hasher = hashlib.new(algorithm, usedforsecurity=False)
    while piece := stream.read(_PIECE):
        hasher.update(piece)
    return hasher.hexdigest()


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the hash of a file, hexadecimal.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    with regular_file.opened(path) as file:
        return stream_digest(file, algorithm)
