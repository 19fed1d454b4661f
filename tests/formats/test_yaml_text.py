"""Small YAML files, read strictly."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.errors import InputError
from cortexlock.formats import yaml_events, yaml_text
from cortexlock.formats.yaml_text import loads, read

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        loads(text, file="a.yaml")
    assert caught.value.hint
    return caught.value


def test_numbers_with_a_dot_and_dates_stay_text() -> None:
    text = "release: 0.30\nday: 2020-06-01\nmoment: 2020-06-01 12:00:00\nnot: 2020-13-45\ngpu: 1\nslim: yes\nnone:\n"
    assert loads(text, file="a.yaml").value == {
        "release": "0.30",
        "day": "2020-06-01",
        "moment": "2020-06-01 12:00:00",
        "not": "2020-13-45",
        "gpu": 1,
        "slim": True,
        "none": None,
    }


def test_other_loaders_of_the_process_are_as_they_were() -> None:
    loads("a: 0.30", file="a.yaml")
    assert yaml.safe_load("a: 0.30") == {"a": 0.3}


def test_lines() -> None:
    text = loads("# c\na: 1\nb:\n  - name: x\n    url: y\n  - name: z\n", file="a.yaml")
    assert text.line() is None
    assert text.line("a") == 2
    assert text.line("b") == 3
    assert text.line("b", 0, "url") == 5
    assert text.line("b", 1) == 6
    assert text.line("b", 1, "missing") == 6
    assert text.line("b", 7) == 3
    assert text.error("wrong", "b", 0, "url", hint="h").where == "a.yaml:5"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert loads(text, file="a.yaml").value is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3"),
        ("a:\n  - b: 1\n    b: 1\n", "a.yaml:3"),
        ("{a: 1, a: 2}\n", "a.yaml:1"),
    ],
)
def test_a_key_that_is_there_twice(text: str, where: str) -> None:
    error = _refused(text)
    assert "there twice" in error.what
    assert error.where == where
    assert error.hint == "keep one of them"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [1\nb: 2\n", "a.yaml:2"),
        ("a: 1\n\tb: 2\n", "a.yaml:2"),
        ("a: b: c\n", "a.yaml:1"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2"),
        ("a: !!python/object:os.system x\n", "a.yaml:1"),
        ("a: *unknown\n", "a.yaml:1"),
        ("a: \x00\n", "a.yaml"),
        ("[" * 5000, "a.yaml"),
    ],
)
def test_what_is_no_yaml(text: str, where: str) -> None:
    assert (_refused(text).where or "").startswith(where)


def test_a_tab_in_the_indentation_is_called_what_it_is() -> None:
    assert _refused("a:\n\t- b\n").hint == "indent with spaces: YAML allows no tabs there"
    assert "indentation" in (_refused("a: b:\tc\n").hint or "")


def test_a_merge_that_is_not_resolved() -> None:
    text = "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n"
    with pytest.raises(InputError, match=r"x\.yaml:2: a merge conflict is not resolved"):
        loads(text, file="x.yaml")


def test_aliases_and_merges_are_read_where_other_programs_read_the_file() -> None:
    text = loads("base: &base {a: 1}\nother:\n  <<: *base\n  b: 2\n", file="a.yaml", aliases=True)
    assert text.value["other"] == {"a": 1, "b": 2}


def test_aliases_that_stand_for_too_much() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    with pytest.raises(InputError, match="aliases stand for too much") as caught:
        loads("\n".join(lines), file="a.yaml", aliases=True)
    assert caught.value.where == "a.yaml:7"
    block = "base: &base {" + ", ".join(f"k{n}: {n}" for n in range(500)) + "}\n"
    with pytest.raises(InputError, match="aliases stand for too much"):
        loads(block + "".join(f"a{n}: {{<<: *base}}\n" for n in range(2000)), file="a.yaml", aliases=True)


def test_an_alias_of_itself() -> None:
    with pytest.raises(InputError, match="an alias of what it stands in") as caught:
        loads("b: 1\na: &a [x, [*a]]\n", file="a.yaml", aliases=True)
    assert caught.value.where == "a.yaml:2"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\nb: &b [1]\n", "an anchor or an alias"),
        ("a: 1\nb: [&a 1, *a]\n", "an anchor or an alias"),
        ("a: 1\nb: !!str 1\n", "it has a tag"),
        ("a: 1\nb: !!binary aGVsbG8=\n", "it has a tag"),
        ("a: 1\nb: !!set {a, b}\n", "it has a tag"),
        ("a: 1\nb: !own [1]\n", "it has a tag"),
        ("a: 1\nb: 9223372036854775808\n", "more than 64 bits"),
        ("a: 1\nb: -9223372036854775809\n", "more than 64 bits"),
        (f"a: 1\nb: 0x{'F' * 5000}\n", "more than 64 bits"),
        (f"a: 1\nb: {'9' * 50_000}\n", "more than 64 bits"),
        (f"a: 1\nb: {'1:' * 500}1\n", "more than 64 bits"),
        ("a: 1\nb: " + "[" * 61 + "]" * 61 + "\n", "nested too deeply"),
        ("a: 1\nb: " + "[" * 900 + "]" * 900 + "\n", "nested too deeply"),
    ],
)
def test_what_a_plain_document_does_not_need(text: str, what: str) -> None:
    error = _refused(text)
    assert what in error.what
    assert error.where == "a.yaml:2"


def test_numbers_of_64_bits_and_quoted_ones() -> None:
    text = f"a: 9223372036854775807\nb: '{'9' * 500}'\nc: '!!str x'\nd: \"*a\"\ne: '&b'\n"
    assert loads(text, file="a.yaml").value == {
        "a": 2**63 - 1,
        "b": "9" * 500,
        "c": "!!str x",
        "d": "*a",
        "e": "&b",
    }


def test_a_text_with_more_than_anybody_writes() -> None:
    assert "too long" in _refused("[" + "a," * 500_001 + "a]").what


def test_files(tmp_path: Path) -> None:
    (tmp_path / "bom.yaml").write_text("a: é\n", encoding="utf-8-sig")
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xe9\n")
    assert read(tmp_path / "bom.yaml", file="bom.yaml").value == {"a": "é"}
    with pytest.raises(InputError, match="not UTF-8") as caught:
        read(tmp_path / "latin.yaml", file="latin.yaml")
    assert caught.value.where == "latin.yaml:2"
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "missing.yaml", file="missing.yaml")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        loads(text, file="a.yaml")


_PIECES = st.sampled_from(
    [
        *(
            "a: ",
            "b: ",
            "- ",
            "  ",
            "\n",
            "\n",
            "a",
            "1",
            "0b1",
            "0o7",
            "1_0",
            "yes",
            "null",
            "~",
            "'1'",
            '"b"',
            "<<: ",
            "? ",
        ),
        *(
            "[",
            "]",
            "{",
            "}",
            ",",
            "&x ",
            "*x",
            "!!str ",
            "! ",
            "---\n",
            "...\n",
            "# c\n",
            "|\n",
            ">\n",
            "é",
            ":",
            "1: ",
            "0x",
        ),
    ]
)


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(_PIECES, max_size=14).map("".join) | _VALUES.map(yaml.safe_dump))
def test_one_pass_reads_what_all_of_it_reads(text: str) -> None:
    def outcome() -> object:
        try:
            return loads(text, file="a.yaml").value
        except InputError as error:
            return str(error)

    found = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_plain", _not_plain)
        assert (found, repr(found)) == (outcome(), repr(outcome()))


def _not_plain(_: str) -> object:
    raise yaml_events.NotPlainError


def test_what_is_written_by_programs_is_read_in_one_pass() -> None:
    text = "a: {b: [1, yes, ~, 'x']}\nc:\n- d: e\n  f: 'null'\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_check_events", None)
        assert loads(text, file="a.yaml").value == {"a": {"b": [1, True, None, "x"]}, "c": [{"d": "e", "f": "null"}]}
