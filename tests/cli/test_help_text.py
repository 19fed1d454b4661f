"""Help at any width: nothing is wider than the terminal, and no word is broken."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    "command",
    ["lock", "check", "why tqdm", "tree", "diff other.yaml cortexlock.cpu.yaml", "show", "report -o report.html"],
)
def test_what_commands_print_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    examples = Path(__file__).parents[2] / "examples"
    shutil.copytree(examples / "sentiment-analyzer", tmp_path, dirs_exist_ok=True)
    shutil.copy(examples / "iris-classifier" / "cortexlock.cpu.yaml", tmp_path / "other.yaml")
    monkeypatch.chdir(tmp_path)
    platform = [] if command.startswith("diff") else ["--platform", "cpu"]
    words = set()
    for columns in (80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), *(platform if not command.startswith("report") else [])])
        assert not ended.value.code
        text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        assert [line for line in text.splitlines() if len(line) > columns] == []
        words.add(tuple(_words(text)))
    assert len(words) == 1
