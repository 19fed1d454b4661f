"""A copy of the resolver's process that fetches for it: with it and without it, the same is locked."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from http import HTTPStatus
from math import inf
from pathlib import Path

import pytest

from cortexlock.errors import NetworkError
from cortexlock.workers import side_by_side
from tests.support import resolving_worker
from tests.support.file_server import Answer
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="processes are copied on Linux")


def _locked(
    project: Path, server: IndexServer, trouble: str = "", since: float = inf
) -> tuple[dict[str, str], list[str], int]:
    environment = dict(os.environ)
    (found,) = side_by_side(
        resolving_worker.lock,
        [(project, server.simple_url, trouble, since)],
        env=environment,
        on_message=lambda _number, _text: None,
    )
    return found


@pytest.fixture
def chain(wheelhouse: Path) -> dict[str, str]:
    """A wheel that needs an sdist, which needs a wheel, which an index has no metadata of by itself."""
    make_wheel(wheelhouse, "a", "1.0", requires=["b>=1"])
    make_sdist(
        wheelhouse,
        "b",
        "1.0",
        setup="from setuptools import setup\nsetup(name='b', version='1.0', install_requires=['c'])",
    )
    make_wheel(wheelhouse, "c", "2.0")
    make_wheel(wheelhouse, "setuptools", "60.0")
    make_wheel(wheelhouse, "wheel", "0.40")
    return {"a": "1.0", "b": "1.0", "c": "2.0"}


def test_the_copy_fetches_each_page(chain: dict[str, str], index_server: IndexServer, tmp_path: Path) -> None:
    assert _locked(tmp_path / "project", index_server) == (chain, [], 1)
    assert all(sum(each.path == f"/simple/{name}/" for each in index_server.requests) == 1 for name in chain)


def test_a_copy_that_ends_is_done_without(chain: dict[str, str], index_server: IndexServer, tmp_path: Path) -> None:
    assert _locked(tmp_path / "project", index_server, "the copy ends") == (
        chain,
        ["a", "b", "c", "setuptools", "wheel"],
        1,
    )


def test_where_all_is_at_hand_is_no_copy(chain: dict[str, str], index_server: IndexServer, tmp_path: Path) -> None:
    """Another project of the command has asked for everything; what is missing then is fetched by a copy."""
    began, project = time.time(), tmp_path / "project"
    assert _locked(project, index_server, since=began) == (chain, [], 1)
    asked = len(index_server.requests)
    assert _locked(project, index_server, since=began) == (chain, [], 0)
    assert len(index_server.requests) == asked
    kept = next(path for path in (tmp_path / "cache" / "pages").rglob("*.jsonl") if b"/simple/c/" in path.read_bytes())
    kept.unlink()
    assert _locked(project, index_server, since=began) == (chain, [], 1)
    assert [request.path for request in index_server.requests[asked:]] == ["/simple/c/"]


class _Broken(IndexServer):
    """An index that fails for one project."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Return a page, or an error."""
        if path == "/simple/c/":
            return Answer(b"no\n", "text/plain", HTTPStatus.UNAUTHORIZED)
        return super().answer(path, headers)


def test_an_error_of_the_index_is_that_of_the_copy(chain: dict[str, str], wheelhouse: Path, tmp_path: Path) -> None:
    assert chain
    with _Broken(wheelhouse) as server:
        with pytest.raises(NetworkError) as copied:
            _locked(tmp_path / "1" / "project", server)
        with pytest.raises(NetworkError) as own:
            resolve(tmp_path / "2" / "project", "a\n", index_url=server.simple_url)
        assert (copied.value.what, copied.value.where) == (own.value.what, own.value.where)
