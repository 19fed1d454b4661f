"""Which requirements do not hold between image and lock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.model.package import Conflict
from cortexlock.pip.prefix.conflicts import Present, broken, with_changes
from tests.support.resolution import PYTHON36

_ENVIRONMENT = PYTHON36.marker_environment


def _broken(before: dict[str, Present], after: dict[str, Present]) -> list[tuple[str, str, str]]:
    return [(each.package, each.requirement, each.found) for each in broken(before, after, _ENVIRONMENT)]


def _one(requirement: str) -> Present:
    return Present("1.0", (requirement,))


def test_requirement_that_a_change_breaks() -> None:
    before = {"a": _one("b<2"), "b": Present("1.0", ())}
    after = with_changes(before, [("b", Present("2.0", ()))])
    assert broken(before, after, _ENVIRONMENT) == (Conflict("a", "1.0", "b<2", "2.0"),)


def test_requirement_of_something_that_is_not_there() -> None:
    assert _broken({}, {"a": _one("b")}) == [("a", "b", "")]


def test_what_the_image_had_by_itself_is_not_the_locks() -> None:
    before = {"a": _one("b<2"), "b": Present("2.0", ()), "c": _one("gone")}
    assert _broken(before, with_changes(before, [("d", Present("1.0", ()))])) == []


def test_conflict_of_the_image_that_gets_another_version_was_there_already() -> None:
    before = {"a": _one("b<2"), "b": Present("2.0", ()), "c": _one("d")}
    after = with_changes(before, [("b", Present("3.0", ()))])
    assert broken(before, after, _ENVIRONMENT) == (Conflict("a", "1.0", "b<2", "3.0", already=True),)
    after = with_changes(after, [("a", Present("2.0", ("b<2",)))])
    assert broken(before, after, _ENVIRONMENT) == (Conflict("a", "2.0", "b<2", "3.0"),)


def test_conflict_that_the_lock_mends_is_gone() -> None:
    before = {"a": _one("b<2"), "b": Present("2.0", ())}
    assert _broken(before, with_changes(before, [("b", Present("1.9", ()))])) == []


@pytest.mark.parametrize(
    "requirement",
    [
        "b; python_version >= '3.7'",
        "b; extra == 'x'",
        "b; sys_platform == 'win32'",
        "b>=2.0 ; python_version < '3.6' or extra == 'y'",
        "not a requirement",
        "",
    ],
)
def test_what_does_not_apply(requirement: str) -> None:
    assert _broken({}, {"a": _one(requirement)}) == []


@pytest.mark.parametrize(
    ("requirement", "version", "holds"),
    [
        ("B_.-c>=1", "1.0", True),
        ("b-c>=1", "1.0rc1", False),
        ("b-c>=1rc1", "1.0rc1", True),
        ("b-c", "1.0.dev1", True),
        ("b-c==1.0", "1.0+cpu", True),
        ("b-c[x]>=2 ; python_version < '3.7'", "1.0", False),
        ("b-c @ https://example.org/b.zip", "1.0", True),
    ],
)
def test_versions_as_installed_ones_count(requirement: str, version: str, *, holds: bool) -> None:
    assert (not _broken({}, {"a": _one(requirement), "b-c": Present(version, ())})) is holds


def test_marker_is_not_part_of_what_is_said() -> None:
    assert _broken({}, {"a": _one("b[x]>1; python_version < '3.7'")}) == [("a", "b[x]>1", "")]


@given(st.permutations(["c>2", "b>2", "b<1", "d"]))
def test_order_is_fixed(requirements: list[str]) -> None:
    after = {"z": Present("1", tuple(requirements)), "a": _one("d"), "b": Present("1.5", ())}
    assert _broken({}, after) == [
        ("a", "d", ""),
        ("z", "b<1", "1.5"),
        ("z", "b>2", "1.5"),
        ("z", "c>2", ""),
        ("z", "d", ""),
    ]


def test_changes_leave_the_image_alone() -> None:
    before = {"a": Present("1", ())}
    assert with_changes(before, [("a", Present("2", ())), ("b", Present("1", ()))]) == {
        "a": Present("2", ()),
        "b": Present("1", ()),
    }
    assert before == {"a": Present("1", ())}
