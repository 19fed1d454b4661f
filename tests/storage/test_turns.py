"""Turns of the processes of one command."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from threading import Event

import pytest

from cortexlock.storage.turns import Turns


def _waits(first: Turns, second: Turns, what: str) -> bool:
    """Tell whether the second waits for the first, which is at `a`; threads do here as processes do."""
    came = Event()

    def come() -> None:
        with second.turn(what):
            came.set()

    with ThreadPoolExecutor(1) as pool:
        with first.turn("a"):
            coming = pool.submit(come)
            is_there = came.wait(0.3)
        coming.result(30)
    return not is_there


def test_one_is_at_something_and_the_others_wait(tmp_path: Path) -> None:
    assert _waits(Turns(tmp_path, 1.5), Turns(tmp_path, 1.5), "a")
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize(("since", "what"), [(1.5, "b"), (2.5, "a"), (inf, "a")])
def test_nobody_waits_for_something_else(tmp_path: Path, since: float, what: str) -> None:
    assert not _waits(Turns(tmp_path, 1.5), Turns(tmp_path, since), what)


def test_without_a_command_nothing_is_written(tmp_path: Path) -> None:
    with Turns(tmp_path / "cache", inf).turn("a"):
        assert not (tmp_path / "cache").exists()


def test_where_nothing_can_be_written_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "cache"
    assert not _waits(Turns(place, 1.5), Turns(place, 1.5), "a")


def test_an_error_ends_a_turn(tmp_path: Path) -> None:
    with pytest.raises(LookupError), Turns(tmp_path, 1.5).turn("a"):
        raise LookupError
    with Turns(tmp_path, 1.5).turn("a"):
        pass


def test_errors_of_what_is_done_are_not_those_of_the_cache(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no space"), Turns(tmp_path, 1.5).turn("a"):
        raise OSError("no space")
