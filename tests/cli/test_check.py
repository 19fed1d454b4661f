"""`cortexlock check`: what it prints, what it returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from tests.support.projects import fresh_project


def _check(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["check", *arguments])
    return caught.value.code


def test_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(fresh_project(tmp_path))
    assert _check() == 0
    assert capsys.readouterr().out == "cortexlock.cpu.yaml: fresh\ncortexlock.cuda.yaml: fresh\n"


def test_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fresh_project(tmp_path)
    (project / "script.sh").write_text("false\n")
    assert _check(str(project), "--platform", "cpu") == 1
    assert capsys.readouterr().out == (
        f"{project.as_posix()}/cortexlock.cpu.yaml: stale\n"
        "  script.sh: has changed since the lockfile was made\n"
        f"  hint: run `cortexlock lock {project.as_posix()}`\n"
    )


def test_no_error_has_a_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fresh_project(tmp_path)
    for text in ("exclude-newer: https://me:TOKEN@h/\n", "predictor: https://me:TOKEN@h/image.yaml\n"):
        (project / "cortexlock.yaml").write_text(text)
        for more in ((), ("--json",)):
            assert _check(str(project), *more) in {2, 3}
            found = capsys.readouterr()
            assert "****@h/" in found.out + found.err
            assert "TOKEN" not in found.out + found.err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fresh_project(tmp_path)
    (project / "cortexlock.cuda.yaml").unlink()
    assert _check(str(project), "--json") == 1
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out) == {
        "projects": [
            {
                "project": project.as_posix(),
                "lockfiles": [
                    {"platform": "cpu", "file": "cortexlock.cpu.yaml", "state": "fresh", "reasons": [], "hint": None},
                    {
                        "platform": "cuda",
                        "file": "cortexlock.cuda.yaml",
                        "state": "missing",
                        "reasons": [{"file": "cortexlock.cuda.yaml", "reason": "there is no such lockfile"}],
                        "hint": f"run `cortexlock lock {project.as_posix()}`",
                    },
                ],
            }
        ]
    }


def test_many_projects_each_have_a_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, edited = fresh_project(tmp_path / "good"), fresh_project(tmp_path / "edited")
    path = edited / "cortexlock.cpu.yaml"
    path.write_text(path.read_text().replace("slim: false", "slim: true"))
    assert _check(str(good), str(tmp_path / "missing"), str(edited)) == 6
    printed = capsys.readouterr()
    assert "good/cortexlock.cpu.yaml: fresh" in printed.out
    assert "edited/cortexlock.cpu.yaml: invalid" in printed.out
    assert "there is no directory `missing`" in printed.err


def test_the_error_of_a_project_is_in_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cortex.yaml").write_text("a: [\n")
    assert _check(str(tmp_path), "--json") == 3
    printed = capsys.readouterr()
    assert printed.err == ""
    error = json.loads(printed.out)["projects"][0]["error"]
    assert error["exit-code"] == 3
    assert error["where"] == "cortex.yaml:2"


def test_an_unknown_platform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(str(fresh_project(tmp_path)), "--platform", "gpu") == 2
    assert "there is no platform `gpu`" in capsys.readouterr().err


def test_a_platform_that_the_project_is_not_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(str(fresh_project(tmp_path)), "--platform", "inf") == 2
    assert capsys.readouterr().err == (
        "error: --platform: the project is not for the platform inf\n  hint: it is for cpu, cuda\n"
    )
