"""Requirements from before PEP 508 was enforced."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from cortexlock.pip.metadata.requirements import readable, readable_or_name
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("grpcio (>=1.0<2)", "grpcio<2,>=1.0"),
        ("x>=1.0 <2", "x<2,>=1.0"),
        ("foo>=3.6.*", "foo>=3.6"),
        ("foo (>=1.*,<2)", "foo<2,>=1"),
        ("foo ==1.*", "foo==1.*"),
        ("foo ~=1.4.*", "foo~=1.4"),
        ("opencv-python>=3.", "opencv-python>=3"),
        ("foo[bar]>=1.*; python_version < '3.7'", 'foo[bar]>=1; python_version < "3.7"'),
        ("foo (>dev)", "foo"),
        ("foo (>dev) ; extra == 'x'", 'foo; extra == "x"'),
        ("foo (>=1.0,)", "foo>=1.0"),
        ("foo\n (>=1.*)", "foo>=1"),
        ("urllib3 (!=1.25.0,<1.26)", "urllib3!=1.25.0,<1.26"),
    ],
)
def test_what_is_meant_is_read(written: str, expected: str) -> None:
    assert str(Requirement(readable(written))) == expected


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("foo>=1 ; not a marker", "foo"),
        ("foo (>=1", "foo"),
        ("foo<1.0-SNAPSHOT", "foo"),
        ("foo 1.0", "foo"),
        ("foo_>=1.0", "foo"),
        ("foo[x_]", "foo"),
        ("-e .", None),
        ("", None),
    ],
)
def test_what_cannot_be_read_is_refused(written: str, name: str | None) -> None:
    with pytest.raises(UnreadableSpecifierError):
        readable(written)
    assert readable_or_name(written) == name


@given(st.text(alphabet="ab1.-*<>=!~ ,;()[]'\"", max_size=30).map(lambda rest: f"name{rest}"))
@example("name>=1<2!=1.5")
def test_the_result_can_be_read_and_is_stable(written: str) -> None:
    result = readable_or_name(written)
    assert result is not None
    assert Requirement(result).name.startswith("name")
    assert readable(result) == result


@given(st.from_regex(r"[a-z]{1,8}( \([<>=!]=[0-9]\.[0-9](,[<>=!]=[0-9]){0,2}\))?", fullmatch=True))
def test_what_is_valid_stays_as_it_is(written: str) -> None:
    assert readable(written) == written
