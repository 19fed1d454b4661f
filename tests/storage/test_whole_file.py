"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock import process
from cortexlock.storage import whole_file


@pytest.mark.parametrize("durable", [False, True])
def test_what_is_there_is_replaced_with_the_mode_that_is_asked_for(tmp_path: Path, *, durable: bool) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    with process.umask(0o077):
        whole_file.write(path, b"after", mode=0o755, durable=durable)
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_one_that_cannot_be_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        whole_file.write(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        whole_file.write(tmp_path / "none" / "a", b"x")
