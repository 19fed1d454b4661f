"""pip's step is resolved while conda's solver runs, and anew where conda leaves something else than was expected."""

from __future__ import annotations

import os

import pytest

from cortexlock.workers import side_by_side
from tests.support import copied_calls
from tests.support.copied_calls import RESOLVES, SOLVES

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="processes are copied on Linux")


def test_what_is_locked_beside_is_what_would_be_locked_afterwards() -> None:
    both = [SOLVES, RESOLVES]
    expected: dict[tuple[str, bool, bool], object] = {
        # What goes wrong; whether conda changes a distribution; whether the lockfile says that it does.
        ("", False, False): ("0.9", True, both),
        ("", True, True): ("1.0", True, both),
        ("", True, False): ("1.0", False, both),
        ("", False, True): ("0.9", False, both),
        ("conda", False, False): ("list.txt:1: conda cannot", False, [SOLVES]),
        ("pip", False, False): ("requirements.txt:1: pip cannot with 0.9", False, both),
        ("pip", True, False): ("requirements.txt:1: pip cannot with 1.0", False, both),
    }
    (found,) = side_by_side(copied_calls.of_each, [list(expected)], env=os.environ, on_message=lambda *_: None)
    assert dict(zip(expected, found, strict=True)) == expected
