"""`cortexlock cache`: where it is, and what is removed of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.main import main


def _run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["cache", *arguments])
    return caught.value.code


def test_where_it_is(isolated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("dir") == 0
    assert capsys.readouterr().out == f"{isolated / '.cache' / 'cortexlock'}\n"
    assert _run("dir", "--cache-dir", str(tmp_path / "c")) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'c'}\n"
    assert not (tmp_path / "c").exists()


def test_clean_and_prune(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "pages" / "a.json"
    page.parent.mkdir()
    page.write_text("{}", encoding="utf-8")
    assert _run("prune", "--cache-dir", str(tmp_path), "--days", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"directory": str(tmp_path), "files": 0, "bytes": 0}
    assert _run("clean", "--cache-dir", str(tmp_path)) == 0
    assert capsys.readouterr().out == f"{tmp_path}: 1 file removed, 0.0 MB\n"
    assert not page.exists()


@pytest.mark.parametrize("days", ["", "-1", "soon", "1.5", "999999"])
def test_what_is_no_number_of_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("prune", "--days", days) == 2
    assert "--days" in capsys.readouterr().err


def test_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run() == 2
    assert "prune" in capsys.readouterr().out
