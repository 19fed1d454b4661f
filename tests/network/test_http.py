"""Requests: credentials reach their own host only, retries happen where they help, errors show no URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cortexlock.errors import BrokenOffError, NetworkError
from cortexlock.network import http
from cortexlock.network.http import (
    HostCredentials,
    new_session,
    pieces,
    whole,
)
from cortexlock.network.urls import urls_with_credentials
from tests.support import file_server
from tests.support.file_server import Answer, FileServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    (tmp_path / "file.txt").write_bytes(b"x" * 300_000)
    with FileServer(tmp_path, auth=("user", "p@ss")) as started:
        yield started


def _signed(credentials: HostCredentials, url: str) -> str | None:
    request = requests.Request("GET", url).prepare()
    return credentials(request).headers.get("Authorization")


def test_files_come_whole(server: FileServer) -> None:
    urls = [f"http://user:p%40ss@{server.host}/elsewhere/"]
    with new_session(urls, connections=1) as session:
        assert b"".join(pieces(f"{server.url}/file.txt", session)) == b"x" * 300_000


def test_credentials_go_to_their_own_host_only() -> None:
    credentials = HostCredentials(["https://user:pass@a.example.org/simple/", "https://b.example.org/"])
    assert _signed(credentials, "https://a.example.org/files/x") is not None
    for url in (
        "https://b.example.org/",
        "http://a.example.org/",
        "https://a.example.org:8443/",
        "https://a.example.org.evil/",
    ):
        assert _signed(credentials, url) is None


def test_of_two_accounts_on_a_host_the_nearer_is_used() -> None:
    one, two = HostCredentials(["https://u:1@h.example.org/one/"]), HostCredentials(["https://u:2@h.example.org/two/"])
    both = HostCredentials(["https://u:1@h.example.org/one/", "https://u:2@h.example.org/two/"])
    for path, alone in (("one/x", one), ("two/x", two), ("on", one)):
        assert _signed(both, f"https://h.example.org/{path}") == _signed(alone, f"https://h.example.org/{path}")


def test_netrc_serves_other_hosts(isolated: Path) -> None:
    netrc = isolated / ".netrc"
    netrc.write_text("machine n.example.org login user password pass\n")
    netrc.chmod(0o600)
    expected = _signed(HostCredentials(["https://user:pass@n.example.org/"]), "https://n.example.org/")
    assert _signed(HostCredentials([]), "https://n.example.org/") == expected


def test_a_short_outage_is_bridged(server: FileServer) -> None:
    server.fail("file.txt", "error", times=2)
    with new_session([server.with_auth(server.url)], connections=1, backoff=0) as session:
        assert len(b"".join(pieces(f"{server.url}/file.txt", session))) == 300_000


@pytest.mark.parametrize(("kind", "status"), [("not-found", "404"), ("error", "500")])
def test_a_status_is_a_network_error(server: FileServer, kind: str, status: str) -> None:
    server.fail("file.txt", kind)  # type: ignore[arg-type]  # of the kinds above
    with (
        new_session([server.with_auth(server.url)], connections=1, backoff=0) as session,
        pytest.raises(NetworkError, match=status) as caught,
    ):
        list(pieces(f"{server.url}/file.txt", session))
    assert not isinstance(caught.value, BrokenOffError)
    assert caught.value.status == int(status)
    assert server.host not in str(caught.value)


def test_an_answer_that_ends_early_is_broken_off(server: FileServer) -> None:
    server.fail("file.txt", "truncated")
    with new_session([server.with_auth(server.url)], connections=1) as session, pytest.raises(BrokenOffError):
        list(pieces(f"{server.url}/file.txt", session))


def test_what_breaks_off_is_continued(server: FileServer) -> None:
    server.fail("file.txt", "truncated", times=2)
    with new_session([server.with_auth(server.url)], connections=1) as session:
        assert b"".join(whole(f"{server.url}/file.txt", session, pause=0)) == b"x" * 300_000
    assert [bool(each.headers.get("range")) for each in server.requests] == [False, True, True]


def test_what_always_breaks_off_is_given_up(server: FileServer) -> None:
    server.fail("file.txt", "truncated")
    with new_session([server.with_auth(server.url)], connections=1) as session, pytest.raises(BrokenOffError):
        list(whole(f"{server.url}/file.txt", session, tries=2, pause=0))
    assert len(server.requests) == 2


def test_a_server_that_sends_too_little_is_broken_off(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then, which no time-out for the next bytes notices."""
    monkeypatch.setattr(file_server, "_PIECE", 1)
    monkeypatch.setattr(http, "LEAST", (0.2, 100_000))
    server.fail("file.txt", "slow", delay=0.02)
    with (
        new_session([server.with_auth(server.url)], connections=1) as session,
        pytest.raises(BrokenOffError, match=r"fewer than 100000 bytes in 0\.2 seconds"),
    ):
        list(pieces(f"{server.url}/file.txt", session))


