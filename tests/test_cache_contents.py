"""What is removed of a cache directory, and what is not."""

from __future__ import annotations

import os
import time
from pathlib import Path

from cortexlock.cache_contents import Removed, bound, clean, prune

_OLD = ("pages/ab/old.json", "http/a/old", "built/old/a.whl", "artifacts/sha256/ab/x/old.whl")
_NEW = ("pages/ab/new.json", "built/new/a.whl", "interpreters/linux-64-1/bin/python")


def _fill(cache: Path) -> None:
    for name in (*_OLD, *_NEW, "mine/keep", "keep.txt"):
        path = cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
        if name not in _NEW:
            os.utime(path, (1, 1))


def _left(cache: Path) -> set[str]:
    return {path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file()}


def test_clean_removes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    _fill(tmp_path)
    assert clean(tmp_path) == Removed(7, 35)
    assert _left(tmp_path) == {"mine/keep", "keep.txt"}
    assert clean(tmp_path) == clean(tmp_path / "missing") == Removed(0, 0)


def test_prune_removes_what_nobody_uses(tmp_path: Path) -> None:
    _fill(tmp_path)
    os.utime(tmp_path / "built/old/a.whl", (time.time(), 1))  # read today
    assert prune(tmp_path, before=time.time() - 1000) == Removed(3, 15)
    assert _left(tmp_path) == {*_NEW, "built/old/a.whl", "mine/keep", "keep.txt"}


def test_links_lead_elsewhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    _fill(outside)
    cache = tmp_path / "cache"
    (cache / "built").mkdir(parents=True)
    (cache / "pages").symlink_to(outside / "pages")
    (cache / "built" / "link").symlink_to(outside)
    (cache / "http").mkdir()
    (cache / "http" / "link").symlink_to(outside / "keep.txt")
    before = _left(outside)
    assert clean(cache).files == 1
    assert _left(outside) == before


def test_more_than_the_bound_goes_once_a_day_the_oldest_first(tmp_path: Path) -> None:
    _fill(tmp_path)
    now = time.time()
    assert bound(tmp_path, now=now, most=35) == Removed(0, 0)
    assert bound(tmp_path, now=now + 1000, most=20) == Removed(0, 0)  # it was looked at a moment ago
    removed = bound(tmp_path, now=now + 100_000, most=30)
    assert removed == Removed(3, 15)  # 24 bytes and less are left of the 35
    assert set(_NEW) < _left(tmp_path)
    assert {"mine/keep", "keep.txt"} < _left(tmp_path)
