"""METADATA out of wheels, by parts: few requests, and pip's way where a server does not answer them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.support.file_server import Answer, Fault
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_wheel


def _large(directory: Path) -> Path:
    """Make a wheel with a list of files that is longer than what is fetched first, and METADATA far from its end."""
    noise = random.Random(1)  # noqa: S311 - so that nothing of it can be compressed
    modules = {f"big/{noise.randbytes(16).hex()}.py": noise.randbytes(30).hex() for _ in range(3000)}
    return make_wheel(directory, "big", "1.0", requires=["small"], modules=modules)


def _asked(server: IndexServer, wheel: Path) -> list[str]:
    return [f"{each.method} {each.status}" for each in server.requests if each.path.endswith(wheel.name)]


def test_a_wheel_takes_a_request_and_a_large_one_few(wheelhouse: Path, tmp_path: Path) -> None:
    big, small = _large(wheelhouse), make_wheel(wheelhouse, "small", "1.0")
    with IndexServer(wheelhouse, metadata=False) as server:
        found = versions(resolve(tmp_path / "project", "big\n", index_url=server.simple_url))
        assert found == {"big": "1.0", "small": "1.0"}
        assert _asked(server, small) == ["GET 206"]
        asked = _asked(server, big)
    assert set(asked) == {"GET 206"}
    assert 2 <= len(asked) <= 5


def test_without_ranges_the_whole_file_comes(wheelhouse: Path, tmp_path: Path) -> None:
    big = _large(wheelhouse)
    make_wheel(wheelhouse, "small", "1.0")
    with IndexServer(wheelhouse, metadata=False) as server:
        server.ranges = False
        found = versions(resolve(tmp_path / "project", "big\n", index_url=server.simple_url))
        assert found == {"big": "1.0", "small": "1.0"}
        assert "GET 206" not in _asked(server, big)


class _NoEnds(IndexServer):
    """Knows no ranges that count from the end, and answers them as it is told."""

    no_end: Answer

    def respond(self, path: str, headers: Mapping[str, str]) -> tuple[Answer, Fault | None]:
        if headers.get("range", "").startswith("bytes=-"):
            return self.no_end, None
        return super().respond(path, headers)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", "x/y", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": "bytes */9"}),
        Answer(b"x", "x/y", HTTPStatus.PARTIAL_CONTENT),
        Answer(b"x", "x/y", HTTPStatus.PARTIAL_CONTENT, headers={"Content-Range": "bytes 0-0/9"}),
        Answer(b"xy", "x/y", HTTPStatus.PARTIAL_CONTENT, headers={"Content-Range": "bytes 0-8/9"}),
        Answer(b"x", "x/y", HTTPStatus.PARTIAL_CONTENT, headers={"Content-Range": "bytes nine"}),
    ],
    ids=["416", "no range", "not the end", "too short", "malformed"],
)
def test_where_no_end_comes_pip_has_its_way(wheelhouse: Path, tmp_path: Path, answer: Answer) -> None:
    big = _large(wheelhouse)
    make_wheel(wheelhouse, "small", "1.0")
    with _NoEnds(wheelhouse, metadata=False) as server:
        server.no_end = answer
        found = versions(resolve(tmp_path / "project", "big\n", index_url=server.simple_url))
        assert found == {"big": "1.0", "small": "1.0"}
        assert "HEAD 200" in _asked(server, big)
        assert "GET 206" in _asked(server, big)


class _Elsewhere(IndexServer):
    """Has its wheels at another place than its pages say, and answers no ranges there."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/moved/"):
            return self.file(self.directory, path.rpartition("/")[2])
        if path.endswith(".whl"):
            moved = {"Location": f"/moved/{path.rpartition('/')[2]}"}
            return Answer(b"", "text/plain", HTTPStatus.FOUND, headers=moved)
        return super().answer(path, headers)


def test_a_redirect_without_ranges_is_followed_to_the_whole_file(wheelhouse: Path, tmp_path: Path) -> None:
    """Pip follows no redirect of a HEAD request, and takes its answer for that of a file."""
    make_wheel(wheelhouse, "small", "1.0")
    with _Elsewhere(wheelhouse, metadata=False) as server:
        server.ranges = False
        found = versions(resolve(tmp_path / "project", "small\n", index_url=server.simple_url))
    assert found == {"small": "1.0"}
