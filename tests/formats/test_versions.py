"""What is a version, and what a requirement: as packaging has it, mostly without packaging."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from cortexlock.formats.versions import is_requirement, is_version

_PARTS = [
    "0",
    "1",
    "12",
    ".",
    ".",
    "a",
    "b",
    "rc",
    ".post",
    ".dev",
    "+",
    "cu101",
    "-",
    "_",
    " ",
    "v",
    "1!",
    "\n",
    "٣",
    ",",
]
_VERSIONS = st.lists(st.sampled_from(_PARTS), max_size=8).map("".join)
_BOUNDS = st.tuples(st.sampled_from(["<", "<=", "==", "!=", ">", ">=", "~=", "=", ""]), _VERSIONS).map("".join)
_REQUIREMENTS = st.tuples(
    st.sampled_from(["six", "a-b", "a.b_c", "-a", "a-", "", "a b", "a[x]", "ä"]),
    st.lists(_BOUNDS, max_size=3).map(",".join),
).map("".join)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_requirement(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


@given(_VERSIONS)
def test_a_version_is_what_packaging_takes_for_one(text: str) -> None:
    assert is_version(text) == _is_version(text)


@given(_REQUIREMENTS)
def test_a_requirement_is_what_packaging_takes_for_one(text: str) -> None:
    assert is_requirement(text) == _is_requirement(text)


@pytest.mark.parametrize("text", ["1.4.0+cpu", "2020.6.20", "1.0rc1", "0.1.post2", "3.0.dev0", "1!2.0", "1.0-1"])
def test_versions_of_images(text: str) -> None:
    assert is_version(text)


def test_what_images_have_needs_no_packaging() -> None:
    asked = (
        "is_version('1.4.0+cpu'), is_version('1.0rc1'), is_requirement('torch<=2.14.1'), is_requirement('a.b>=1,<2')"
    )
    code = f"import sys\nfrom cortexlock.formats.versions import *\nprint({asked}, 'packaging' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == [*["True"] * 4, "False"]
