"""A file is found by its name on all kinds of pages, and what goes wrong is said without URL and credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

import pytest
import requests

from cortexlock.errors import NetworkError
from cortexlock.network import http
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.indexes.pages import locate
from tests.support.file_server import Answer, FileServer
from tests.support.index_server import HTML_TYPE, JSON_TYPE, IndexServer
from tests.support.wheels import make_wheel

FILE = "torch_cpu-1.5.1+cpu-py3-none-any.whl"


@pytest.fixture
def wheel(wheelhouse: Path) -> Path:
    make_wheel(wheelhouse, "torch-cpu", "1.4.0+cpu")
    return make_wheel(wheelhouse, "torch-cpu", "1.5.1+cpu")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_is_found_on_an_index(wheel: Path, wheelhouse: Path, as_json: bool) -> None:  # noqa: FBT001 - a parameter
    with IndexServer(wheelhouse, json=as_json) as server, requests.Session() as session:
        url = locate(Location("default", server.simple_url), "Torch_CPU", wheel.name, session)
        assert url == server.file_url(wheel.name)
        assert session.get(url).content == wheel.read_bytes()


def test_a_file_is_found_on_a_find_links_page(wheel: Path, index_server: IndexServer) -> None:
    with requests.Session() as session:
        url = locate(Location("links-1", index_server.find_links_url, "links"), "torch-cpu", wheel.name, session)
    assert url == index_server.file_url(wheel.name)


def test_a_link_text_need_not_be_the_file_name(tmp_path: Path) -> None:
    (tmp_path / "stable.html").write_text(f'<a href="cpu/{FILE.replace("+", "%2B")}">cpu/the wheel</a>')
    with FileServer(tmp_path) as server, requests.Session() as session:
        url = locate(Location("torch", f"{server.url}/stable.html", "links"), "torch-cpu", FILE, session)
        assert url == f"{server.url}/cpu/{FILE.replace('+', '%2B')}"


def test_local_directories_serve_as_find_links(wheel: Path, wheelhouse: Path) -> None:
    with requests.Session() as session:
        url = locate(Location("links-1", wheelhouse.as_uri(), "links"), "torch-cpu", wheel.name, session)
    assert url == wheel.as_uri()


@pytest.mark.parametrize("kind", ["index", "links"])
def test_local_pages_serve_too(tmp_path: Path, kind: str) -> None:
    directory = tmp_path / "torch-cpu" if kind == "index" else tmp_path
    directory.mkdir(exist_ok=True)
    (directory / "index.html").write_text(f'<a href="files/{FILE}#sha256=00">{FILE}</a>')
    location = Location("default", tmp_path.as_uri() + "/", kind)  # type: ignore[arg-type]  # of the kinds above
    with requests.Session() as session:
        assert locate(location, "torch-cpu", FILE, session) == f"{directory.as_uri()}/files/{FILE}"


def test_a_file_of_a_local_index_directory_is_found(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "index" / "torch-cpu"
    place.mkdir(parents=True)
    wheel.rename(place / wheel.name)
    with requests.Session() as session:
        url = locate(Location("default", (tmp_path / "index").as_uri() + "/"), "torch-cpu", wheel.name, session)
    assert url == (place / wheel.name).as_uri()


@pytest.mark.parametrize(
    ("name", "file"),
    [("torch-cpu", "torch_cpu-9-py3-none-any.whl"), ("absent", "absent-1-py3-none-any.whl")],
)
def test_a_file_that_is_not_there_is_a_network_error(
    wheel: Path, index_server: IndexServer, name: str, file: str
) -> None:
    with requests.Session() as session, pytest.raises(NetworkError, match="`mirror` does not have the file") as caught:
        locate(Location("mirror", index_server.simple_url), name, file, session)
    assert caught.value.where == f"{name} ({file})"


def test_no_local_page_is_a_network_error(tmp_path: Path) -> None:
    with requests.Session() as session, pytest.raises(NetworkError, match="does not have the file"):
        locate(Location("links-1", (tmp_path / "nowhere").as_uri(), "links"), "torch-cpu", FILE, session)


def test_a_server_that_fails_is_named_by_its_alias(wheel: Path, index_server: IndexServer) -> None:
    index_server.fail("torch-cpu", "error")
    with requests.Session() as session, pytest.raises(NetworkError, match="`mirror` answers 500"):
        locate(Location("mirror", index_server.simple_url), "torch-cpu", wheel.name, session)


@pytest.mark.parametrize(
    "to", ["http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1\x7f/", "ftp://127.0.0.1/", ""]
)
def test_a_redirect_to_nowhere_is_an_error_of_the_network(wheelhouse: Path, to: str) -> None:
    """Of a page, and of a file."""

    class Astray(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(b"", HTML_TYPE, HTTPStatus.FOUND, {"Location": to} if to else {})

    with Astray(wheelhouse) as server, requests.Session() as session:
        with pytest.raises(NetworkError):
            locate(Location("default", server.simple_url), "demo", FILE, session)
        with pytest.raises(NetworkError):
            list(http.pieces(server.file_url(FILE), session))


def test_a_server_that_is_not_there_is_named_by_its_alias(wheelhouse: Path) -> None:
    with IndexServer(wheelhouse) as server:
        url = server.simple_url
    with requests.Session() as session, pytest.raises(NetworkError, match="`mirror` cannot be reached") as caught:
        locate(Location("mirror", url), "torch-cpu", FILE, session)
    assert url not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("page.json", b"{}"), ("page.txt", b"text"), ("page.json", b"[")],
)
def test_a_page_that_cannot_be_read_is_a_network_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with (
        FileServer(tmp_path) as server,
        requests.Session() as session,
        pytest.raises(NetworkError, match="gives no page that can be read"),
    ):
        locate(Location("mirror", f"{server.url}/{name}", "links"), "torch-cpu", FILE, session)


@pytest.mark.parametrize("name", [FILE, "another.whl"])
def test_other_files_of_a_page_in_json_are_not_looked_at(wheelhouse: Path, name: str) -> None:
    """Thousands of them may be there. A file of another name than its URL's is found by either."""
    files = [1, {}, {"filename": None, "url": 5}, {"filename": name, "url": f"../files/{FILE}", "hashes": {}}]
    page = {"meta": {"api-version": "1.0"}, "name": "torch-cpu", "files": files}

    class Odd(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(json.dumps(page).encode(), JSON_TYPE)

    with Odd(wheelhouse) as server, requests.Session() as session:
        url = locate(Location("default", server.simple_url), "torch-cpu", FILE, session)
        assert url == f"{server.simple_url}files/{FILE}"


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"files":' * 100_000], ids=["lists", "objects"])
def test_a_page_that_is_nested_without_end(wheelhouse: Path, body: bytes) -> None:
    class Deep(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(body, JSON_TYPE)

    with Deep(wheelhouse) as server, requests.Session() as session, pytest.raises(NetworkError, match="can be read"):
        locate(Location("default", server.simple_url), "torch-cpu", FILE, session)


@pytest.mark.parametrize("body", [b"<![[[", b"<!DOCTYPE <![CDATA[", b"\xff\xfe\0<a href=]"])
def test_markup_that_is_none(wheelhouse: Path, body: bytes) -> None:
    class Broken(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(body, HTML_TYPE)

    with Broken(wheelhouse) as server, requests.Session() as session, pytest.raises(NetworkError):
        locate(Location("default", server.simple_url), "torch-cpu", FILE, session)


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.OK])
def test_no_connection_is_left_open(wheelhouse: Path, status: HTTPStatus) -> None:
    class Answering(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(b"[" * 1000, JSON_TYPE, status)

    with (
        Answering(wheelhouse) as server,
        requests.Session() as session,
        patch.object(requests.Response, "close", autospec=True, side_effect=requests.Response.close) as closed,
        pytest.raises(NetworkError),
    ):
        locate(Location("default", server.simple_url), "torch-cpu", FILE, session)
    assert closed.called
