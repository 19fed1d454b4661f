"""Directories of the cache: written by one at a time, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from functools import partial
from pathlib import Path

import pytest

from cortexlock.errors import StepError
from cortexlock.replay.supply.cache_directories import alone, put, reason_of, writing


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
        with alone(place):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with alone(place):
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
            with alone(place):
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
    with pytest.raises(StopTestError), alone(tmp_path / "entry"):
        raise StopTestError
    with alone(tmp_path / "entry"):
        pass


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "entry"
    for text in ("one", "two"):
        put(place, partial(_fill, text))
        assert (place / "file").read_text() == text
    assert list(tmp_path.iterdir()) == [place]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "entry"
    put(place, lambda directory: _fill("one", directory))

    def fail(directory: Path) -> None:
        _fill("half", directory)
        raise StopTestError

    with pytest.raises(StopTestError):
        put(place, fail)
    assert (place / "file").read_text() == "one"
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    (tmp_path / ".entry.abc.new").mkdir()
    (tmp_path / ".other.abc.new").mkdir()
    put(tmp_path / "entry", lambda directory: _fill("one", directory))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.abc.new", "entry"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "/some/file"),
        shutil.Error([("/from", "/to", "[Errno 28] No space left on device: '/to'")]),
    ],
)
def test_an_error_of_the_system_says_what_to_do(error: OSError, tmp_path: Path) -> None:
    with (
        pytest.raises(StepError, match=r"The cache cannot be written: No space left on device\n") as caught,
        writing(tmp_path),
    ):
        raise error
    assert "--cache-dir" in str(caught.value.hint)


def test_a_program_that_meets_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(StepError) as caught, writing(tmp_path):
        raise StepError("git init fails: fatal: cannot write: No space left on device", hint="check the credentials")
    assert caught.value.what.splitlines() == [
        "The cache cannot be written: No space left on device",
        "git init fails: fatal: cannot write: No space left on device",
    ]
    assert "--cache-dir" in str(caught.value.hint)


def test_other_failures_stay_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"^the build failed$"), writing(tmp_path):
        raise StepError("the build failed")


def test_a_file_elsewhere_is_not_the_cache(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="The file cannot be read") as caught, writing(tmp_path / "cache"):
        (tmp_path / "nowhere").read_bytes()
    assert caught.value.where == str(tmp_path / "nowhere")


def test_a_reason_without_a_text_of_the_system() -> None:
    assert reason_of(OSError("odd")) == "odd"
    assert reason_of(shutil.Error("odd")) == "odd"
    assert reason_of(PermissionError(errno.EACCES, os.strerror(errno.EACCES))) == "Permission denied"
