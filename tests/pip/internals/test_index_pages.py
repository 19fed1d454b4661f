"""Pages of indexes: asked for with what is kept of them, and parsed once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

import pytest
from pip._internal.models import link as link_module

from cortexlock.errors import NetworkError
from cortexlock.model.project import Configuration
from cortexlock.network import bounded_read
from cortexlock.pip.indexes.page_filter import PageFilter
from cortexlock.pip.internals import connections
from cortexlock.pip.internals.plain_links import quoted
from tests.support.file_server import Answer
from tests.support.index_server import JSON_TYPE, IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_wheel


class _Validating(IndexServer):
    """An index whose pages have an ETag, and are good for some seconds."""

    max_age = 0

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        found = super().answer(path, headers)
        if not path.startswith("/simple/"):
            return found
        etag = f'"{hashlib.sha256(found.body).hexdigest()}"'
        more = {"ETag": etag, "Cache-Control": f"max-age={self.max_age}"}
        if headers.get("if-none-match") == etag:
            return Answer(b"", "text/plain", HTTPStatus.NOT_MODIFIED, more)
        return replace(found, headers=more)


def _statuses(server: IndexServer) -> list[int]:
    return [request.status for request in server.requests if request.path.startswith("/simple/")]


def test_a_page_that_has_not_changed_does_not_come_again(wheelhouse: Path, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    with _Validating(wheelhouse) as server:
        for _ in range(3):
            assert versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url)) == {"a": "1.0"}
        assert _statuses(server) == [200, 304, 304]
        make_wheel(wheelhouse, "a", "2.0")
        assert versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url)) == {"a": "2.0"}
        assert _statuses(server)[3:] == [200]


def test_a_page_is_asked_for_when_it_is_no_longer_good_or_somebody_wants_it(wheelhouse: Path, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    with _Validating(wheelhouse) as server:
        server.max_age = 600
        for refresh, asked in ((False, 1), (False, 1), (True, 2)):
            resolve(tmp_path / "project", "a\n", index_url=server.simple_url, refresh=refresh)
            assert len(_statuses(server)) == asked


def test_a_page_without_an_etag_is_parsed_only_if_it_has_changed(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    with patch.object(PageFilter, "wanted", autospec=True, side_effect=PageFilter.wanted) as wanted:
        for number in (1, 1):
            resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url)
            assert wanted.call_count == number
        make_wheel(wheelhouse, "a", "2.0")
        assert versions(resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url)) == {"a": "2.0"}
        assert wanted.call_count == 2


def test_a_command_fetches_and_parses_a_page_once_for_all_cut_off_dates(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    for year in (2018, 2019, 2020):
        index_server.upload(make_wheel(wheelhouse, "a", f"{year}.0").name, at=f"{year}-01-01T00:00:00Z")
    url, began = index_server.simple_url, time.time()
    with patch.object(PageFilter, "wanted", autospec=True, side_effect=PageFilter.wanted) as wanted:
        for year in (2019, 2018, 2020):
            settings = Configuration(index_url=url, exclude_newer=f"{year}-06-01T00:00:00Z")
            found = resolve(tmp_path / "project", "a\n", configuration=settings, since=began)
            assert versions(found) == {"a": f"{year}.0"}
        assert versions(resolve(tmp_path / "project", "a\n", index_url=url, since=began)) == {"a": "2020.0"}
        assert wanted.call_count == 1
    assert _statuses(index_server) == [200]


_NO_PAGES = {
    "list": b"[]",
    "number": b'{"files": [1]}',
    "text": b"no JSON",
    "url": b'{"files": [{"url": 1}]}',
    "lists": b"[" * 200_000,
    "objects": b'{"files":' * 100_000,
    "digits": b'{"files": [{"size": ' + b"9" * 5000 + b"}]}",
}


@pytest.mark.parametrize("body", _NO_PAGES.values(), ids=_NO_PAGES)
def test_what_is_no_page_is_an_error_of_the_index(wheelhouse: Path, tmp_path: Path, body: bytes) -> None:
    class Broken(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(body, JSON_TYPE)

    with Broken(wheelhouse) as server, pytest.raises(NetworkError):
        resolve(tmp_path / "project", "a\n", index_url=server.simple_url)


class _Astray(IndexServer):
    """An index that answers with neither a page nor an error."""

    answered = Answer(b"", "text/html", HTTPStatus.FOUND)

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        return self.answered if path.startswith("/simple/") else super().answer(path, headers)


def test_an_index_that_wants_to_be_asked_tomorrow_is_an_error(
    wheelhouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_LONGEST_PAUSE", 0.01)
    with _Astray(wheelhouse) as server:
        server.answered = Answer(b"", "text/html", HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "86400"})
        with pytest.raises(NetworkError, match="429"):
            resolve(tmp_path / "project", "a\n", index_url=server.simple_url)
        assert len(server.requests) > 1


@pytest.mark.parametrize("charset", ["nosuch", "rot13", "utf-16"])
def test_a_page_of_an_odd_encoding_is_an_error_of_the_index(wheelhouse: Path, tmp_path: Path, charset: str) -> None:
    with _Astray(wheelhouse) as server:
        server.answered = Answer(b"<html>a", f"text/html; charset={charset}")
        with pytest.raises(NetworkError, match="gives no page that can be read"):
            resolve(tmp_path / "project", "a\n", index_url=server.simple_url)


@pytest.mark.parametrize(
    ("status", "to", "said"),
    [
        (HTTPStatus.FOUND, "", "answers 302"),
        (HTTPStatus.FOUND, "page", "answers 302"),
        (HTTPStatus.NO_CONTENT, "", "answers 204"),
        (HTTPStatus.NOT_MODIFIED, "", "answers 304"),
        (HTTPStatus.MULTIPLE_CHOICES, "", "answers 300"),
        (HTTPStatus.FOUND, "/simple/a/", "Exceeded 30 redirects"),
    ],
)
@pytest.mark.parametrize("option", ["--index-url", "--no-index\n--find-links"])
def test_an_answer_that_is_no_page_is_an_error_of_the_index(  # noqa: PLR0913, PLR0917 - fixtures
    wheelhouse: Path, tmp_path: Path, status: HTTPStatus, to: str, said: str, option: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<a href='a-1.0-py3-none-any.whl'>a</a>")
    location = {"Location": page.as_uri() if to == "page" else to} if to else {}
    with _Astray(wheelhouse) as server:
        server.answered = Answer(b"", "text/html", status, location)
        with pytest.raises(NetworkError, match=said):
            resolve(tmp_path / "project", f"{option} {server.simple_url}\na\n")


def test_markup_that_is_none_is_an_error_of_the_index(wheelhouse: Path, tmp_path: Path) -> None:
    class Broken(IndexServer):
        def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
            del path, headers
            return Answer(b"<![[[", "text/html")

    with Broken(wheelhouse) as server, pytest.raises(NetworkError, match="no page that can be read"):
        resolve(tmp_path / "project", "a\n", index_url=server.simple_url)


@pytest.mark.parametrize("kind", ["index", "links"])
def test_a_page_without_end(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A page of find-links is as bounded as one of an index."""
    make_wheel(wheelhouse, "a", "1.0")
    read = partial(bounded_read.read, largest=16)
    monkeypatch.setattr(bounded_read, "read", read)
    if kind == "index":
        lines, url = "a\n", index_server.simple_url
    else:
        empty = tmp_path / "empty"
        empty.mkdir()
        lines, url = f"--find-links {index_server.find_links_url}\na\n", empty.as_uri()
    with pytest.raises(NetworkError, match="does not end"):
        resolve(tmp_path / "project", lines, index_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/packages/ab/a-1.0-py3-none-any.whl",
        "http://127.0.0.1:8080/files/a_b~1.0.tar.gz",
        "https://example.org/a-1.0+cpu.whl",
        "https://example.org/a%20b.whl",
        "https://example.org/a b.whl",
        "https://example.org/a.whl#sha256=1",
        "https://example.org/a.whl?x=/y",
        "https://me@example.org/a.whl",
        "file:///tmp/a.whl",
    ],
)
def test_a_url_is_quoted_as_pip_does(url: str) -> None:
    assert quoted(url) == link_module._ensure_quoted_url(url)
