"""The index on loopback answers as the specifications say, and fails as it is told to."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from pypi_simple import PyPISimple

from tests.support.file_server import ChannelServer
from tests.support.index_server import HTML_TYPE, JSON_TYPE, IndexServer
from tests.support.network import NetworkBlockedError
from tests.support.wheels import make_sdist, make_wheel


@pytest.mark.parametrize("accept", [JSON_TYPE, HTML_TYPE])
def test_a_project_page_says_all_that_is_known(index_server: IndexServer, wheelhouse: Path, accept: str) -> None:
    wheel = make_wheel(wheelhouse, "some.thing", "1", requires=["b"], requires_python=">=3.6,<4")
    make_sdist(wheelhouse, "some-thing", "1")
    index_server.upload(wheel.name, at="2020-05-01T10:00:00Z")
    index_server.yank(wheel.name, "broken & bad")
    with PyPISimple(index_server.simple_url, accept=accept) as client:
        page = client.get_project_page("some-thing")
        names = client.get_index_page().projects
    assert names == ["some-thing"]
    package = next(each for each in page.packages if each.package_type == "wheel")
    assert len(page.packages) == 2
    assert package.digests == {"sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    assert package.requires_python == ">=3.6,<4"
    assert package.yanked_reason == "broken & bad"
    assert package.metadata_url == f"{index_server.file_url(wheel.name)}.metadata"
    assert requests.get(package.url.partition("#")[0], timeout=5).content == wheel.read_bytes()
    metadata = requests.get(package.metadata_url, timeout=5).content
    assert b"Requires-Dist: b\n" in metadata
    assert package.metadata_digests == {"sha256": hashlib.sha256(metadata).hexdigest()}
    if accept == JSON_TYPE:
        assert package.size == wheel.stat().st_size
        assert str(package.upload_time) == "2020-05-01 10:00:00+00:00"


def test_an_old_index_has_neither_json_nor_metadata(wheelhouse: Path) -> None:
    wheel = make_wheel(wheelhouse, "a", "1")
    with IndexServer(wheelhouse, json=False, metadata=False) as server:
        page = requests.get(f"{server.simple_url}a/", headers={"Accept": JSON_TYPE}, timeout=5)
        assert page.headers["Content-Type"] == "text/html"
        assert "metadata" not in page.text
        assert requests.get(f"{server.file_url(wheel.name)}.metadata", timeout=5).status_code == 404


def test_credentials_are_asked_for(wheelhouse: Path) -> None:
    make_wheel(wheelhouse, "a", "1")
    with IndexServer(wheelhouse, auth=("user", "secret")) as server:
        assert requests.get(server.simple_url, timeout=5).status_code == 401
        assert requests.get(server.with_auth(server.simple_url), timeout=5).status_code == 200
        assert [request.status for request in server.requests] == [401, 200]


@pytest.mark.parametrize(
    ("wanted", "expected", "status"),
    [
        ("bytes=0-3", b"0123", 206),
        ("bytes=6-", b"6789", 206),
        ("bytes=-2", b"89", 206),
        ("bytes=5-99", b"56789", 206),
        ("bytes=99-", b"", 416),
        ("lines=1-2", b"0123456789", 200),
    ],
)
def test_ranges(channel_server: ChannelServer, wanted: str, expected: bytes, status: int) -> None:
    (channel_server.directory / "x").write_bytes(b"0123456789")
    answer = requests.get(f"{channel_server.url}/x", headers={"Range": wanted}, timeout=5)
    assert (answer.status_code, answer.content) == (status, expected)


def test_nothing_outside_the_directory_is_served(channel_server: ChannelServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    with socket.create_connection(("127.0.0.1", int(channel_server.host.partition(":")[2]))) as connection:
        connection.sendall(b"GET /../secret HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 404 ")


def test_faults(index_server: IndexServer, wheelhouse: Path) -> None:
    wheel = make_wheel(wheelhouse, "a", "1")
    url = index_server.file_url(wheel.name)
    content = wheel.read_bytes()
    index_server.fail(wheel.name, "error", times=1)
    assert [requests.get(url, timeout=5).status_code for _ in range(2)] == [500, 200]
    index_server.fail(wheel.name, "not-found")
    assert requests.get(url, timeout=5).status_code == 404
    index_server.fail(wheel.name, "wrong-bytes")
    wrong = requests.get(url, timeout=5).content
    assert wrong != content
    assert len(wrong) == len(content)
    index_server.fail(wheel.name, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url, timeout=5)
    index_server.fail(wheel.name, "slow", delay=0.2)
    with pytest.raises(requests.exceptions.ConnectionError, match="timed out"):
        requests.get(url, timeout=0.1)
    assert len(index_server.asked_for(wheel.name)) == 6
    index_server.fail("a", "not-found")
    assert requests.get(f"{index_server.simple_url}a/", timeout=5).status_code == 404


@pytest.mark.parametrize("how", ["index", "find-links"])
def test_pip_installs_from_it(index_server: IndexServer, wheelhouse: Path, tmp_path: Path, how: str) -> None:
    make_wheel(wheelhouse, "a", "1", requires=["b"])
    make_sdist(wheelhouse, "b", "2")
    where = (
        ["--index-url", index_server.simple_url]
        if how == "index"
        else ["--no-index", "--find-links", index_server.find_links_url]
    )
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(tmp_path / "target"), *where, "a"]
    subprocess.run(command, check=True)
    assert (tmp_path / "target" / "b.py").read_text() == '__version__ = "2"\n'


def test_other_machines_are_out_of_reach() -> None:
    with pytest.raises(NetworkBlockedError, match=r"example\.org"):
        requests.get("http://example.org/", timeout=5, proxies={"http": ""})
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get("http://example.org/", timeout=5)
    with socket.socket() as connection, pytest.raises(NetworkBlockedError):
        connection.connect(("192.0.2.1", 80))
