"""Variables that stand for options, and colours without a terminal."""

from __future__ import annotations

import json
import venv
from pathlib import Path

import pytest

from cortexlock.cli.main import COMMANDS, main

_IRIS = Path(__file__).parents[2] / "examples" / "iris-classifier"


def _end(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


def test_the_command_s_own_goes_before_that_of_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORTEXLOCK_PLATFORM", "nosuch")
    monkeypatch.setenv("CORTEXLOCK_CHECK_PLATFORM", "cpu cuda")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert _end("check", _IRIS) == 0
    assert capsys.readouterr().out.count(": \x1b[32mfresh\x1b[0m\n") == 2
    assert _end("check", _IRIS, "--platform", "cuda", "--quiet") == 0
    assert not capsys.readouterr().out


def test_flags_are_true_or_false(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CORTEXLOCK_STRICT", "no")
    monkeypatch.setenv("CORTEXLOCK_JSON", "1")
    assert _end("check", _IRIS) == 0
    assert json.loads(capsys.readouterr().out)["projects"][0]["lockfiles"][0]["state"] == "fresh"
    monkeypatch.setenv("CORTEXLOCK_STRICT", "perhaps")
    assert _end("check", _IRIS) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["id"], "CORTEXLOCK_STRICT" in error["where"]) == ("usage", True)


def test_verbose_says_the_id(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _end("lock", tmp_path, "--verbose") == 2
    assert "docs/errors.md#usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", [*COMMANDS, "predictors list", "cache dir", "cache prune"])
def test_each_command_can_be_quiet_and_verbose(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(*name.split(), "--help") == 0
    options = capsys.readouterr().out
    if name not in {"predictors", "cache"}:  # groups of commands
        assert [each for each in ("-v, --verbose ", "-q, --quiet ") if options.count(each) != 1] == []


@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_what_a_command_leaves_to_all_is_understood(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end("why", "numpy", _IRIS, option, "--quiet") == 2
    assert "docs/errors.md#usage" in capsys.readouterr().err


def test_a_quiet_command_says_nothing_but_what_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _end("cache", "clean", "--cache-dir", tmp_path / "cache", "--quiet") == 0
    venv.create(tmp_path / ".venv", with_pip=False)
    assert _end("predictors", "capture", tmp_path / ".venv", "-o", tmp_path / "image.yaml", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
