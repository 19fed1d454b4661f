"""What is compressed unpacks to what it was, in whatever pieces it comes; what is damaged says so."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import sys
from collections.abc import Callable, Iterator

import pytest

from cortexlock.predictors.images.unpacking import UNPACKING_ERRORS, Unpacker, is_compressed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
}
NOISE = hashlib.shake_256(b"").digest((1 << 19) + 7)
CONTENTS = {"empty": b"", "small": b"a tar", "zeros": bytes(3 << 20), "piece": bytes(1 << 18), "noise": NOISE}
EMPTY_FRAME = b"\x50\x2a\x4d\x18\x03\0\0\0abc"  # of zstd, to be skipped


def _unpacked(packed: bytes, size: int) -> bytes:
    pieces = (packed[at : at + size] for at in range(0, len(packed), size))
    unpacker = Unpacker(lambda: next(pieces, b""), packed[:8])
    return b"".join(iter(unpacker.piece, b""))


def _sizes(packed: bytes) -> Iterator[int]:
    yield from (1 << 20, 4096)
    if len(packed) < 1 << 12:
        yield 1


@pytest.mark.parametrize("how", PACK)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=list(CONTENTS))
def test_contents(how: str, content: bytes) -> None:
    packed = PACK[how](content)
    assert is_compressed(packed)
    for size in _sizes(packed):
        assert _unpacked(packed, size) == content


@pytest.mark.parametrize("how", PACK)
def test_streams_in_a_row(how: str) -> None:
    packed = PACK[how](b"one ") + PACK[how](b"") + bytes(12) + PACK[how](b"two") + bytes(4)
    for size in (1 << 20, 3, 1):
        assert _unpacked(packed, size) == b"one two"


def test_frames_of_zstd_that_are_skipped() -> None:
    assert _unpacked(EMPTY_FRAME + zstd.compress(b"x") + EMPTY_FRAME, 5) == b"x"


@pytest.mark.parametrize("how", PACK)
@pytest.mark.parametrize("cut", [1, 3, 9])
def test_what_ends_early(how: str, cut: int) -> None:
    packed = PACK[how](NOISE)[:-cut]
    with pytest.raises(UNPACKING_ERRORS):
        _unpacked(packed, 1 << 16)


@pytest.mark.parametrize("how", PACK)
def test_what_is_damaged(how: str) -> None:
    packed = bytearray(PACK[how](NOISE))
    packed[len(packed) // 2] ^= 0xFF
    if how == "zstd":  # without a checksum of its own, its frames are checked by the digest of the layer alone
        packed[4:8] = b"\xff" * 4
    with pytest.raises(UNPACKING_ERRORS):
        _unpacked(bytes(packed), 1 << 16)
    with pytest.raises(UNPACKING_ERRORS):
        _unpacked(PACK[how](b"x") + b"something else", 1 << 16)
