"""The bytes of a layer or blob: a part of a file, hashed while it is read, unpacked, and bounded."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from cortexlock.predictors.images import limits
from cortexlock.predictors.images.limits import damaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 1 << 18
_LARGE_PIECE = 1 << 20
_BETWEEN_SKIPS = 1 << 14  # bytes: most files are smaller, and a header is no more than two of a disk's pages
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = tuple(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))  # frames of zstd without content
_BZIP2, _XZ = b"BZh", b"\xfd7zXZ\x00"
_XZ_MEMORY = 1 << 27  # bytes: `xz -9` needs half of it
_MAGIC = 8  # bytes that tell how something is compressed
_OTHERS = {b"PK\x03\x04": "zip"}


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
        packed = _hash(self.digest if compressed else wanted)
        whole = _hash(self.unpacked_digest if compressed and not self.digest else "")
        part = io.BufferedReader(_Part(self, packed), _PIECE)
        limit = limits.UNPACKED_ALWAYS + limits.UNPACKED_RATIO * self.size
        with _readable(self.name, packed=compressed):
            source = _opened(part, start) if compressed else part
        stream = LayerStream(source, whole, limit, self.name, packed=compressed)
        yield stream
        stream.drain()
        with _readable(self.name, packed=compressed):
            while part.read(_PIECE):  # what comes after the end of what is compressed
                pass
        if packed is not None:
            self._check(wanted, packed)
        if whole is not None:
            self._check(self.unpacked_digest, whole)

    def _check(self, wanted: str, digest: hashlib._Hash) -> None:
        algorithm, _, value = wanted.partition(":")
        if digest.hexdigest() != value:
            raise damaged(f"its {algorithm} is {digest.hexdigest()}, the image says {value}", self.name)


class LayerStream:
    """Unpacked bytes, read forwards, no more of them than a layer has."""

    def __init__(self, source: IO[bytes], digest: hashlib._Hash | None, limit: int, name: str, *, packed: bool) -> None:
        """Read from a source, which unpacks or not, up to `limit` bytes, and hash them."""
        self._source = source
        self._digest = digest
        self._left = limit
        self._name = name
        self._packed = packed

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        with _readable(self._name, packed=self._packed):
            piece = self._source.read(_LARGE_PIECE)
        if self._digest is not None:
            self._digest.update(piece)
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


class _Part(io.RawIOBase):
    """A part of a file, hashed while it is read."""

    def __init__(self, blob: Blob, digest: hashlib._Hash | None) -> None:
        self._file = blob.file
        self._at, self._end = blob.offset, blob.offset + blob.size
        self._digest = digest

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - `Buffer` has a name from Python 3.12 on
        """Fill a buffer; return with how many bytes."""
        self._file.seek(self._at)
        wanted = memoryview(buffer)[: self._end - self._at]
        count: int = self._file.readinto(wanted)  # type: ignore[attr-defined]  # files and buffers have it
        self._at += count
        if self._digest is not None:
            self._digest.update(wanted[:count])
        return count


class _Xz(io.RawIOBase):
    """What unpacks xz, with a bound to its memory, which `lzma.LZMAFile` has not."""

    def __init__(self, source: io.BufferedReader[Any]) -> None:
        self._source = source
        self._decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - as above
        """Fill a buffer; return with how many bytes."""
        while True:
            content = b""
            if self._decoder.eof:  # a file may have several streams, with zeros between them
                content = (self._decoder.unused_data or self._source.read(_PIECE)).lstrip(b"\0")
                if not content and not self._source.peek(1):
                    return 0
                self._decoder = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            elif self._decoder.needs_input:
                content = self._source.read(_PIECE)
                if not content:
                    raise EOFError("it ends early")
            piece = self._decoder.decompress(content, max_length=len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)


def is_compressed(start: bytes) -> bool:
    """Whether a file that starts so is compressed in a way that layers are."""
    return start.startswith((_GZIP, _ZSTD, _BZIP2, _XZ, *_SKIPPABLE))


def other_compression(start: bytes) -> str:
    """Return how a file that starts so is compressed, in ways that are not read; else nothing."""
    return next((name for magic, name in _OTHERS.items() if start.startswith(magic)), "")


def _opened(source: io.BufferedReader[Any], start: bytes) -> IO[bytes]:
    """Return what unpacks bytes that are compressed."""
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=source)  # type: ignore[return-value]  # it is all that is needed of one
    if start.startswith(_BZIP2):
        return bz2.BZ2File(source)
    if start.startswith(_XZ):
        return io.BufferedReader(_Xz(source), _PIECE)
    options = {zstd.DecompressionParameter.window_log_max: limits.WINDOW_LOG}
    return zstd.ZstdFile(source, options=options)  # type: ignore[return-value, arg-type]  # as above


@contextmanager
def _readable(name: str, *, packed: bool) -> Iterator[None]:
    """Say of what cannot be read or unpacked that it is damaged; what becomes of the bytes is another matter."""
    try:
        yield
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError) as error:
        raise damaged(f"it cannot be {'unpacked' if packed else 'read'} ({error})", name) from None


def _hash(digest: str) -> hashlib._Hash | None:
    return hashlib.new(digest.partition(":")[0]) if digest else None
