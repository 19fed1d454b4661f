"""Help at any width: nothing is wider than the terminal, and no word is broken."""

from __future__ import annotations

import re

import pytest

from cortexlock.cli.main import COMMANDS, main

_ALL = [[], *([name] for name in COMMANDS), ["predictors", "list"], ["predictors", "show"], ["predictors", "capture"]]


def _help(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"\s+", text) if word != "\\"]


@pytest.mark.parametrize("arguments", _ALL, ids=" ".join)
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    whole = set(_words(_help(capsys, *arguments)))
    for columns in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        text = _help(capsys, *arguments)
        assert [line for line in text.splitlines() if len(line) > columns] == []
        assert set(_words(text)) == whole


def test_help_is_as_wide_as_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "118")
    assert max(map(len, _help(capsys, "lock").splitlines())) > 100


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_of_images_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        main(["predictors", "list"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= columns
