"""METADATA of wheels, kept by hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.index_server import IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_wheel


def _kept(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "cache" / "http" / "metadata").rglob("*") if path.is_file())


@pytest.mark.parametrize("metadata", [True, False])
def test_metadata_is_fetched_once(wheelhouse: Path, tmp_path: Path, *, metadata: bool) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0", requires=["b"])
    make_wheel(wheelhouse, "b", "1.0")
    with IndexServer(wheelhouse, metadata=metadata) as server:
        first = versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url))
        before = len(server.requests)
        second = versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url))
        asked = {request.path for request in server.requests[before:] if request.method == "GET"}
    assert first == second == {"a": "1.0", "b": "1.0"}
    assert asked <= {"/simple/a/", "/simple/b/"}
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert (tmp_path / "cache" / "http" / "metadata" / digest[:2] / digest) in _kept(tmp_path)
    assert len(_kept(tmp_path)) == 2


def test_another_file_of_the_same_name_is_another_entry(wheelhouse: Path, tmp_path: Path) -> None:
    with IndexServer(wheelhouse) as server:
        make_wheel(wheelhouse, "a", "1.0", requires=["b"])
        make_wheel(wheelhouse, "b", "1.0")
        assert "b" in versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url))
        make_wheel(wheelhouse, "a", "1.0", requires=["c"])
        make_wheel(wheelhouse, "c", "1.0")
        assert versions(resolve(tmp_path / "project", "a\n", index_url=server.simple_url)) == {"a": "1.0", "c": "1.0"}


def test_files_on_this_machine_are_not_kept(wheelhouse: Path, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    assert versions(resolve(tmp_path / "project", f"--no-index\n-f {wheelhouse}\na\n")) == {"a": "1.0"}
    assert _kept(tmp_path) == []


def test_requirements_from_before_pep_508_are_read(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["b (>=1.0<2)"])
    for version in ("1.5", "2.0"):
        make_wheel(wheelhouse, "b", version)
    for _ in range(2):  # from the index, and from the cache
        assert versions(resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url)) == {
            "a": "1.0",
            "b": "1.5",
        }
