"""The network: one session with retries, and credentials that go to their own host only."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_netrc_auth
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from cortexlock.errors import BrokenOffError, NetworkError
from cortexlock.network import local_file
from cortexlock.network.local_file import PIECE
from cortexlock.network.urls import local_path, without_credentials

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

TIMEOUT = (10, 60)
"""Seconds to connect, and to wait for the next bytes."""

LEAST = (60.0, 60 << 10)
"""Seconds of waiting, and how many bytes must have come in them: from a slower server a file counts as broken off."""

LONGEST_PAUSE = 20.0
"""Seconds before a retry, whatever the server's `Retry-After` says: an hour's silence would look like a hang."""

_RETRIED = (429, 500, 502, 503, 504)


class _Retry(Retry):
    """Retries that do not wait as long as a server likes."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that the server asks to wait, or as many as we do."""
        asked = super().get_retry_after(response)
        return None if asked is None else min(asked, LONGEST_PAUSE)


class HostCredentials(AuthBase):
    """Basic authentication for the hosts whose URLs came with user and password; `.netrc` for others."""

    def __init__(self, urls: Iterable[str]) -> None:
        """Take user and password out of URLs; of two for one host, that with the longer common path is used."""
        self._known: list[tuple[str, tuple[str, str]]] = []
        for url in urls:
            bare, credentials = without_credentials(url)
            if credentials is not None:
                self._known.append((bare, credentials))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        url = request.url or ""
        host = urlsplit(url)[:2]
        there = [(bare, credentials) for bare, credentials in self._known if urlsplit(bare)[:2] == host]
        found = max(there, key=lambda known: _common_length(known[0], url), default=None)
        credentials = found[1] if found else get_netrc_auth(url)
        return HTTPBasicAuth(*credentials)(request) if credentials else request


LARGEST = 1 << 35
"""Bytes of the largest file that is downloaded, where nobody has said its size."""


def new_session(urls: Iterable[str], *, connections: int, backoff: float = 0.5) -> requests.Session:
    """Make a session.

    Args:
        urls: URLs whose user and password it uses.
        connections: How many requests it can serve at one time.
        backoff: Seconds before the second retry; each later one waits twice as long.
    """
    session = requests.Session()
    session.auth = HostCredentials(urls)
    retry = _Retry(total=3, backoff_factor=backoff, status_forcelist=_RETRIED, raise_on_status=False)
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=connections, pool_maxsize=connections, max_retries=retry))
    return session


def pieces(
    url: str, session: requests.Session, *, skip: int = 0, decoded: bool = False
) -> Generator[bytes, None, None]:
    """Yield the bytes of a URL, `http:`, `https:` or `file:`.

    Args:
        url: The URL.
        session: Sends the request.
        skip: How many bytes at the beginning are not needed; a server that knows ranges (RFC 9110) does not send them.
        decoded: Whether a content encoding is undone, which none is asked for: only where nothing is skipped.

    Raises:
        BrokenOffError: It came in part, or too slowly; the next try may be luckier.
        NetworkError: It cannot be read; the message has no URL.
    """
    url = without_credentials(url)[0]  # the session signs what it has them for
    path = local_path(url)
    if path is not None:
        yield from local_file.pieces(path, skip=skip)
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={skip}-"} if skip else {})
    begun = False
    try:
        with session.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
            if skip and response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # there is nothing after so many bytes
            part = skip and response.status_code == HTTPStatus.PARTIAL_CONTENT
            if part and not response.headers.get("Content-Range", "").startswith(f"bytes {skip}-"):
                raise NetworkError("the server answers with another part of the file")
            if not part and response.status_code != HTTPStatus.OK:
                what = f"the server answers {response.status_code} {response.reason}"
                raise NetworkError(what, url=url, status=response.status_code)
            begun = True
            yield from _after(_content(response.raw, decoded=decoded), 0 if part else skip)
    except (requests.RequestException, HTTPError, ValueError) as error:  # ValueError: it redirects to what is no URL
        if begun:
            raise BrokenOffError(f"the server breaks off ({type(error).__name__})") from error
        raise NetworkError(f"the server cannot be reached ({type(error).__name__})") from error


def whole(url: str, session: requests.Session, *, tries: int = 5, pause: float = 0.5) -> Iterator[bytes]:
    """Yield the bytes of a URL as `pieces` does; where it breaks off, what is left of it is asked for again.

    Args:
        url: The URL.
        session: Sends the requests.
        tries: How often it may break off.
        pause: Seconds before the second try; each later one waits twice as long.

    Raises:
        NetworkError: It cannot be read; the message has no URL.
    """
    came = 0
    for number in range(tries):
        try:
            for piece in pieces(url, session, skip=came):
                came += len(piece)
                yield piece
        except BrokenOffError:  # noqa: PERF203 - a try costs nothing beside a download
            if number + 1 == tries:
                raise
            time.sleep(pause * 2**number)
        else:
            return


def _content(raw: BaseHTTPResponse, *, decoded: bool) -> Iterator[bytes]:
    """Yield the bytes of an answer as they come.

    A read that waited until it has a whole piece would never notice a server that sends a byte now and then.

    Raises:
        BrokenOffError: They come too slowly.
    """
    seconds, least = LEAST
    waited, came, total = 0.0, 0, 0
    while True:
        begin = time.monotonic()
        piece = raw.read1(PIECE, decode_content=decoded)
        if not piece:
            return
        waited += time.monotonic() - begin  # what the caller does with the bytes is not the server's fault
        came += len(piece)
        total += len(piece)
        if total > LARGEST:
            raise NetworkError(f"the server sends more than {LARGEST >> 30} GiB")
        if waited >= seconds:
            if came < least:
                raise BrokenOffError(f"the server sends fewer than {least} bytes in {seconds:g} seconds")
            waited, came = 0.0, 0
        yield piece


def _after(content: Iterable[bytes], skip: int) -> Iterator[bytes]:
    for piece in content:
        if skip < len(piece):
            yield piece[skip:]
        skip = max(0, skip - len(piece))


def _common_length(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their start."""
    return next((count for count, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
