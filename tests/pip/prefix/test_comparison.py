"""Versions of distributions compare as PEP 440 has them, and as texts where they are none."""

from __future__ import annotations

import pytest

from cortexlock.pip.prefix.comparison import same_version


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1.0.0", True),
        ("1.0", "1.0+cpu", False),
        ("2004d", "2004d", True),
        ("2004d", "1.0", False),
        ("9" * 5000, "1.0", False),
    ],
)
def test_versions(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a parameter
    assert same_version(one, other) is same
