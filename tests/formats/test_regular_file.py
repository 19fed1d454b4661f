"""Files are read in pieces, with a bound."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from cortexlock.formats import prefix_file, regular_file


@pytest.mark.parametrize("size", [0, 1, 1 << 16, (1 << 16) + 1, 300_000])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    with regular_file.opened(path) as file:
        assert len(regular_file.read(file, largest=size)) == size


def test_more_than_the_largest_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with regular_file.opened(path) as file:
        assert len(regular_file.read(file, largest=10)) == 11


def test_a_small_file_takes_little_memory(tmp_path: Path) -> None:
    """A process may have less than the largest file takes."""
    path = tmp_path / "file"
    path.write_text("home = /usr\n")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), before[1]))
    try:
        assert prefix_file.read(path) == b"home = /usr\n"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
