"""Variables that stand for options, and colours without a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.main import main

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
