"""Hints that can be pasted, and projects that are found from below."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cortexlock.cli.hints import pasteable
from cortexlock.cli.main import main
from cortexlock.errors import Hint

_EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment-analyzer"


def _end(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (".", "run `cortexlock lock` now"),
        ("apis/iris", "run `cortexlock lock apis/iris` now"),
        ("my apis", "run `cortexlock lock 'my apis'` now"),
    ],
)
def test_a_command_in_a_hint_names_the_project(project: str, said: str) -> None:
    assert pasteable(Hint("run ", "lock", " now"), project) == said
    assert pasteable("take `cortexlock lock` for what it is", project) == "take `cortexlock lock` for what it is"
    assert pasteable(None, project) is None


def test_each_command_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "iris"
    shutil.copytree(_EXAMPLE, project)
    (project / "requirements.txt").write_text("attrs\n")
    assert _end("check", project) == 1
    assert f"run `cortexlock lock {project}`" in capsys.readouterr().out
    for file in project.glob("cortexlock.*.yaml"):
        file.unlink()
    output = tmp_path / "o"
    commands: list[list[str | Path]] = [["install", project], ["fetch", project, "-o", output], ["verify", project]]
    for command in commands:
        assert _end(*command) == 2
        assert f"run `cortexlock lock {project}`" in capsys.readouterr().err


def test_the_project_above_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "iris"
    shutil.copytree(_EXAMPLE, project)
    below = project / "src" / "package"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert _end("check") == 0
    assert "cortexlock.cpu.yaml: fresh" in capsys.readouterr().out
    (project / "src" / ".git").mkdir()
    assert _end("check") == 2
    assert "nothing to lock here" in capsys.readouterr().err
