"""A tar, member by member, from a stream that can only be read forwards, with every extended header bounded.

`tarfile` reads what a header asks for, however long it says to be, before anyone can look, and takes 0.1 ms for each
member. Formats: ustar, pax and GNU, as POSIX.1-2001 (pax) and GNU tar's manual have them.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Literal, Protocol, TypeAlias

from cortexlock.predictors.images import limits, tar_headers
from cortexlock.predictors.images.tar_headers import BLOCK, DamagedTarError, Header

Kind: TypeAlias = Literal["file", "directory", "symlink", "hard-link", "other"]

_PAX, _PAX_OF_SUN, _PAX_GLOBAL = b"x", b"X", b"g"
_LONG_NAME, _LONG_LINK, _SPARSE = b"L", b"K", b"S"
_EXTENDED = frozenset({_PAX, _PAX_OF_SUN, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK})
_KINDS: dict[bytes, Kind] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hard-link",
}
_WITHOUT_CONTENT = frozenset(
    {tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE}
)
_EXTENDED_AT, _MORE_AT = 482, 504  # where GNU's sparse headers say that another one follows


_KEYS = frozenset({b"path", b"linkpath", b"size", b"GNU.sparse.name"})
_HOLES = "GNU.sparse"


class Readable(Protocol):
    """What a tar is read from."""

    def piece(self) -> bytes:
        """Return the next bytes, as many as suit; none at the end only."""
        ...

    def skip(self, size: int, /) -> int:
        """Pass over up to `size` bytes, if they need not be read; return how many there were."""
        ...


Member: TypeAlias = tuple[str, Kind, int, str]
"""A member of a tar: its name as written, what it is, the bytes of its content, and the target of a link."""


class TarMembers:
    """The members of a tar; while one is looked at, its content can be read once.

    Attributes:
        ended: Whether all were read and the end is marked, by a block of zeros. Where it is not, the tar may be cut.
    """

    def __init__(self, stream: Readable) -> None:
        """Start at the stream's present position."""
        self.ended = False
        self._stream = stream
        self._piece = b""
        self._before = 0  # bytes of the tar before the piece
        self._at = 0  # in the piece
        self._left = 0  # bytes of the present member's content
        self._next = 0  # where the next header begins: in the piece, or that far after its beginning
        self._padding = 0

    @property
    def position(self) -> int:
        """How many bytes of the tar were read: where the present member's content begins, until it is read."""
        return self._before + self._at

    def __iter__(self) -> Iterator[Member]:
        """Yield the members in their order.

        Raises:
            DamagedTarError: A header is wrong, or the tar ends within a member.
        """
        parse = tar_headers.parse
        said: dict[str, str] = {}  # by extended headers, which come before the member's own
        extended = False
        while True:
            at = self._next
            block = self._piece[at : at + BLOCK]
            if len(block) == BLOCK:
                self._at = at + BLOCK
            else:
                block = self._next_block(at)
            if not block or (not block[0] and block.count(0) == BLOCK):  # the end, which need not be marked
                self.ended = bool(block)
                break
            header = parse(block)
            if header[0] in _EXTENDED:
                extended = self._extend(said, header) or extended
                continue
            yield self._member(header, block, said)
            if extended:
                said, extended = {}, False
        if extended:
            raise DamagedTarError("it ends after an extended header")

    def content(self) -> Iterator[bytes]:
        """Yield the rest of the present member's content, in pieces.

        Raises:
            DamagedTarError: The tar ends before it.
        """
        while self._left:
            if self._at == len(self._piece) and not self._another_piece():
                raise DamagedTarError("it ends within a file")
            content = self._piece[self._at : self._at + self._left]
            self._at += len(content)
            self._left -= len(content)
            yield content

    def _next_block(self, at: int) -> bytes:
        """Return the block that begins at a place of the piece, or after it; what lies between is passed over."""
        beyond = at - len(self._piece)
        if beyond > 0:
            beyond -= self._skip(beyond)
        while beyond > 0 and self._another_piece():
            at = beyond
            beyond -= len(self._piece)
        if beyond > self._padding:
            raise DamagedTarError("it ends within a file")
        self._at = min(at, len(self._piece))
        self._left = self._padding = 0
        return self._take(BLOCK)

    def _take(self, size: int) -> bytes:
        """Return the next bytes, less at the end only."""
        at = self._at
        content = self._piece[at : at + size]
        missing = size - len(content)
        self._at = at + size - missing
        while missing and self._another_piece():
            more = self._piece[:missing]
            self._at = len(more)
            missing -= len(more)
            content += more
        return content

    def _another_piece(self) -> bool:
        passed = len(self._piece)
        self._before += passed
        self._next -= passed
        self._piece, self._at = self._stream.piece(), 0
        return bool(self._piece)

    def _skip(self, size: int) -> int:
        """Pass over what comes after the piece, as far as that need not be read; return how many bytes there were."""
        skipped = self._stream.skip(size)
        if skipped:
            self._before += len(self._piece) + skipped
            self._piece, self._at = b"", 0
        return skipped

    def _extend(self, said: dict[str, str], header: Header) -> bool:
        """Take down what an extended header says of the next member; False: it is a global one."""
        letter, size, _, _ = header
        content = self._extended(size)
        self._next = self._at
        if letter == _LONG_NAME:
            said.setdefault("path", tar_headers.text(content))
        elif letter == _LONG_LINK:
            said.setdefault("linkpath", tar_headers.text(content))
        elif letter != _PAX_GLOBAL:  # comments; nobody writes a path there
            said.update(_pax(content))
        return letter != _PAX_GLOBAL

    def _member(self, header: Header, block: bytes, said: dict[str, str]) -> Member:
        letter, size, written, linked = header
        kind = _KINDS.get(letter, "other")
        name = target = None
        if said:
            name = said.get("GNU.sparse.name", said.get("path"))
            target = said.get("linkpath")
            size = _number(said["size"]) if "size" in said else size
            if kind == "directory" and name is not None:
                name = name.rstrip("/")
            if _HOLES in said:
                kind = "other"  # a map of holes comes before the content: nothing that we read is written so
        if kind != "file":
            if letter == _SPARSE:
                self._pass_sparse_headers(block)
            elif letter in _WITHOUT_CONTENT:
                size = 0
        if name is None:
            name = written.decode("utf-8", "surrogateescape")
        if target is None:
            target = linked.decode("utf-8", "surrogateescape") if linked else ""
        self._left, self._padding = size, -size % BLOCK
        self._next = self._at + size + self._padding
        return name, kind, size, target

    def _pass_sparse_headers(self, block: bytes) -> None:
        more, at = block[_EXTENDED_AT], 0
        while more:
            block = self._take(BLOCK)
            at += BLOCK
            if len(block) < BLOCK or at > limits.EXTENDED_HEADER:
                raise DamagedTarError("the headers of a sparse file are wrong")
            more = block[_MORE_AT]

    def _extended(self, size: int) -> bytes:
        """Return the content of an extended header."""
        if size > limits.EXTENDED_HEADER:
            raise DamagedTarError(f"an extended header of {size} bytes")
        padded = size + -size % BLOCK
        content = self._take(padded)
        if len(content) < size:
            raise DamagedTarError("it ends within an extended header")
        return content[:size]


def _pax(content: bytes) -> dict[str, str]:
    """Return what records of a pax header say, `<length> <key>=<value>` and a line feed each."""
    found = {}
    at = 0
    while at < len(content) and content[at]:
        digits, _, _ = content[at : at + 20].partition(b" ")
        length = _number(digits.decode("latin-1"))
        record = content[at + len(digits) + 1 : at + length]
        key, separator, value = record.partition(b"=")
        if not separator or not value.endswith(b"\n") or at + length > len(content):
            raise DamagedTarError("a pax header is wrong")
        if key.startswith(b"GNU.sparse."):
            found[_HOLES] = ""
        if key in _KEYS:
            found[key.decode()] = tar_headers.text(value[:-1])
        at += length
    return found


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:  # noqa: PLR2004 - 64 bits
        raise DamagedTarError("a pax header is wrong")
    return int(text)
