"""Functions that are called in a copy of a worker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.workers import side_by_side
from tests.support import copied_calls

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="processes are copied on Linux")


def test_whatever_comes_of_it_comes_here_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    (found,) = side_by_side(copied_calls.outcomes, [tmp_path], env=os.environ, on_message=lambda *_: None)
    assert found == [
        (True, [1, 2]),
        "a.txt:3: no",
        "KeyError: 'oops'",
        "a copy of this process ended without a word",
        False,
    ]
