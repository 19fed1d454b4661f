"""`cortexlock verify`: what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.model.lockfile import Lockfile
from cortexlock.replay import verify
from cortexlock.replay.prefix.problem import Comparison, Note, Problem
from tests.support.projects import fresh_project


def _verify(monkeypatch: pytest.MonkeyPatch, report: Comparison, *arguments: str) -> object:
    def verify_prefix(lockfile: Lockfile, root: Path, environment: Mapping[str, str]) -> Comparison:
        assert (lockfile.platform, root) == ("cpu", Path("/opt/env"))
        return report

    monkeypatch.setattr(verify, "verify_prefix", verify_prefix)
    with pytest.raises(SystemExit) as caught:
        main(["verify", *arguments, "--prefix", "/opt/env", "--platform", "cpu"])
    return caught.value.code


def test_nothing_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(fresh_project(tmp_path))
    report = Comparison(notes=(Note(kind="no-receipt"),))
    assert _verify(monkeypatch, report, project) == 0
    assert capsys.readouterr().out == "/opt/env: as locked\n  note: no replay left a receipt here\n"
    assert _verify(monkeypatch, report, project, "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_all_that_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(fresh_project(tmp_path))
    report = Comparison(
        (
            Problem(part="locked", kind="missing", manager="pip", package="a", expected="1"),
            Problem(part="image", kind="version", manager="pip", package="b", expected="2", found="1"),
            Problem(part="extra", kind="package", manager="pip", package="c", found="1"),
            Problem(part="conflicts", kind="requirement", manager="pip", package="d", version="1", expected="e"),
        ),
        (Problem(part="extra", kind="unlisted-file", path="lib/python3.6/site-packages/x.pth", found="00"),),
        (Note(kind="no-receipt"),),
    )
    assert _verify(monkeypatch, report, project, "--quiet") == 1
    assert capsys.readouterr().out.splitlines() == [
        "/opt/env: differs",
        "  not as locked:",
        "    pip a: 1 is not installed",
        "  not as in the image:",
        "    pip b: 1, the image has 2",
        "  neither in the image nor locked:",
        "    pip c 1",
        "  requirements that do not hold:",
        "    d 1 requires e, it is not there",
    ]
    assert _verify(monkeypatch, report, project, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["differs"] is True
    assert (document["locked"], document["extra"]) == (["pip a: 1 is not installed"], ["pip c 1"])
    assert document["notes"] == ["no replay left a receipt here"]
    assert document["problems"][0] == {
        "part": "locked",
        "kind": "missing",
        "manager": "pip",
        "package": "a",
        "expected": "1",
    }
    assert document["allowed"] == ["x.pth in site-packages is of no package"]
    assert document["allowed-problems"][0]["path"] == "lib/python3.6/site-packages/x.pth"


def test_no_prefix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["verify", str(fresh_project(tmp_path / "p")), "--platform", "cpu", "--prefix", str(tmp_path)])
    assert caught.value.code == 2
    assert "no interpreter `bin/python`" in capsys.readouterr().err
