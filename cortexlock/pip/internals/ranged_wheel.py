"""METADATA out of a wheel on an index, by two or three range requests.

pip's own way begins with a HEAD request and fetches pieces of 10 KiB from the end on: five requests for each wheel, and
twenty for one with as many files as torch. Here the end of the wheel comes first, as `bytes=-N`, which tells where its
list of files is; that, and each file that is read, comes whole. Where an index does not answer so, pip's way is taken.
"""

from __future__ import annotations

import io
import re
import zipfile
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, cast

from pip._internal.exceptions import NetworkConnectionError
from pip._internal.metadata import MemoryWheel, get_wheel_distribution
from pip._internal.network import lazy_wheel
from pip._internal.network.utils import HEADERS, raise_for_status

from cortexlock.network import bounded_read

if TYPE_CHECKING:
    from pip._internal.metadata import BaseDistribution
    from pip._internal.network.session import PipSession
    from pip._vendor.packaging.utils import NormalizedName

_TAIL = 1 << 15
"""Bytes of the first request: all that is wanted of a small wheel."""

_PIECE = 1 << 14
"""Bytes that later requests ask for at least: a compressed METADATA."""

_CONTENT_RANGE = re.compile(r"bytes (?P<start>\d{1,15})-(?P<end>\d{1,15})/(?P<size>\d{1,15})")
_READ = 1 << 16


def distribution(name: NormalizedName, url: str, session: PipSession) -> BaseDistribution:
    """Stand in for pip's `dist_from_wheel_url`.

    Raises:
        HTTPRangeRequestUnsupported: The server answers no range requests.
        PipError, OSError: It does not answer, or with no wheel.
    """
    wheel = _RangedFile.at(url, session)
    if wheel is None:
        return _by_pip(name, url, session)
    return get_wheel_distribution(_WithoutRecord(url, cast("IO[bytes]", wheel)), name)


def _by_pip(name: NormalizedName, url: str, session: PipSession) -> BaseDistribution:
    """Take pip's own way, which begins with a HEAD request: it follows no redirect there, and wants a length.

    Raises:
        HTTPRangeRequestUnsupported: The server does not answer that; it may still answer for the whole file.
    """
    try:
        opened = lazy_wheel.LazyZipOverHTTP(url, session)
    except (AssertionError, KeyError, ValueError, NetworkConnectionError) as error:
        raise lazy_wheel.HTTPRangeRequestUnsupported(str(error)) from None
    with opened as file:
        return get_wheel_distribution(MemoryWheel(file.name, cast("IO[bytes]", file)), name)


class _WithoutRecord(MemoryWheel):
    """A wheel of which pip, which reads all of `.dist-info` at once, does not read the list of files."""

    def as_zipfile(self) -> zipfile.ZipFile:
        return _ZipFile(self.stream)


class _ZipFile(zipfile.ZipFile):
    def namelist(self) -> list[str]:
        names = super().namelist()
        described = {name.removesuffix("METADATA") for name in names if name.endswith(".dist-info/METADATA")}
        return [name for name in names if not (name.endswith("RECORD") and name.removesuffix("RECORD") in described)]


class _RangedFile(io.RawIOBase):
    """A file on a server, of which is fetched what is read."""

    def __init__(self, url: str, session: PipSession, size: int) -> None:
        super().__init__()
        self._url, self._session, self._size = url, session, size
        self._parts: list[tuple[int, bytes]] = []  # begin and content, the last that came first
        self._position = 0

    @classmethod
    def at(cls, url: str, session: PipSession) -> _RangedFile | None:
        """Return a file with its end; None: the server does not answer that."""
        found = _fetch(url, session, f"-{_TAIL}")
        if found is None:
            return None
        start, content, size = found
        file = cls(url, session, size)
        file._parts.append((start, content))
        return file if start + len(content) == size else None

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._position + size)
        found = bytearray()
        while self._position < end:
            piece = self._held(self._position, end) or self._fetched(self._position, end)
            found += piece
            self._position += len(piece)
        return bytes(found)

    def _held(self, start: int, end: int) -> bytes:
        for begin, content in self._parts:
            if begin <= start < begin + len(content):
                return content[start - begin : end - begin]
        return b""

    def _fetched(self, start: int, end: int) -> bytes:
        # Not what is there already.
        limit = min((begin for begin, _ in self._parts if begin > start), default=self._size)
        last = min(max(end, start + _PIECE), limit) - 1
        found = _fetch(self._url, self._session, f"{start}-{last}")
        if found is None or (found[0], found[2]) != (start, self._size) or not found[1]:
            raise OSError("the index answers another range than it was asked for")
        self._parts.insert(0, (start, found[1]))
        return found[1][: end - start]


def _fetch(url: str, session: PipSession, wanted: str) -> tuple[int, bytes, int] | None:
    """Return where a part of a file begins, the part, and the size of the file; None: another answer came.

    Raises:
        NetworkConnectionError: The server answers with an error, and not for the sake of the range.
    """
    # `no-cache` as pip has it: what is cached is whole files.
    headers = {**HEADERS, "Range": f"bytes={wanted}", "Cache-Control": "no-cache"}
    response: Any = session.get(url, headers=headers, stream=True)
    with response:
        if response.status_code != HTTPStatus.PARTIAL_CONTENT:
            if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise_for_status(response)
            return None
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match is None:
            return None
        content = bounded_read.read(response.iter_content(_READ), where="a part of a wheel")
    start, end, size = (int(match[name]) for name in ("start", "end", "size"))
    return (start, content, size) if len(content) == end - start + 1 else None
