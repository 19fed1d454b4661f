"""Directories: written by one at a time, whole or not at all."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from cortexlock.storage.whole_directory import exclusive, replace


class StopTestError(Exception):
    """Raised by a test in the middle of things."""


def _fill(text: str, directory: Path) -> None:
    directory.mkdir()
    (directory / "file").write_text(text)


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "entry"
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with exclusive(place):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with exclusive(place):
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]
    assert list(place.parent.iterdir()) == []


def test_many_are_never_two_at_once(tmp_path: Path) -> None:
    place = tmp_path / "entry"
    there: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            with exclusive(place):
                there.append(number)
                most.append(len(there))
                there.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(most), max(most)) == (100, 1)


def test_the_lock_ends_with_an_error(tmp_path: Path) -> None:
    with pytest.raises(StopTestError), exclusive(tmp_path / "entry"):
        raise StopTestError
    with exclusive(tmp_path / "entry"):
        pass


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "entry"
    for text in ("one", "two"):
        replace(place, partial(_fill, text))
        assert (place / "file").read_text() == text
    assert list(tmp_path.iterdir()) == [place]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "entry"
    replace(place, lambda directory: _fill("one", directory))

    def fail(directory: Path) -> None:
        _fill("half", directory)
        raise StopTestError

    with pytest.raises(StopTestError):
        replace(place, fail)
    assert (place / "file").read_text() == "one"
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    (tmp_path / ".entry.abc.new").mkdir()
    (tmp_path / ".other.abc.new").mkdir()
    replace(tmp_path / "entry", lambda directory: _fill("one", directory))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.abc.new", "entry"]


def test_a_link_in_the_place_of_its_lock_file_is_not_followed(tmp_path: Path) -> None:
    with exclusive(tmp_path / "entry"):
        (lock,) = tmp_path.iterdir()
    lock.symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="symbolic links"), exclusive(tmp_path / "entry"):
        pass
    assert not (tmp_path / "outside").exists()
