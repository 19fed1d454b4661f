"""Requirements with their markers."""

from __future__ import annotations

import pytest
from packaging.requirements import InvalidRequirement

from cortexlock.formats.requirement import holds

_LINUX = (("os_name", "posix"), ("python_version", "3.6"), ("sys_platform", "linux"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("six", True),
        ('six; os_name == "posix"', True),
        ('six; os_name == "nt"', False),
        ('six; os_name ~= "posix"', False),  # compares what cannot be compared: on every image
        ('six; python_version ~= "abc"', False),
        ('six; extra == "a"', False),
    ],
)
def test_whether_a_marker_holds(text: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    assert holds(text, _LINUX) is expected


def test_with_an_extra() -> None:
    assert holds('six; extra == "a"', _LINUX, frozenset({"a"}))
    with pytest.raises(InvalidRequirement):
        holds("six; (" + "(" * 3000, _LINUX)
