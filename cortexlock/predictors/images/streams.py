"""The bytes of a layer or blob: a part of a file, hashed while it is read, unpacked, and bounded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO

from cortexlock.predictors.images import limits
from cortexlock.predictors.images.file_digest import FileDigest, descriptor_of
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
            self._check(self.digest, digest.hexdigest())
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
        if self.digest or (self.unpacked_digest and not compressed):
            with self._compared(self.digest or self.unpacked_digest):
                yield from self._given(start, None, compressed=compressed)
            return
        digest = _hash(self.unpacked_digest)
        yield from self._given(start, digest, compressed=compressed)
        if digest is not None:
            self._check(self.unpacked_digest, digest.hexdigest())

    def _given(
        self, start: bytes, digest: hashlib._Hash | None, *, compressed: bool
    ) -> Iterator[LayerStream | PlainStream]:
        """Give the bytes that begin with `start`, and hash what comes out of them."""
        if not compressed:
            yield PlainStream(self)
            return
        unpacker = Unpacker(_Part(self).piece, start)
        unpacked = unpacker.piece if digest is None else partial(_hashed, unpacker.piece, digest)
        stream = LayerStream(unpacked, limits.UNPACKED_ALWAYS + limits.UNPACKED_RATIO * self.size, self.name)
        yield stream
        stream.drain()

    @contextmanager
    def _compared(self, wanted: str) -> Iterator[None]:
        """Hash the bytes of the file meanwhile, and compare the digest at the end."""
        found = FileDigest(self.file, self.offset, self.size, wanted.partition(":")[0])
        try:
            yield
            with _readable(self.name, packed=False):
                digest = found.hexdigest()
            self._check(wanted, digest)
        finally:
            found.stop()

    def _check(self, wanted: str, found: str) -> None:
        algorithm, _, value = wanted.partition(":")
        if not found:
            raise damaged("it was written while it was read", self.name)
        if found != value:
            raise damaged(f"its {algorithm} is {found}, the image says {value}", self.name)


class LayerStream:
    """Unpacked bytes, read forwards, no more of them than a layer has."""

    def __init__(self, unpacked: Callable[[], bytes], limit: int, name: str) -> None:
        """Read pieces, up to `limit` bytes."""
        self._unpacked = unpacked
        self._left = limit
        self._name = name

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        with _readable(self._name, packed=True):
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
    """Bytes that are not compressed: what is passed over is not read at all."""

    def __init__(self, blob: Blob) -> None:
        """Read a blob from its beginning. Nothing else may read its file in the meantime."""
        self._read = _reader_of(blob.file)
        self._at, self._end = blob.offset, blob.offset + blob.size
        self._name = blob.name

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        try:  # not `_readable`, which would cost half of it
            piece = self._read(min(_BETWEEN_SKIPS, self._end - self._at), self._at)
        except OSError as error:
            raise damaged(f"it cannot be read ({error})", self._name) from None
        self._at += len(piece)
        return piece

    def skip(self, size: int) -> int:
        """Pass over up to `size` bytes; return how many there were."""
        size = min(size, self._end - self._at)
        self._at += size
        return size


def _reader_of(file: IO[bytes]) -> Callable[[int, int], bytes]:
    """Return what reads that many bytes of a file from a place: without a buffer, which costs a quarter of the time."""
    number = descriptor_of(file)
    if number is not None and hasattr(os, "pread"):
        return partial(os.pread, number)

    def read(size: int, place: int) -> bytes:
        file.seek(place)
        return file.read(size)

    return read


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
    """Return the next piece, and hash it: in small pieces a thread of its own would wait for the interpreter."""
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
