"""A scalar is read back as the very same string, by YAML 1.1 and by YAML 1.2."""

from __future__ import annotations

import io

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cortexlock.formats.scalars import quoted, scalar
from tests.support.lockfiles import texts


@settings(deadline=None)
@given(texts | st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_is_the_same_string_for_every_yaml(text: str) -> None:
    written = f"[{scalar(text)}]\n"
    assert written.isascii()
    assert "\n" not in written[:-1]
    assert yaml.safe_load(written) == [text]
    assert YAML(typ="safe", pure=True).load(io.StringIO(written)) == [text]


@pytest.mark.parametrize("text", ["numpy", "_libgcc_mutex", "a/b.c+d-e", "conda-forge", "noarch"])
def test_what_nobody_can_misread_is_plain(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text", ["1.10", "yes", "No", "ON", "null", "y", "inf", "-a", ".5", "+1", "~", "", "a b", "a: b"]
)
def test_what_somebody_could_misread_is_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


def test_numbers_and_truth_values_are_plain() -> None:
    assert list(map(scalar, [True, False, 0, 12])) == ["true", "false", "0", "12"]


def test_escapes() -> None:
    assert quoted('a"b\\c\n\x07\x85\u2028\U0001f600') == '"a\\"b\\\\c\\n\\x07\\x85\\u2028\\U0001F600"'


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        scalar("a\udc80")
