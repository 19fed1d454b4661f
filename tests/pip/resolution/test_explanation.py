"""Why there is no solution, in the user's words."""

from __future__ import annotations

import pytest

from cortexlock.pip.resolution.explanation import explain
from cortexlock.pip.resolution.values import Cause, ForAnotherPython, ImpossibleError, Root
from tests.support.resolution import PYTHON36


def _explained(
    *causes: Cause, versions: dict[str, tuple[str, ...]] | None = None, pip: str = "26.2", **more: object
) -> str:
    skipped = more.get("other_python", ())
    assert isinstance(skipped, tuple)
    error = ImpossibleError("pip's words", causes, tuple((versions or {}).items()), skipped)
    cut_off = str(more.get("exclude_newer", ""))
    return str(
        explain(
            error,
            PYTHON36,
            file="requirements.txt",
            exclude_newer=cut_off,
            roots=_ROOTS,
            installed={**_INSTALLED, "pip": pip},
            constraints=_CONSTRAINTS,
        )
    )


_ROOTS = (Root("a", "a", "requirements.txt", 7), Root("", "./x", "requirements.txt", 8))
_CONSTRAINTS = (Root("held", "held<2", "limits.txt", 4), Root("other", "other<2", "limits.txt", 5))
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


def test_a_constraint_is_named_where_a_version_would_satisfy_the_line() -> None:
    asked = Cause("held", "held==2.0", file="requirements.txt", line=3)
    assert _explained(asked, versions={"held": ("1.0", "2.0")}) == (
        "requirements.txt: these requirements cannot hold together for Python 3.6 (cpu):\n"
        "  requirements.txt:3 asks for held==2.0\n"
        "  limits.txt:4 has the constraint held<2\n"
        "  versions of held to choose from: 1.0, 2.0\n"
        "  hint: loosen one of them; a package of the image changes only if a requirement asks for another version"
    )
    assert _explained(asked, versions={"held": ("1.0",)}).startswith(
        "requirements.txt:3: no version satisfies held==2.0"
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
    skipped = tuple(ForAnotherPython(f"{number}.0", ">=3.7") for number in range(3, 30))
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


_LINE = Cause("b", "b==1.5", file="requirements.txt", line=3)
_OF_A = Cause("b", "b>=2,<4", parent="a 1.0", parent_name="a")
_OF_C = Cause("b", "b<3", parent="c 2.0", parent_name="c")
_OF_B: dict[str, tuple[str, ...]] = {"b": ("1.0", "1.5", "2.0", "3.0")}


@pytest.mark.parametrize(
    ("causes", "hint"),
    [
        ((_LINE, _OF_A), "write `b<4,>=2` in requirements.txt:3, or ask for another version of a"),
        ((_LINE, _OF_A, _OF_C), "write `b<3,<4,>=2` in requirements.txt:3, or ask for another version of a and c"),
        ((Cause("b", "b>=3", parent="a 1.0", parent_name="a"), _OF_C), "loosen one of them"),
        (
            (_OF_A, Cause("b", "b<2", parent="a 1.0", parent_name="a")),
            "ask for another version of a (requirements.txt:7)",
        ),
        ((_LINE, Cause("b", "b>2", file="requirements.txt", line=4)), "loosen one of them"),
    ],
)
def test_what_to_write_where_requirements_exclude_each_other(causes: tuple[Cause, ...], hint: str) -> None:
    assert f"\n  hint: {hint}" in _explained(*causes, versions=_OF_B)


@pytest.mark.parametrize(
    ("pip", "causes", "said"),
    [
        ("20.2.4", (_LINE, _OF_A), "takes b==1.5 as requirements.txt:3 asks, and leaves a broken"),
        ("19.3.1", (_OF_A, Cause("b", "b<2", parent="c 2.0", parent_name="c")), "takes what it comes to first, and"),
        ("20.3", (_LINE, _OF_A), ""),
        ("20.2.4", (_LINE, Cause("b", "b>2", file="requirements.txt", line=4), _OF_A), ""),  # a double requirement
        ("20.2.4", (_LINE, Cause("a", "a>1", parent="c 1.0", parent_name="c")), ""),
    ],
)
def test_what_the_images_own_pip_does(pip: str, causes: tuple[Cause, ...], said: str) -> None:
    versions: dict[str, tuple[str, ...]] = {**_OF_B, "a": ("2.0",)}
    text = _explained(*causes, versions=versions, pip=pip)
    if said:
        assert f"  the image's own pip {pip} refuses nothing here: it {said} " in f"{text.replace(chr(10), ' ')} "
    assert ("own pip" in text) is bool(said)


def test_a_line_for_what_is_not_there_is_blamed_alone() -> None:
    text = _explained(
        Cause("b", "b>=1", parent="a 1.0", parent_name="a"),
        Cause("b", "b==1.7", file="requirements.txt", line=3),
        versions={"b": tuple(f"1.{number}" for number in (*range(7), *range(8, 30)))},
    )
    assert text == (
        "requirements.txt:3: no version satisfies b==1.7 for Python 3.6 (cpu)\n"
        "  versions to choose from: (3 older), 1.3, 1.4, 1.5, 1.6, 1.8, 1.9, 1.10, 1.11, (18 newer)\n"
        "  hint: ask for a version that is there"
    )


def test_what_only_the_image_has_is_there() -> None:
    text = _explained(
        Cause("b", "b==1.5", file="requirements.txt", line=3),
        Cause("b", "b>=2", parent="a 1.0"),
        versions={"b": ("2.0",)},
    )
    assert "cannot hold together" in text


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
