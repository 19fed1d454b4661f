"""Local trees: what belongs to them, and what changes their hash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs.trees import tree_files, tree_hash
from cortexlock.storage.digests import file_digest
from tests.support.deep_directories import deep

_KEPT = ["pkg/__init__.py", "pkg/build/__init__.py", "pkg/data.bin", "setup.py"]
_LEFT_OUT = [
    ".git/HEAD",
    ".hg/x",
    "pkg/__pycache__/a.cpython-36.pyc",
    "pkg/a.pyc",
    "pkg.egg-info/PKG-INFO",
    "src/pkg.egg-info/PKG-INFO",
    "build/lib/a.py",
    "dist/a-1.tar.gz",
    "env/pyvenv.cfg",
    "env/lib/a.py",
    ".venv/a",
    ".mypy_cache/a",
    ".pytest_cache/a",
    ".ruff_cache/a",
    ".tox/a",
    ".nox/a",
    ".DS_Store",
    "pkg/.DS_Store",
    "cortexlock.cpu.yaml",
    "cortexlock.cuda.yaml",
    "cortexlock.inf.yaml",
]


def _make(directory: Path, names: list[str]) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}\n")
    return directory


def test_what_belongs_to_a_tree(tmp_path: Path) -> None:
    _make(tmp_path, _KEPT + _LEFT_OUT)
    assert [path.as_posix() for path in tree_files(tmp_path)] == _KEPT


def test_what_is_left_out_changes_nothing(tmp_path: Path) -> None:
    before = tree_hash(_make(tmp_path, _KEPT))
    assert tree_hash(_make(tmp_path, _LEFT_OUT)) == before


def test_the_place_of_a_tree_does_not_matter(tmp_path: Path) -> None:
    one, two = _make(tmp_path / "one", _KEPT), _make(tmp_path / "two" / "deep", _KEPT[::-1])
    assert tree_hash(one) == tree_hash(two)


@pytest.mark.parametrize("change", ["content", "line ends", "name", "new", "gone", "mode", "link", "target"])
def test_what_changes_the_hash(tmp_path: Path, change: str) -> None:
    _make(tmp_path, _KEPT)
    (tmp_path / "link").symlink_to("setup.py")
    before = tree_hash(tmp_path)
    file = tmp_path / "pkg" / "__init__.py"
    if change == "content":
        file.write_text("other")
    elif change == "line ends":
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    elif change == "name":
        file.rename(file.with_name("other.py"))
    elif change == "new":
        file.with_name("new.py").touch()
    elif change == "gone":
        file.unlink()
    elif change == "mode":
        file.chmod(0o755)
    else:
        (tmp_path / "link").unlink()
        if change == "target":
            (tmp_path / "link").symlink_to("pkg")
        else:
            (tmp_path / "link").write_text((tmp_path / "setup.py").read_text())
    assert tree_hash(tmp_path) != before


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o444])
def test_other_bits_of_the_mode_do_not_matter(tmp_path: Path, mode: int) -> None:
    _make(tmp_path, ["a"])
    before = tree_hash(tmp_path)
    (tmp_path / "a").chmod(mode)
    assert tree_hash(tmp_path) == before


def test_contents_cannot_be_moved_into_names(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (one / "a").write_text("")
    (one / "b").write_text("")
    (two / "ab").write_text("")
    assert tree_hash(one) != tree_hash(two)


def test_links_to_directories_are_not_followed(tmp_path: Path) -> None:
    _make(tmp_path, ["pkg/a.py"])
    (tmp_path / "loop").symlink_to(".")
    assert [path.as_posix() for path in tree_files(tmp_path)] == ["loop", "pkg/a.py"]


def test_special_files_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert tree_files(tmp_path) == ()


def test_names_that_are_not_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff")).write_text("")
    assert len(tree_hash(tmp_path)) == 64


def test_no_such_tree(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such directory"):
        tree_files(tmp_path / "missing")


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_tree_deeper_than_the_stack(tmp_path: Path) -> None:
    with deep(tmp_path, 1200):
        (tmp_path.joinpath(*"d" * 1200) / "file").write_text("x")
        assert tree_files(tmp_path) == (Path(*"d" * 1200, "file"),)
