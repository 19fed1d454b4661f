"""What unpacks layers: gzip, zstd, bzip2 and xz, piece by piece, in bounded memory."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from cortexlock.predictors.images import limits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACKING_ERRORS = (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError)
"""What is raised where something cannot be read or unpacked."""

_PIECE = 1 << 18  # bytes, at most: what is unpacked is still in the processor's cache when it is looked at
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = tuple(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))  # frames of zstd without content
_BZIP2, _XZ = b"BZh", b"\xfd7zXZ\x00"
_XZ_MEMORY = 1 << 27  # bytes: `xz -9` needs half of it
_OTHERS = {b"PK\x03\x04": "zip"}


class _Decoder(Protocol):
    """What unpacks one stream, frame or member, as `lzma.LZMADecompressor` does."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Unpacker:
    """Unpacks what comes in pieces."""

    def __init__(self, packed: Callable[[], bytes], start: bytes) -> None:
        """Unpack pieces, which end with an empty one and begin with `start`."""
        self._packed = packed
        self._new = _decoder_of(start)
        self._decoder = self._new()

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only.

        Raises:
            UNPACKING_ERRORS: It is damaged, or ends early.
        """
        while True:
            content, more = b"", True
            if self._decoder.eof:  # a file may have several streams, with zeros between them
                content = self._next_stream()
                if not content:
                    return b""
                self._decoder = self._new()
            elif self._decoder.needs_input:
                content = self._packed()
                more = bool(content)
            piece = self._decoder.decompress(content, _PIECE)
            if piece:
                return piece
            if not more and not self._decoder.eof:
                raise EOFError("it ends early")

    def _next_stream(self) -> bytes:
        content = self._decoder.unused_data.lstrip(b"\0")
        while not content:
            packed = self._packed()
            if not packed:
                break
            content = packed.lstrip(b"\0")
        return content


class _Inflater:
    """A member of gzip, whose header and checksum zlib reads."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more input."""
        return not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What comes after the member."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Unpack up to `max_length` bytes of what was given before and of `data`."""
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


def is_compressed(start: bytes) -> bool:
    """Whether a file that starts so is compressed in a way that layers are."""
    return start.startswith((_GZIP, _ZSTD, _BZIP2, _XZ, *_SKIPPABLE))


def other_compression(start: bytes) -> str:
    """Return how a file that starts so is compressed, in ways that are not read; else nothing."""
    return next((name for magic, name in _OTHERS.items() if start.startswith(magic)), "")


def _decoder_of(start: bytes) -> Callable[[], _Decoder]:
    """Return what makes decoders for what starts so."""
    if start.startswith(_GZIP):
        return _Inflater
    if start.startswith(_BZIP2):
        return bz2.BZ2Decompressor
    if start.startswith(_XZ):
        return lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY)  # `lzma.LZMAFile` has no bound
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: limits.WINDOW_LOG}
    return lambda: zstd.ZstdDecompressor(options=options)
