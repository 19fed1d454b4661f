"""Values that are kept, and of which nothing is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.storage.json_cache import JsonCache


def test_what_is_kept_is_found_in_its_scope_only(tmp_path: Path) -> None:
    JsonCache(tmp_path, "a").keep("key", {"x": [1, "é"]})
    assert JsonCache(tmp_path, "a").find("key") == {"x": [1, "é"]}
    assert JsonCache(tmp_path, "b").find("key") is None
    assert JsonCache(tmp_path, "a").find("other") is None


@pytest.mark.parametrize(
    "content", [b"", b"[" * 200_000, b'{"a":' * 100_000, b"9" * 5000, b"\xff", b"NaN"], ids=range(6)
)
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: bytes) -> None:
    cache = JsonCache(tmp_path, "a")
    cache.keep("key", 1)
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(content)
    assert cache.find("key") is None
    cache.keep("key", 2)
    assert cache.find("key") == 2


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = JsonCache(tmp_path / "file", "a")
    cache.keep("key", 1)
    assert cache.find("key") is None
