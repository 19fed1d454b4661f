"""Files that users put into a project: regular ones, and others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.formats import content


def test_a_file_and_a_link_to_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0a")
    (tmp_path / "b").symlink_to("a")
    assert content.read(tmp_path / "a") == content.read(tmp_path / "b") == b"\0a"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        ("dangling", "it is a link to what is not there"),
        ("loop", "Too many levels of symbolic links"),
        ("directory", "it is a directory"),
        ("pipe", "it is no regular file"),
    ):
        with pytest.raises(OSError, match=reason) as caught:
            content.read(tmp_path / name)
        error = content.unreadable(name, caught.value)
        assert str(error) == f"{name}: cannot be read: {reason}\n  hint: put a file there that can be read"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        content.read(tmp_path / "a")
    assert content.unreadable("a", caught.value).hint == "is the name right?"


def test_a_file_that_is_larger_than_any_real_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert content.read(tmp_path / "a", largest=5) == b"12345"
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(content.LARGEST + 1)
    with pytest.raises(OSError, match="larger than 16 MiB"):
        content.read(tmp_path / "sparse")


def test_a_name_with_a_nul(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="NUL"):
        content.read(tmp_path / "a\0b")
