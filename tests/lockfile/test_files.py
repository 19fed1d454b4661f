"""Lockfiles on disk: all are written or none, whatever happens."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.lockfile.files import read, read_labelled, refuse_another_file, write_all
from cortexlock.lockfile.text import dumps
from tests.support.lockfiles import example

_needs_modes = pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")


def _listing(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cortexlock.cpu.yaml"
    write_all({path: dumps(example())})
    assert read(path, name=path.name) == example()
    assert b"\r" not in path.read_bytes()


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "cortexlock.cpu.yaml"
    path.write_text(dumps(example()), encoding="utf-8-sig")
    assert read(path, name=path.name) == example()


def test_a_missing_lockfile(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such lockfile") as caught:
        read(tmp_path / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")
    assert caught.value.hint == "run `cortexlock lock`"


def test_a_lockfile_of_another_platform_or_image(tmp_path: Path) -> None:
    write_all({tmp_path / "cortexlock.cuda.yaml": dumps(example())})
    named = replace(example(), name="gpu")
    write_all({tmp_path / "cortexlock.cpu.yaml": dumps(named), tmp_path / "cortexlock.gpu.yaml": dumps(named)})
    assert read_labelled(tmp_path, "gpu") == named
    for label, made_for in (("cuda", "the platform cpu"), ("cpu", "the image gpu")):
        with pytest.raises(InputError, match=f"made for {made_for}: it was renamed or copied") as caught:
            read_labelled(tmp_path, label)
        assert caught.value.where == f"cortexlock.{label}.yaml"


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path, name="cortexlock.cpu.yaml")


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "cortexlock.cpu.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(InputError, match="not UTF-8") as caught:
        read(path, name=path.name)
    assert caught.value.where == "cortexlock.cpu.yaml:2"


@_needs_modes
def test_a_new_file_is_readable_for_all_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_all({tmp_path / "a": "1"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


@_needs_modes
def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("0")
    (tmp_path / "a").chmod(0o664)
    write_all({tmp_path / "a": "1"})
    assert _listing(tmp_path) == {"a": "1"}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o664


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_failure_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int, error: BaseException
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "c").write_text("old")
    replace_file = Path.replace
    calls = 0

    def fail(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise error
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((InputError, KeyboardInterrupt)):
        write_all({tmp_path / "a": "new", tmp_path / "b": "new", tmp_path / "c": "new"})
    assert _listing(tmp_path) == {"a": "old", "c": "old"}


def test_a_failure_while_preparing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_all({tmp_path / "a": "new", tmp_path / "missing" / "b": "new"})
    assert _listing(tmp_path) == {}


def test_a_symbolic_link_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "a").symlink_to("target")
    with pytest.raises(InputError, match="symbolic link"):
        write_all({tmp_path / "b": "new", tmp_path / "a": "new"})
    assert _listing(tmp_path) == {"target": "old", "a": "old"}


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="not a regular file"):
        write_all({tmp_path / "a": "new"})


@_needs_modes
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="nothing was changed"):
            write_all({tmp_path / "a": "new"})
    finally:
        tmp_path.chmod(0o700)


def test_a_file_that_has_a_lockfile_s_name_by_chance_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cortexlock.own.yaml").write_text("hello: world\n")
    (tmp_path / "cortexlock.cut.yaml").write_text("lockfile-version: 1\nsteps: [\n")
    (tmp_path / "cortexlock.none.yaml").write_text("")
    with pytest.raises(InputError, match="it is there and is no lockfile"):
        refuse_another_file(tmp_path, "own")
    for label in ("cut", "none", "missing", "cpu"):
        refuse_another_file(tmp_path, label)
