"""A tar, member by member, from a stream that can only be read forwards, with every extended header bounded.

`tarfile` reads what a header asks for, however long it says to be, before anyone can look; here only its parser of
single headers is used. Formats: ustar, pax and GNU, as POSIX.1-2001 (pax) and GNU tar's manual have them.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from cortexlock.predictors.images import limits

Kind: TypeAlias = Literal["file", "directory", "symlink", "hard-link", "other"]

_BLOCK = 512
_PIECE = 1 << 18
_PAX, _PAX_OF_SUN, _PAX_GLOBAL = b"x", b"X", b"g"
_LONG_NAME, _LONG_LINK, _SPARSE = b"L", b"K", b"S"
_KINDS: dict[bytes, Kind] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hard-link",
}
_WITHOUT_CONTENT = frozenset({"directory", "symlink", "hard-link"})
_EXTENDED_AT, _MORE_AT = 482, 504  # where GNU's sparse headers say that another one follows


class DamagedTarError(Exception):
    """Why a tar cannot be read."""


class Readable(Protocol):
    """What a tar is read from: `read` returns less than asked for at the end only."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        ...

    def skip(self, size: int, /) -> int:
        """Pass over up to `size` bytes; return how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a tar: its name as written, what it is, the bytes of its content, and the target of a link."""

    name: str
    kind: Kind
    size: int
    target: str = ""


class TarMembers:
    """The members of a tar; while one is looked at, its content can be read once."""

    def __init__(self, stream: Readable) -> None:
        """Start at the stream's present position."""
        self._stream = stream
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yield the members in their order.

        Raises:
            DamagedTarError: A header is wrong, or the tar ends within a member.
        """
        while True:
            self._pass_over()
            member = self._next()
            if member is None:
                return
            yield member

    def content(self) -> Iterator[bytes]:
        """Yield the rest of the present member's content, in pieces.

        Raises:
            DamagedTarError: The tar ends before it.
        """
        while self._left:
            piece = self._stream.read(min(self._left, _PIECE))
            if not piece:
                raise DamagedTarError("it ends within a file")
            self._left -= len(piece)
            yield piece

    def _pass_over(self) -> None:
        """Pass over what was not read of the present member."""
        size = self._left + self._padding
        if size and self._stream.skip(size) < self._left:
            raise DamagedTarError("it ends within a file")
        self._left = self._padding = 0

    def _next(self) -> Member | None:
        """Return the next member; its extended headers come before it."""
        said: dict[str, str] = {}
        while (header := self._header()) is not None:
            info, block = header
            if info.type in {_PAX, _PAX_OF_SUN}:
                said.update(_pax(self._extended(info.size)))
            elif info.type == _PAX_GLOBAL:
                self._extended(info.size)  # comments; nobody writes a path there
            elif info.type == _LONG_NAME:
                said.setdefault("path", _text(self._extended(info.size)))
            elif info.type == _LONG_LINK:
                said.setdefault("linkpath", _text(self._extended(info.size)))
            else:
                return self._member(info, block, said)
        if said:
            raise DamagedTarError("it ends after an extended header")
        return None

    def _header(self) -> tuple[tarfile.TarInfo, bytes] | None:
        """Return the next header and its block; None at the end, which need not be marked."""
        block = self._stream.read(_BLOCK)
        if not block or block.count(0) == _BLOCK:
            return None
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.TarError as error:
            raise DamagedTarError(f"a header is wrong ({error})") from None
        if info.size < 0:
            raise DamagedTarError("a header has a negative size")
        return info, block

    def _member(self, info: tarfile.TarInfo, block: bytes, said: dict[str, str]) -> Member:
        if info.type == _SPARSE:
            self._pass_sparse_headers(block)
        kind = _KINDS.get(info.type, "other")
        size = _number(said["size"]) if "size" in said else info.size
        if kind in _WITHOUT_CONTENT:
            size = 0
        if any(key.startswith("GNU.sparse.") for key in said):
            kind = "other"  # a map of holes comes before the content: nothing that we read is written so
        self._left, self._padding = size, -size % _BLOCK
        name = said.get("GNU.sparse.name", said.get("path", info.name))
        return Member(name, kind, size, said.get("linkpath", info.linkname))

    def _pass_sparse_headers(self, block: bytes) -> None:
        more, at = block[_EXTENDED_AT], 0
        while more:
            block = self._stream.read(_BLOCK)
            at += _BLOCK
            if len(block) < _BLOCK or at > limits.EXTENDED_HEADER:
                raise DamagedTarError("the headers of a sparse file are wrong")
            more = block[_MORE_AT]

    def _extended(self, size: int) -> bytes:
        """Return the content of an extended header."""
        if size > limits.EXTENDED_HEADER:
            raise DamagedTarError(f"an extended header of {size} bytes")
        padded = size + -size % _BLOCK
        content = self._stream.read(padded)
        if len(content) < size:
            raise DamagedTarError("it ends within an extended header")
        return content[:size]


def _pax(content: bytes) -> dict[str, str]:
    """Return the records of a pax header, `<length> <key>=<value>` and a line feed each."""
    found = {}
    at = 0
    while at < len(content) and content[at]:
        digits, _, _ = content[at : at + 20].partition(b" ")
        length = _number(digits.decode("latin-1"))
        record = content[at + len(digits) + 1 : at + length]
        key, separator, value = record.partition(b"=")
        if not separator or not value.endswith(b"\n") or at + length > len(content):
            raise DamagedTarError("a pax header is wrong")
        found[_text(key)] = _text(value[:-1])
        at += length
    return found


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:  # noqa: PLR2004 - 64 bits
        raise DamagedTarError("a pax header is wrong")
    return int(text)


def _text(content: bytes) -> str:
    """Return a name, which is UTF-8 wherever it can be, up to its end."""
    return content.partition(b"\0")[0].decode("utf-8", "surrogateescape")
