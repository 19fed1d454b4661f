"""Numbers of things, in words."""

from __future__ import annotations

import pytest

from cortexlock.model.counts import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 conda packages"), (1, "1 conda package"), (2, "2 conda packages")]
)
def test_a_noun_has_the_number_of_its_count(number: int, words: str) -> None:
    assert counted(number, "conda package") == words
