"""What pip before 20.3 takes: what it comes to first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from cortexlock.pip.resolution import first_come
from cortexlock.pip.resolution.first_come import Broken, Taken

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_ON_INDEX: dict[str, dict[str, tuple[str, ...] | None]] = {
    "a": {"1": ("x<2",)},
    "b": {"1": ("x>=2",)},
    "c": {"1": ("a", "b")},
    "d": {"1": ("a", "x>=2"), "2": None},
    "e": {"1": ("y; extra == 'more'", "x<2; python_version < '3'")},
    "f": {"1": ("d>=2", "z")},
    "g": {"1": ("h",)},
    "h": {"1": ("x<2",)},
    "x": {"1": (), "2": ("z",)},
    "y": {"1": ()},
    "z": {"1": ()},
}


def _index(installed: Mapping[str, str]) -> first_come.Index:
    def best(name: str, specifier: SpecifierSet) -> str | None:
        return max((each for each in _ON_INDEX.get(name, {}) if specifier.contains(each)), default=None)

    def requires(name: str, version: str) -> tuple[str, ...] | None:
        return _ON_INDEX[name][version]

    return first_come.Index(installed, best, requires, {"python_version": "3.6"})


@pytest.mark.parametrize(
    ("lines", "installed", "taken"),
    [
        (["a", "b"], {}, {"a": "1", "b": "1", "x": "1"}),
        (["b", "a"], {}, {"a": "1", "b": "1", "x": "2", "z": "1"}),
        (["a", "b", "x"], {}, {"a": "1", "b": "1", "x": "2", "z": "1"}),  # lines come before what they require
        (["g", "b"], {}, {"g": "1", "b": "1", "h": "1", "x": "2", "z": "1"}),  # what lies nearer comes first
        (["b"], {"x": "1"}, {"b": "1", "x": "2", "z": "1"}),
        (["a"], {"x": "1"}, {"a": "1", "x": "1"}),
        (["c"], {}, {"c": "1", "a": "1", "b": "1"}),  # a or b, nobody knows
        (["d==1"], {}, {"d": "1", "a": "1", "x": "2", "z": "1"}),
        (["e"], {}, {"e": "1"}),
        (["e[more]"], {}, {"e": "1", "y": "1"}),
        (["e", "e[more]"], {}, {"e": "1"}),  # the extras of the first, too
        (["z", "f", "g"], {}, {"z": "1", "f": "1", "g": "1", "d": "2", "h": "1"}),  # x may come of d 2
        (["g", "f"], {}, {"g": "1", "f": "1", "h": "1", "d": "2", "z": "1", "x": "1"}),  # x comes of g before that
        (["nowhere", "a"], {}, {"a": "1"}),
        ([], {}, {}),
    ],
)
def test_what_is_taken(lines: list[str], installed: dict[str, str], taken: dict[str, str]) -> None:
    found = first_come.walk([Requirement(line) for line in lines], _index(installed))
    assert {each.name: each.version for each in found.values()} == taken


def test_who_decided_and_what_is_broken() -> None:
    index = _index({})
    found = first_come.walk([Requirement("a"), Requirement("b")], index)
    assert found["x"] == Taken("x", "1", "x<2", "a")
    assert first_come.broken(found, index, ["x"]) == (Broken("b", "1", "x>=2", "x"),)
    assert first_come.broken(found, index, ["b"]) == (Broken("b", "1", "x>=2", "x"),)
    assert first_come.broken(found, index, ["z"]) == ()
