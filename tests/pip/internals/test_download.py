"""Files of an index, read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pip._internal.exceptions import ConnectionFailedError
from pip._internal.models.link import Link
from pip._internal.network.session import PipSession
from pip._vendor.requests.exceptions import RequestException

from cortexlock.errors import NetworkError
from cortexlock.pip.internals.download import content, measure
from tests.support.file_server import FileServer

_CONTENT = bytes(range(256)) * 10_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    """A server with one file."""
    (tmp_path / "a b.whl").write_bytes(_CONTENT)
    with FileServer(tmp_path) as running:
        yield running


@pytest.fixture
def session() -> Iterator[PipSession]:
    """A session of pip's, which does not try again."""
    with PipSession(retries=0) as opened:
        yield opened


def _links(server: FileServer) -> list[Link]:
    return [Link(f"{server.url}/a%20b.whl#sha256=00"), Link((server.directory / "a b.whl").as_uri())]


def test_size_and_digests(server: FileServer, session: PipSession) -> None:
    for link in _links(server):
        found = measure(link, session, {"sha256", "md5"})
        assert found.size == len(_CONTENT)
        assert found.digests == {
            "sha256": hashlib.sha256(_CONTENT).hexdigest(),
            "md5": hashlib.md5(_CONTENT, usedforsecurity=False).hexdigest(),
        }


def test_content(server: FileServer, session: PipSession) -> None:
    assert [content(link, session) for link in _links(server)] == [_CONTENT, _CONTENT]


@pytest.mark.parametrize(("kind", "said"), [("not-found", "404"), ("truncated", "bytes")])
def test_file_that_does_not_come_whole(server: FileServer, session: PipSession, kind: str, said: str) -> None:
    server.fail("a b.whl", kind)  # type: ignore[arg-type] # the parameters are the literals
    with pytest.raises((NetworkError, RequestException), match=said):
        content(_links(server)[0], session)


def test_server_that_is_gone(server: FileServer, session: PipSession) -> None:
    link = _links(server)[0]
    with FileServer(server.directory) as other:
        gone = Link(link.url.replace(server.host, other.host))
    with pytest.raises((RequestException, ConnectionFailedError)):
        content(gone, session)
