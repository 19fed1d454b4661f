"""Pages of indexes, kept: for how long, and only whole."""

from __future__ import annotations

import json
import os
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from cortexlock.pip.indexes import file_rows
from cortexlock.pip.indexes.kept_pages import KeptPage, KeptPages
from cortexlock.pip.indexes.page_filter import last_second

_URL = "https://example.org/simple/a/"
_FILES = ({"url": "https://example.org/files/a-1.0.tar.gz", "hashes": {"sha256": "0"}},)
_PAGE = KeptPage(_URL, _URL, file_rows.written(_FILES), "1" * 64)
_EVER = last_second(None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600, public"}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "700"}, -100),
        ({"Cache-Control": "max-age=600, no-cache"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": f"max-age={'9' * 400}"}, None),
        ({"Cache-Control": f"max-age={'9' * 5000}"}, None),
        ({"Cache-Control": "max-age=600", "Age": "9" * 5000}, None),
        ({"Cache-Control": "max-age=600", "Date": "long ago"}, 600),
        ({"Cache-Control": "max-age=600", "Date": formatdate(0)}, -1000),
    ],
)
def test_for_how_long_a_page_is_good(tmp_path: Path, headers: dict[str, str], seconds: float | None) -> None:
    pages = KeptPages(tmp_path, "key")
    pages.keep(_PAGE, {**headers, "ETag": '"x"'})
    found = pages.find(_URL)
    assert found is not None
    assert (found.files(_EVER), found.sha256, found.etag) == (_FILES, "1" * 64, '"x"')
    now = time.time()
    for difference in (-30, 30):
        good = seconds is not None and difference < 0 and seconds > 0
        assert found.is_fresh(now + max(seconds or 0, 0) + difference) is good or seconds == 0


def test_pages_are_of_one_filter_and_url(tmp_path: Path) -> None:
    KeptPages(tmp_path, "key").keep(_PAGE, {})
    assert KeptPages(tmp_path, "other").find(_URL) is None
    assert KeptPages(tmp_path, "key").find(f"{_URL}b/") is None
    assert KeptPages(tmp_path, "key").find(_URL) is not None


def test_what_is_damaged_is_not_there(tmp_path: Path) -> None:
    pages = KeptPages(tmp_path, "key")
    pages.keep(_PAGE, {})
    (path,) = tmp_path.rglob("*.jsonl")
    content = path.read_text(encoding="utf-8")
    first, rows = content.split("\n", 1)
    whole = json.loads(first)
    firsts = ("", "[]", "{", *(json.dumps({**whole, key: [7]}) for key in whole))
    for text in ("", first, content[:-1], *(f"{other}\n{rows}" for other in firsts)):
        path.write_text(text, encoding="utf-8")
        assert pages.find(_URL) is None, text
    path.write_text(f"{json.dumps(whole)}\n{rows}", encoding="utf-8")
    assert pages.find(_URL) is not None


def test_a_cache_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    pages = KeptPages(tmp_path / "file", "key")
    pages.keep(_PAGE, {})
    assert pages.find(_URL) is None


def test_what_was_asked_for_since_a_command_began_is_of_now(tmp_path: Path) -> None:
    began = time.time()
    pages = KeptPages(tmp_path, "key", since=began)
    assert not pages.is_of_now(_URL)
    pages.keep(_PAGE, {})
    assert pages.is_of_now(_URL)
    assert not KeptPages(tmp_path, "key", since=began + 1000).is_of_now(_URL)
    assert not KeptPages(tmp_path, "key").is_of_now(_URL)
    (path,) = tmp_path.rglob("*.jsonl")
    os.utime(path, (1, 1))
    assert not pages.is_of_now(_URL)
    pages.keep(_PAGE, {}, pages.find(_URL))  # it was asked for, and is the same
    assert pages.is_of_now(_URL)
