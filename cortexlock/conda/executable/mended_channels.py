"""Channels whose repodata py-rattler refuses for one record's sake: copies without what it cannot read.

Only here is a whole channel parsed in Python.
"""

from __future__ import annotations

import bz2
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from cortexlock.conda.channels import public
from cortexlock.conda.executable.mended_records import mended
from cortexlock.errors import NetworkError
from cortexlock.network.urls import local_path

_GROUPS = ("packages", "packages.conda")
_ABSENT = (403, 404, 410)  # 403: what a store of files answers that nobody may list
_MOST = 1 << 30  # bytes of one file
_PIECE = 1 << 20


class ChannelError(Exception):
    """Something of a channel cannot be read.

    Attributes:
        url: What, without credentials.
        reason: Why, to be said after the URL.
    """

    def __init__(self, url: str, reason: str) -> None:
        """Describe a failure; arguments are the attributes."""
        super().__init__(f"{url} {reason}")
        self.url = url
        self.reason = reason


class MalformedChannelError(ChannelError):
    """What a channel answers is no repodata of conda's."""


class UnreadableChannelError(ChannelError):
    """A channel does not answer, or refuses who asks."""


def mend(urls: Iterable[str], subdirs: Iterable[str], directory: Path) -> dict[str, str]:
    """Write channels anew, without the records that cannot be read.

    Args:
        urls: The channels' base URLs, with credentials.
        subdirs: Their parts that are wanted.
        directory: An empty directory.

    Returns:
        The base URL of each copy, and that of the channel that it is of, without credentials.

    Raises:
        MalformedChannelError: Nothing of a channel can be read.
        UnreadableChannelError: A channel does not answer.
    """
    copies = {}
    for number, url in enumerate(urls):
        copy = directory / f"channel-{number}"
        for subdir in subdirs:
            repodata = _repodata(f"{url}/{subdir}")
            (copy / subdir).mkdir(parents=True)
            groups = {group: _readable(repodata.get(group), subdir) for group in _GROUPS}
            document = {"info": {"subdir": subdir}, **groups}
            (copy / subdir / "repodata.json").write_text(json.dumps(document), encoding="utf-8")
        copies[copy.as_uri()] = public(url)
    return copies


def _repodata(address: str) -> Mapping[str, Any]:
    """Return the repodata of a subdir; a subdir that is not there has none."""
    readers: tuple[tuple[str, Callable[[bytes], IO[bytes]]], ...] = (
        ("repodata.json", io.BytesIO),
        ("repodata.json.zst", _zstd),
        ("repodata.json.bz2", lambda content: bz2.BZ2File(io.BytesIO(content))),
    )
    for name, opened in readers:
        content = _content(f"{address}/{name}")
        if content is None:
            continue
        try:
            with opened(content) as file:
                found = json.loads(_bounded(_pieces(file), f"{address}/{name}"))
        except (ValueError, OSError, RecursionError) as error:
            raise MalformedChannelError(f"{public(address)}/{name}", f"is malformed: {error}") from None
        if not isinstance(found, dict):
            raise MalformedChannelError(f"{public(address)}/{name}", "is malformed: it is no JSON object")
        return found
    return {}


def _zstd(content: bytes) -> IO[bytes]:
    import zstandard  # noqa: PLC0415 - rarely needed

    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    import zstandard  # noqa: PLC0415 - rarely needed

    try:
        yield from iter(lambda: file.read(_PIECE), b"")
    except (zstandard.ZstdError, EOFError) as error:  # the latter: bzip2 that breaks off
        raise ValueError(str(error)) from None


def _content(address: str) -> bytes | None:
    """Return what is at an address; None where nothing is."""
    from cortexlock.network import http  # noqa: PLC0415 - heavy, and rarely needed

    path = local_path(address)
    if path is not None and not path.is_file():
        return None
    with http.new_session([address], connections=1) as session:
        try:
            return _bounded(http.pieces(address, session, decoded=True), address)
        except NetworkError as error:
            if error.status in _ABSENT:
                return None
            raise UnreadableChannelError(public(address), f"cannot be read: {error.what}") from None


def _bounded(pieces: Iterable[bytes], address: str) -> bytes:
    """Return a file from its pieces.

    Raises:
        MalformedChannelError: It is larger than any channel's.
    """
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > _MOST:
            raise MalformedChannelError(public(address), f"is malformed: it has more than {_MOST >> 20} MiB")
    return bytes(content)


def _readable(group: object, subdir: str) -> dict[str, Any]:
    """Return the records of a group that can be read, mended where that is how."""
    if not isinstance(group, dict):
        return {}
    records = {file: mended(file, record, subdir) for file, record in group.items()}
    return {file: record for file, record in records.items() if record is not None}
