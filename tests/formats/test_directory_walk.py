"""Directories are read however deep they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.formats.directory_walk import scanned
from tests.support.deep_directories import deep


def _paths(root: Path) -> list[str]:
    return sorted(f"{inside}{entry.name}" for inside, entries in scanned(root) for entry in entries)


def test_all_that_is_below_and_nothing_behind_links(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to(".")
    assert _paths(tmp_path) == ["a", "a/b", "a/b/file", "link", "loop"]


def test_only_what_is_to_be_entered(tmp_path: Path) -> None:
    (tmp_path / "proc" / "1").mkdir(parents=True)
    (tmp_path / "a" / "proc" / "2").mkdir(parents=True)
    found = [inside for inside, _entries in scanned(tmp_path, enters=lambda path: path != "proc")]
    assert sorted(found) == ["", "a/", "a/proc/", "a/proc/2/"]


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert list(scanned(tmp_path / "nowhere")) == []


def test_deeper_than_the_stack(tmp_path: Path) -> None:
    with deep(tmp_path, 1500):
        assert len(_paths(tmp_path)) == 1500


@pytest.mark.parametrize("name", ["a b", "é", "x" * 200])
def test_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / os.fsdecode(b"\xff")).touch()
    assert _paths(tmp_path) == [name, f"{name}/" + os.fsdecode(b"\xff")]
