"""URLs, taken to pieces."""

from __future__ import annotations

from pathlib import Path

from cortexlock.network.urls import local_path, without_credentials


def test_a_url_without_credentials_is_left_alone() -> None:
    assert without_credentials("https://example.org/a@b") == ("https://example.org/a@b", None)


def test_local_paths(tmp_path: Path) -> None:
    path = tmp_path / "with space"
    assert local_path(path.as_uri()) == path
    assert local_path("https://example.org/file:/x") is None
