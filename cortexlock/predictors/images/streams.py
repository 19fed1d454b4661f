"""The bytes of a layer or blob: a part of a file, hashed while it is read, unpacked, and bounded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO

from cortexlock.predictors.images import limits
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.images.unpacking import UNPACKING_ERRORS, Unpacker, is_compressed

_PIECE = 1 << 20  # bytes
_BETWEEN_SKIPS = 1 << 14  # bytes: most files are smaller, and a header is no more than two of a disk's pages
_MAGIC = 8  # bytes that tell how something is compressed


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes of a file: where they are, and what they must be.

    Attributes:
        file: The file, open for reading.
        offset: Where in it they begin.
        size: How many they are.
        name: What messages call them.
        digest: What they must hash to, `sha256:…`; empty: nobody says.
        unpacked_digest: What they must hash to when unpacked; empty: nobody says, or `digest` does.
    """

    file: IO[bytes]
    offset: int
    size: int
    name: str
    digest: str = ""
    unpacked_digest: str = ""

    def read(self) -> bytes:
        """Return all of a document, checked.

        Raises:
            IntegrityError: It is too large for one, or is not what its digest says.
        """
        if self.size > limits.DOCUMENT:
            raise damaged(f"{self.size} bytes are too many for a description of an image", self.name)
        self.file.seek(self.offset)
        content = self.file.read(self.size)
        digest = _hash(self.digest)
        if digest is not None:
            digest.update(content)
            self._check(self.digest, digest)
        return content

    @contextmanager
    def unpacked(self) -> Iterator[LayerStream | PlainStream]:
        """Give the bytes, unpacked. At the end what was not read is read, and the digests are checked.

        Raises:
            IntegrityError: They are damaged, are not what a digest says, or unpack to much more than layers do.
        """
        self.file.seek(self.offset)
        start = self.file.read(min(_MAGIC, self.size))
        compressed = is_compressed(start)
        wanted = self.digest or self.unpacked_digest
        if not compressed and not wanted:
            yield PlainStream(self)
            return
        digest = _hash(wanted)
        part = _Part(self)

        def hashed(piece: Callable[[], bytes]) -> Callable[[], bytes]:
            return piece if digest is None else partial(_hashed, piece, digest)

        if compressed:
            packed = hashed(part.piece) if self.digest else part.piece
            unpacker = Unpacker(packed, start)
            unpacked = unpacker.piece if self.digest else hashed(unpacker.piece)
        else:
            unpacked = hashed(part.piece)
        limit = limits.UNPACKED_ALWAYS + limits.UNPACKED_RATIO * self.size
        stream = LayerStream(unpacked, limit, self.name, packed=compressed)
        yield stream
        stream.drain()
        if digest is not None:
            self._check(wanted, digest)

    def _check(self, wanted: str, digest: hashlib._Hash) -> None:
        algorithm, _, value = wanted.partition(":")
        if digest.hexdigest() != value:
            raise damaged(f"its {algorithm} is {digest.hexdigest()}, the image says {value}", self.name)


class LayerStream:
    """Unpacked bytes, read forwards, no more of them than a layer has."""

    def __init__(self, unpacked: Callable[[], bytes], limit: int, name: str, *, packed: bool) -> None:
        """Read pieces, up to `limit` bytes."""
        self._unpacked = unpacked
        self._left = limit
        self._name = name
        self._packed = packed

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        with _readable(self._name, packed=self._packed):
            piece = self._unpacked()
        self._left -= len(piece)
        if self._left < 0:
            raise damaged("it unpacks to much more than layers do", self._name)
        return piece

    def skip(self, _size: int) -> int:
        """Return 0: nothing can be passed over without reading it."""
        return 0

    def drain(self) -> None:
        """Read to the end."""
        while self.piece():
            pass


class PlainStream:
    """Bytes that are not compressed, and that nobody says a digest of: what is passed over is not read at all."""

    def __init__(self, blob: Blob) -> None:
        """Read a blob from its beginning. Nothing else may read its file in the meantime."""
        self._file = blob.file
        self._left = blob.size
        self._name = blob.name
        blob.file.seek(blob.offset)

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        with _readable(self._name, packed=False):
            piece = self._file.read(min(_BETWEEN_SKIPS, self._left))
        self._left -= len(piece)
        return piece

    def skip(self, size: int) -> int:
        """Pass over up to `size` bytes; return how many there were."""
        size = min(size, self._left)
        self._file.seek(size, io.SEEK_CUR)
        self._left -= size
        return size


class _Part:
    """A part of a file, piece by piece."""

    def __init__(self, blob: Blob) -> None:
        self._file = blob.file
        self._at, self._end = blob.offset, blob.offset + blob.size

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        self._file.seek(self._at)
        piece = self._file.read(min(_PIECE, self._end - self._at))
        self._at += len(piece)
        return piece


def _hashed(piece: Callable[[], bytes], digest: hashlib._Hash) -> bytes:
    """Return the next piece, and hash it. A thread of its own for that was slower: it waits for the interpreter."""
    content = piece()
    digest.update(content)
    return content


@contextmanager
def _readable(name: str, *, packed: bool) -> Iterator[None]:
    """Say of what cannot be read or unpacked that it is damaged; what becomes of the bytes is another matter."""
    try:
        yield
    except UNPACKING_ERRORS as error:
        raise damaged(f"it cannot be {'unpacked' if packed else 'read'} ({error})", name) from None


def _hash(digest: str) -> hashlib._Hash | None:
    return hashlib.new(digest.partition(":")[0]) if digest else None
