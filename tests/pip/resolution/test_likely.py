"""Guesses at what a resolution will look at next."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from cortexlock.pip.resolution.likely import Guesses, Wish, foreseen
from cortexlock.pip.resolution.values import Preference

_RANKS = {"cp36-cp36m-linux_x86_64": 0, "py3-none-any": 1}
_GUESSES = Guesses("3.6.9", _RANKS, {"python_version": "3.6", "sys_platform": "linux"})


def _file(name: str, **more: object) -> dict[str, Any]:
    return {"filename": name, "url": f"https://example.org/{name}", "hashes": {}, **more}


_FILES = [
    _file("a-1.0.tar.gz"),
    _file("a-1.0-py3-none-any.whl"),
    _file("a-1.1-py3-none-any.whl"),
    _file("a-1.1-1-cp36-cp36m-linux_x86_64.whl"),
    _file("a-1.2.zip"),
    _file("a-1.10-py3-none-any.whl", **{"requires-python": ">=3.7"}),
    _file("a-1.11-py3-none-any.whl", yanked="broken"),
    _file("a-2.0rc1-py3-none-any.whl"),
    _file("a-odd-py3-none-any.whl"),
    _file("a-9.0-py3-none-win32.whl"),
    _file("a.whl"),
    _file("a"),
]


@pytest.mark.parametrize(
    ("specifier", "preferred", "expected"),
    [
        ("", "", "a-1.2.zip"),
        ("<1.2", "", "a-1.1-1-cp36-cp36m-linux_x86_64.whl"),
        ("<1.1", "", "a-1.0-py3-none-any.whl"),
        ("", "1.0", "a-1.0-py3-none-any.whl"),
        (">1.0", "1.0", "a-1.2.zip"),
        (">=2.0rc1", "", "a-2.0rc1-py3-none-any.whl"),
        ("", "2.0rc1", "a-2.0rc1-py3-none-any.whl"),
        (">3", "", None),
    ],
)
def test_the_best_file(specifier: str, preferred: str, expected: str | None) -> None:
    found = _GUESSES.best(_FILES, SpecifierSet(specifier), preferred)
    assert (found and found.file["filename"]) == expected
    assert found is None or found.wheel is str(expected).endswith(".whl")


def test_what_holds_for_the_target() -> None:
    requires = ['a; python_version < "3.7"', 'b; python_version >= "3.7"', 'c; extra == "x"', "d (>=1<2)", "?", "e"]
    names = [each.name for each in _GUESSES.needed(requires, [])]
    assert names == ["a", "d", "e"]
    assert [each.name for each in _GUESSES.needed(requires, ["x"])] == ["a", "c", "d", "e"]


def test_a_wish_knows_what_is_news() -> None:
    wish = Wish()
    assert wish.add(Requirement("a>=1"))
    assert not wish.add(Requirement("a>=1"))
    assert wish.add(Requirement("a[x]"))
    assert wish.add(Requirement("a<2"))
    assert str(wish.specifier) == str(SpecifierSet(">=1,<2"))


def test_what_a_previous_lock_has_for_the_sake_of_names() -> None:
    locked = {
        "a": Preference("1", by=("requirements.txt",)),
        "b": Preference("1", by=("a", "x")),
        "c": Preference("1", by=("b",)),
        "gone": Preference("1", by=("requirements.txt",)),
        "of-gone": Preference("1", by=("gone", "of-gone")),
    }
    assert foreseen({"a", "new"}, locked) == {"a", "b", "c"}
    assert foreseen({"gone"}, locked) == {"gone", "of-gone"}