def test_a_server_that_asks_for_an_hour_gets_less(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Answer(b"", "text/plain", 503, {"Retry-After": "3600"})
    asked: list[str] = []

    def answer(path: str, _headers: object) -> Answer:
        asked.append(path)
        return busy

    monkeypatch.setattr(server, "answer", answer)
    monkeypatch.setattr(http, "LONGEST_PAUSE", 0.01)
    with (
        new_session([server.with_auth(server.url)], connections=1, backoff=0) as session,
        pytest.raises(NetworkError, match="503"),
    ):
        list(pieces(f"{server.url}/file.txt", session))
    assert len(asked) == 4


@pytest.mark.parametrize(("skip", "left"), [(1, 299_999), (299_999, 1), (300_000, 0), (400_000, 0)])
@pytest.mark.parametrize("ranges", [True, False])
def test_what_is_there_is_not_asked_for_again(server: FileServer, skip: int, left: int, *, ranges: bool) -> None:
    server.ranges = ranges
    with new_session([server.with_auth(server.url)], connections=1) as session:
        assert b"".join(pieces(f"{server.url}/file.txt", session, skip=skip)) == b"x" * left


def test_another_part_than_the_one_asked_for_is_an_error(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Answer(b"x", "text/plain", 206, {"Content-Range": "bytes 0-0/300000"})
    monkeypatch.setattr(server, "answer", lambda _path, _headers: part)
    with (
        new_session([server.with_auth(server.url)], connections=1) as session,
        pytest.raises(NetworkError, match="another part"),
    ):
        list(pieces(f"{server.url}/file.txt", session, skip=5))


def test_a_server_that_is_not_there_is_a_network_error(server: FileServer, tmp_path: Path) -> None:
    with FileServer(tmp_path) as gone:
        url = gone.url
    with new_session([], connections=1, backoff=0) as session, pytest.raises(NetworkError, match="cannot be reached"):
        list(pieces(f"{url}/file.txt", session))


def test_local_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "with space.txt"
    path.write_bytes(b"text")
    with new_session([], connections=1) as session:
        assert b"".join(pieces(path.as_uri(), session)) == b"text"
        assert b"".join(pieces(path.as_uri(), session, skip=2)) == b"xt"
        with pytest.raises(NetworkError, match="cannot be read"):
            list(pieces((tmp_path / "absent").as_uri(), session))


def test_urls_with_credentials_are_found_in_text() -> None:
    text = (
        "demo @ https://u:p@a.example.org/demo.whl#sha256=0\n-i https://t@b.example.org/s\nhttps://c.org/x@y me@d.org"
    )
    assert list(urls_with_credentials(text)) == ["https://u:p@a.example.org/demo.whl", "https://t@b.example.org/s"]


def test_a_download_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "endless").write_bytes(bytes(1 << 20))
    monkeypatch.setattr(http, "LARGEST", 1 << 19)
    with (
        FileServer(tmp_path) as server,
        new_session([], connections=1) as session,
        pytest.raises(NetworkError, match="sends more than"),
    ):
        list(pieces(f"{server.url}/endless", session))
