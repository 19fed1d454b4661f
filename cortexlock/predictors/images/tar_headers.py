"""Single headers of a tar: blocks of 512 bytes (POSIX.1-1988 ustar, as GNU tar and POSIX.1-2001 pax extend it).

A header as tar programs of today write it is taken apart here, in a fiftieth of the time that `tarfile` takes; what
differs from that `tarfile` parses, so that both read the same. Who owns a file, and when it was written, nobody reads.
"""

from __future__ import annotations

import tarfile
from struct import Struct
from typing import TypeAlias
from zlib import adler32

BLOCK = 512
_HALF = 256
_LOW = 0xFFFF  # of an Adler-32 checksum: 1 and the sum of the bytes, exact for up to 256 of them
_REST = 8 * 0x20 - 1  # the checksum's own field counts as blanks; less what is left of those ones
# name; size and its end; checksum; kind; target of a link; magic; prefix of the name
_FIELDS = Struct("100s 24x 11s c 12x 8s c 100s 5s 83x 155s 12x").unpack
_MAGIC = b"ustar"
_ENDS = frozenset({b"\0", b" "})
_DIRECTORY = tarfile.DIRTYPE
_LETTERS = frozenset(bytes([letter]) for letter in b"0123456789ABCDEFGHIJKLMNOPQRTUVWXYZgx")


class DamagedTarError(Exception):
    """Why a tar cannot be read."""


Header: TypeAlias = tuple[bytes, int, bytes, bytes]
"""A header: the letter of its kind, the size that it says, the name as written, and the target of a link."""


def parse(block: bytes) -> Header:
    """Parse a header of 512 bytes.

    Raises:
        DamagedTarError: It is none.
    """
    if len(block) != BLOCK:
        return _unusual(block)
    name, size, end, checksum, letter, target, magic, prefix = _FIELDS(block)
    total = (adler32(block[:_HALF]) & _LOW) + (adler32(block[_HALF:]) & _LOW) - (adler32(checksum) & _LOW) + _REST
    if (
        (checksum != b"%06o\0 " % total and checksum != b"%06o \0" % total)
        or magic != _MAGIC
        or not name[0]
        or end not in _ENDS
        or letter not in _LETTERS
        or not size.isdigit()
    ):
        return _unusual(block)
    try:
        length = int(size, 8)
    except ValueError:  # 8 or 9 is no digit there
        return _unusual(block)
    name = name.partition(b"\0")[0]
    if letter == _DIRECTORY:
        name = name.rstrip(b"/")
    if prefix[0] and letter not in tarfile.GNU_TYPES:
        name = prefix.partition(b"\0")[0] + b"/" + name
    return letter, length, name, target.partition(b"\0")[0] if target[0] else b""


def text(content: bytes) -> str:
    """Return a name, which is UTF-8 wherever it can be, up to its end."""
    return content.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _unusual(block: bytes) -> Header:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError as error:
        raise DamagedTarError(f"a header is wrong ({error})") from None
    if info.size < 0:
        raise DamagedTarError("a header has a negative size")
    name, target = (each.encode("utf-8", "surrogateescape") for each in (info.name, info.linkname))
    return info.type, info.size, name, target
