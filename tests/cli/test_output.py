"""What goes where."""

from __future__ import annotations

import json
import sys

import pytest

from cortexlock.cli.output import Output, wants_color, wants_json


def test_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.line("a")
    output.line()
    output.document({"a": 1})
    output.note("b")
    assert capsys.readouterr() == ("a\n\n", "b\n")


def test_the_document_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    output.line("a")
    output.document({"a": ["é", None]})
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.isascii()
    assert json.loads(printed.out) == {"a": ["é", None]}


@pytest.mark.parametrize(
    ("terminal", "color", "expected"), [(True, True, "\x1b[32ma\x1b[0m"), (True, False, "a"), (False, True, "a")]
)
def test_styles(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, color: bool, expected: str) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert Output(color=color).styled("a", "green") == expected


@pytest.mark.parametrize(
    ("terminal", "as_json", "expected"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_tables_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
    as_json: bool,
    expected: bool,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert Output(as_json=as_json).rich is expected


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ([], {}, True),
        (["--no-color"], {}, False),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
    ],
)
def test_colours(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variables: dict[str, str],
    *,
    expected: bool,
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_color(arguments) is expected


@pytest.mark.parametrize(("arguments", "expected"), [(["--json"], True), (["check"], False), (["--", "--json"], False)])
def test_json_is_an_option(arguments: list[str], *, expected: bool) -> None:
    assert wants_json(arguments) is expected


def test_control_characters_are_shown_and_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output()
    output.line("a\x1b[2Jb\n\x9bé\x00\x7f\t\x1b[32m")
    output.note("\x1b]0;title\x07")
    assert capsys.readouterr() == (
        "a\\x1b[2Jb\n\\x9bé\\x00\\x7f\\x09\\x1b[32m\n",
        "\\x1b]0;title\\x07\n",
    )
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.line(output.styled("a\x1b[2J", "green"))
    assert capsys.readouterr().out == "\x1b[32ma\\x1b[2J\x1b[0m\n"


def test_a_terminal_gets_lines_that_are_broken_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    long = "  hint: run `cortexlock lock --upgrade torch` here, or write a-very-long-name-of-a-package-into it"
    Output(color=False).line(long)
    assert capsys.readouterr().out == f"{long}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    Output(color=False).line(f"short\n{long}")
    assert capsys.readouterr().out.splitlines() == [
        "short",
        "  hint: run",
        "    `cortexlock lock --upgrade torch`",
        "    here, or write",
        "    a-very-long-name-of-a-package-into",
        "    it",
    ]
