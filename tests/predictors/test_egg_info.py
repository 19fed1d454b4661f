"""setuptools' requires.txt in the words of METADATA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from cortexlock.predictors.egg_info import clean, extras_of, requires_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\nsix>=1\n\n# why\nnumpy==1.0,<2\n", ["six>=1", "numpy==1.0,<2"]),
        ("[x]\nsix\n", ['six; extra == "x"']),
        ("[:python_version < '3']\nenum34\n", ["enum34; python_version < '3'"]),
        (
            "[x:python_version<'3' or os_name=='nt']\nsix[a]~=1.0\n",
            ["six[a]~=1.0; (python_version<'3' or os_name=='nt') and extra == \"x\""],
        ),
        ('[x]\nsix; os_name == "nt"\n', ['six; os_name == "nt" and extra == "x"']),
        ("a @ https://example.org/a;b.zip\n", ["a @ https://example.org/a;b.zip"]),
        ("[x]\na @ https://example.org/a.zip\n", ['a @ https://example.org/a.zip ; extra == "x"']),
        (
            '[x]\na @ https://example.org/a.zip ; os_name == "nt"\n',
            ['a @ https://example.org/a.zip ; os_name == "nt" and extra == "x"'],
        ),
    ],
)
def test_requirements(text: str, expected: list[str]) -> None:
    found = list(requires_of(text))
    assert found == expected
    assert [str(Requirement(each).marker or "") for each in found] == [
        str(Requirement(each).marker or "") for each in expected
    ]


def test_extras_also_those_that_ask_for_nothing() -> None:
    text = "six\n[b]\n[a:os_name=='nt']\nx\n[a]\ny\n[:os_name=='nt']\nz\n"
    assert extras_of(text) == ["b", "a"]


def test_values_are_on_one_line() -> None:
    assert clean(" a\n  b\tc\x00\ud800 ") == "a b c"
    assert clean(None) == ""


@given(st.text())
def test_no_text_fails(text: str) -> None:
    for requirement in requires_of(text):
        assert requirement == clean(requirement)
    extras_of(text)
