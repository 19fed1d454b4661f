"""Files of an index or a find-links page, read whole through pip's session: an error page is never taken for a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.errors import IntegrityError, NetworkError
from cortexlock.inputs import url_secrets

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.network.session import PipSession

_PIECE = 1 << 20
_NOT_COMPRESSED = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The size of a file in bytes, and its hexadecimal digests by algorithm."""

    size: int
    digests: Mapping[str, str]


def measure(link: Link, session: PipSession, algorithms: Collection[str]) -> Measured:
    """Read a file for its size and digests.

    Raises:
        NetworkError: There is no such file, or not all of it comes.
        RequestException, PipError: The network fails.
    """
    digests = {name: hashlib.new(name) for name in algorithms}

    def update(piece: bytes) -> None:
        for digest in digests.values():
            digest.update(piece)

    size = _read(link, session, update)
    return Measured(size, {name: digest.hexdigest() for name, digest in digests.items()})


def content(link: Link, session: PipSession) -> bytes:
    """Return what is in a file.

    Raises:
        NetworkError: There is no such file, or not all of it comes.
        RequestException, PipError: The network fails.
    """
    pieces: list[bytes] = []
    _read(link, session, pieces.append)
    return b"".join(pieces)


def copy(link: Link, session: PipSession, path: Path, *, sha256: str, most: int) -> None:
    """Write a file of an index to a path, from any thread.

    Raises:
        NetworkError: There is no such file, or not all of it comes.
        OSError, PipError: The network fails.
        IntegrityError: It has another hash, or more than `most` bytes.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:

        def take(piece: bytes) -> None:
            nonlocal size
            size += len(piece)
            if size > most:
                raise IntegrityError(f"it has more than {most} bytes", where=link.filename)
            digest.update(piece)
            file.write(piece)

        _read(link, session, take)
    if digest.hexdigest() != sha256:
        raise IntegrityError(f"sha256 is {digest.hexdigest()}, the index says {sha256}", where=link.filename)


def _read(link: Link, session: PipSession, take: Callable[[bytes], object]) -> int:
    size = 0
    if link.is_file:
        with Path(link.file_path).open("rb") as file:
            while piece := file.read(_PIECE):
                take(piece)
                size += len(piece)
        return size
    with session.get(link.url_without_fragment, headers=_NOT_COMPRESSED, stream=True) as response:
        if not response.ok:
            what, url = f"the index answers {response.status_code}", url_secrets.without(link.url_without_fragment)
            raise NetworkError(what, where=link.filename, url=url, status=response.status_code)
        for piece in response.iter_content(_PIECE):
            take(piece)
            size += len(piece)
        expected = response.headers.get("Content-Length", "")
    if expected.isdecimal() and int(expected) != size:
        url = url_secrets.without(link.url_without_fragment)
        raise NetworkError(f"{size} of {expected} bytes came", where=link.filename, hint="try again", url=url)
    return size
