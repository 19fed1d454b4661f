"""A part is written by one at a time, and continued by the next if it was left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.replay.supply import partial_files
from cortexlock.replay.supply.partial_files import opened

posix = pytest.mark.skipif(os.name != "posix", reason="flock is POSIX's")


def _left(directory: Path, name: str, content: bytes) -> Path:
    path = directory / f".{name}.part"
    path.write_bytes(content)
    return path


def test_a_new_part_becomes_the_file(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    with opened(directory, adopt=True) as part:
        assert not part.adopted
        part.file.write(b"content")
        part.file.flush()
        part.commit(directory / "file")
    assert [(path.name, path.read_bytes()) for path in directory.iterdir()] == [("file", b"content")]


@posix
def test_the_largest_that_was_left_is_continued(tmp_path: Path) -> None:
    _left(tmp_path, "one", b"12")
    large = _left(tmp_path, "two", b"123")
    with opened(tmp_path, adopt=True) as part:
        assert (part.adopted, part.path) == (True, large)
        assert part.empty().read() == b""
    assert not large.exists()  # it is empty: nothing to continue


@posix
def test_one_that_is_written_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path, adopt=True) as one:
        one.file.write(b"1")
        one.file.flush()
        with opened(tmp_path, adopt=True) as other:
            assert (other.adopted, other.path == one.path) == (False, False)


@posix
def test_one_whose_process_was_killed_is_continued(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from cortexlock.replay.supply.partial_files import opened\n"
        "with opened(Path(sys.argv[1]), adopt=True) as part:\n"
        "    part.file.write(b'12345'); part.file.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    with opened(tmp_path, adopt=True) as part:
        assert part.adopted
        assert part.file.read() == b"12345"


@posix
def test_one_that_got_its_name_in_the_meantime_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look into the directory and the lock, its writer may have finished it."""
    left = _left(tmp_path, "one", b"12")
    lock = partial_files._lock

    def renamed(file: object) -> bool:
        if left.exists():
            left.rename(tmp_path / "file")
        return lock(file)  # type: ignore[arg-type]  # what the module gives

    monkeypatch.setattr(partial_files, "_lock", renamed)
    with opened(tmp_path, adopt=True) as part:
        assert not part.adopted
    assert (tmp_path / "file").read_bytes() == b"12"


@posix
def test_a_new_one_is_locked_before_others_can_see_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = partial_files._lock
    seen: list[str] = []

    def looked(file: object) -> bool:
        seen.extend(path.name for path in tmp_path.glob(".*.part"))
        return lock(file)  # type: ignore[arg-type]  # what the module gives

    monkeypatch.setattr(partial_files, "_lock", looked)
    with opened(tmp_path, adopt=True) as part:
        assert list(tmp_path.glob(".*.part")) == [part.path]
    assert seen == []


def test_without_locks_each_try_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = _left(tmp_path, "one", b"12")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with opened(tmp_path, adopt=True) as part:
        assert not part.adopted
    assert left.exists()


def test_a_part_that_is_not_to_be_continued_is_removed(tmp_path: Path) -> None:
    with opened(tmp_path, adopt=False) as part:
        part.file.write(b"1")
        part.file.flush()
    assert not list(tmp_path.iterdir())
