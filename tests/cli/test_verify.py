"""`cortexlock verify`: what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.model.lockfile import Lockfile
from cortexlock.replay import verify
from cortexlock.replay.verify import Report
from tests.support.projects import fresh_project


def _verify(monkeypatch: pytest.MonkeyPatch, report: Report, *arguments: str) -> object:
    def verify_prefix(lockfile: Lockfile, root: Path, environment: Mapping[str, str]) -> Report:
        assert (lockfile.platform, root) == ("cpu", Path("/opt/env"))
        return report

    monkeypatch.setattr(verify, "verify_prefix", verify_prefix)
    with pytest.raises(SystemExit) as caught:
        main(["verify", *arguments, "--prefix", "/opt/env", "--platform", "cpu"])
    return caught.value.code


def test_nothing_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(fresh_project(tmp_path))
    report = Report(notes=("look at this",))
    assert _verify(monkeypatch, report, project) == 0
    assert capsys.readouterr().out == "/opt/env: as locked\n  note: look at this\n"
    assert _verify(monkeypatch, report, project, "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_all_that_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(fresh_project(tmp_path))
    report = Report(("pip a: gone",), ("pip b: old",), ("pip c 1",), ("d requires e",), ("note",))
    assert _verify(monkeypatch, report, project, "--quiet") == 1
    assert capsys.readouterr().out.splitlines() == [
        "/opt/env: differs",
        "  not as locked:",
        "    pip a: gone",
        "  not as in the image:",
        "    pip b: old",
        "  neither in the image nor locked:",
        "    pip c 1",
        "  requirements that do not hold:",
        "    d requires e",
    ]
    assert _verify(monkeypatch, report, project, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["differs"] is True
    assert (document["locked"], document["extra"], document["notes"]) == (["pip a: gone"], ["pip c 1"], ["note"])


def test_no_prefix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["verify", str(fresh_project(tmp_path / "p")), "--platform", "cpu", "--prefix", str(tmp_path)])
    assert caught.value.code == 2
    assert "no interpreter `bin/python`" in capsys.readouterr().err
