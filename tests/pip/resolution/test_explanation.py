"""Why there is no solution, in the user's words."""

from __future__ import annotations

import pytest

from cortexlock.pip.resolution.explanation import explain
from cortexlock.pip.resolution.values import Cause, ImpossibleError, Root
from tests.support.resolution import PYTHON36


def _explained(*causes: Cause, versions: dict[str, tuple[str, ...]] | None = None, **more: object) -> str:
    skipped = more.get("other_python", ())
    assert isinstance(skipped, tuple)
    error = ImpossibleError("pip's words", causes, tuple((versions or {}).items()), skipped)
    cut_off = str(more.get("exclude_newer", ""))
    return str(
        explain(error, PYTHON36, file="requirements.txt", exclude_newer=cut_off, roots=_ROOTS, installed=_INSTALLED)
    )


_ROOTS = (Root("a", "a", "requirements.txt", 7), Root("", "./x", "requirements.txt", 8))
_INSTALLED = {"numpy": "1.18.2", "b": "1.5"}
_ASKED = Cause("a", "a>=9", file="requirements.txt", line=3)


def test_package_that_is_nowhere() -> None:
    assert _explained(_ASKED, exclude_newer="2020-06-01T00:00:00Z") == (
        "requirements.txt:3: no index has a package named a with a file for Python 3.6 as of 2020-06-01T00:00:00Z\n"
        "  hint: check the spelling, the indexes, and the cut-off date"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nunpy", "do you mean numpy, which the image has? check"),
        ("reqeusts", "do you mean requests? check"),
        ("pandsa", "do you mean pandas? check"),
        ("torhc", "do you mean torch? check"),
        ("x", "check"),
        ("our-own-model", "check"),
    ],
)
def test_a_name_like_one_that_is_known(name: str, said: str) -> None:
    assert f"\n  hint: {said} the spelling" in _explained(Cause(name, name, file="requirements.txt", line=1))


@pytest.mark.parametrize(
    ("requirement", "cut_off", "hint"),
    [
        ("a==1.5+cpu", "2020-06-01T00:00:00Z", "versions with a `+` are on pages of their own"),
        ("a>=9", "2020-06-01T00:00:00Z", "ask for a version that is there, or for a later cut-off date"),
        ("a>=9 ; 'a+b' in platform_version", "", "ask for a version that is there"),
    ],
)
def test_the_hint_is_for_the_version_that_is_asked_for(requirement: str, cut_off: str, hint: str) -> None:
    cause = Cause("a", requirement, file="requirements.txt", line=3)
    assert f"\n  hint: {hint}" in _explained(cause, versions={"a": ("1.0",)}, exclude_newer=cut_off)


def test_a_name_of_a_module_that_no_index_has() -> None:
    said = _explained(Cause("opencv", "opencv", file="requirements.txt", line=1))
    assert said.endswith(
        "\n  hint: opencv is the name of a module: its package is opencv-python; write `opencv-python`"
    )


def test_package_that_only_another_package_asks_for() -> None:
    assert _explained(Cause("a", "a", parent="b 1.0")).startswith("b 1.0: no index has a package named a")


def test_version_that_is_nowhere() -> None:
    versions = {"a": tuple(f"{number}.0" for number in range(1, 11))}
    assert _explained(_ASKED, versions=versions) == (
        "requirements.txt:3: no version satisfies a>=9 for Python 3.6 (cpu)\n"
        "  versions to choose from: (2 older), 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0\n"
        "  hint: ask for a version that is there"
    )


def test_versions_for_another_python_only() -> None:
    skipped = tuple(f"{number}.0 Requires-Python >=3.7" for number in range(3, 30))
    text = _explained(_ASKED, other_python=skipped)
    assert "versions to choose from: none" in text
    assert "for another Python: 29.0 Requires-Python >=3.7" in text
    assert "for another Python: 21.0" not in text  # too many
    assert "for another Python: 3.0" not in _explained(_ASKED, other_python=skipped[:1])  # nobody asked for it


def test_requirements_that_exclude_each_other() -> None:
    causes = (
        Cause("b", "b<2", file="more.txt", line=1),
        Cause("b", "b>=2", parent="a 1.0", parent_name="a"),
        Cause("b", "b!=3", parent="c 1.0", parent_installed=True, parent_name="c"),
        Cause("b", "b>0"),
        Cause("b", "b>=2", parent="a 1.0", parent_name="a"),
    )
    assert _explained(*causes, versions={"b": ("1.0", "2.0")}).splitlines() == [
        "requirements.txt: these requirements cannot hold together for Python 3.6 (cpu):",
        "  a 1.0 (requirements.txt:7) requires b>=2",
        "  asked for: b>0",
        "  more.txt:1 asks for b<2",
        "  the image's c 1.0 requires b!=3",
        "  the image has b 1.5",
        "  versions of b to choose from: 1.0, 2.0",
        "  hint: loosen one of them; a package of the image changes only if a requirement asks for another version",
    ]


def test_what_pip_says_where_it_names_no_cause() -> None:
    assert _explained() == "requirements.txt: pip's words"


def test_it_ends_with_the_code_for_no_solution() -> None:
    error = explain(ImpossibleError("x"), PYTHON36, file="requirements.txt", exclude_newer="")
    assert error.exit_code == 4


def test_versions_that_are_all_for_another_python() -> None:
    causes = [Cause("", f"Python >=3.{10 - n}", parent=f"a {20 - n}.0", python=True, parent_name="a") for n in range(2)]
    assert _explained(*causes, *causes) == (
        "requirements.txt:7: a 20.0 requires Python >=3.10, the target has 3.6\n"
        "  a 19.0 requires Python >=3.9\n"
        "  hint: ask for a version that is for Python 3.6, if there is one"
    )
    many = [Cause("", "Python >=3.9", parent=f"z {n}.0", python=True) for n in range(20)]
    assert "  and 11 more\n" in _explained(*many)


def test_a_python_among_other_causes_is_no_package() -> None:
    text = _explained(
        _ASKED, Cause("", "Python >=3.9", parent="a 9.0", python=True, parent_name="a"), versions={"a": ("1.0", "9.0")}
    )
    assert "  a 9.0 (requirements.txt:7) requires Python >=3.9\n" in text
    assert "versions of  to" not in text
