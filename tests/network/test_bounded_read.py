"""Pages that are too large, or that do not end."""

from __future__ import annotations

from itertools import count, repeat

import pytest

from cortexlock.errors import NetworkError
from cortexlock.network import bounded_read

_PLACE = "https://example.org/simple/a/"


def test_what_is_within_bounds_is_read() -> None:
    assert bounded_read.read([b"a", b"", b"b"], where=_PLACE, largest=2) == b"ab"


def test_a_page_without_end() -> None:
    with pytest.raises(NetworkError, match="does not end within 1 MiB") as caught:
        bounded_read.read(repeat(b"x" * 1024), where=_PLACE, largest=1 << 20)
    assert caught.value.where == _PLACE


def test_a_page_that_comes_a_byte_at_a_time() -> None:
    ticks = count()
    with pytest.raises(NetworkError, match="has not come within 60 seconds"):
        bounded_read.read(repeat(b"x"), where=_PLACE, longest=60, clock=lambda: float(next(ticks)))
