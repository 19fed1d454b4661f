"""`cortexlock init`: what it writes, and that it overwrites nothing."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

import pytest
import yaml

from cortexlock.cli import init_questions
from cortexlock.cli.main import main
from cortexlock.inputs import configuration
from cortexlock.lock.init import Extras, look
from cortexlock.lock.starting_files import ATTRIBUTES, Choice


def _end(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "apis" / "iris").mkdir(parents=True)
    subprocess.run(["/usr/bin/env", "git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_on_top_of_an_environment(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = clone / "apis" / "iris"
    venv.create(clone / ".venv", with_pip=False)
    extras = ["--pre-commit", "--ci", "github", "--dockerfile", "--git"]
    assert _end("init", project, "--capture", clone / ".venv", "--strict", *extras) == 0
    assert "image.yaml: made" in capsys.readouterr().out
    read = configuration.read(project / "cortexlock.yaml")
    assert (read.predictor_files, read.strict) == (("image.yaml",), True)
    hooks = yaml.safe_load((clone / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert hooks[0]["entry"] == "cortexlock check apis/iris"
    workflow = yaml.safe_load((clone / ".github/workflows/cortexlock.yml").read_text())
    assert workflow["jobs"]["lockfiles"]["steps"][3]["run"] == "cortexlock check apis/iris"
    assert "cortexlock.cpu.yaml image.yaml requirements.txt" in (project / "Dockerfile").read_text()
    settings = (clone / ".git" / "config").read_text()
    assert "driver = cortexlock merge-driver %O %A %B %P" in settings
    before = {path: path.read_bytes() for path in project.iterdir()}
    assert _end("init", project, "--capture", clone / ".venv", "--strict") == 0
    assert "image.yaml: there already" in capsys.readouterr().out
    assert _end("init", project, "--image", project / "image.yaml", "--strict") == 0
    assert {path: path.read_bytes() for path in project.iterdir()} == before


@pytest.mark.parametrize(
    ("there", "options", "said"),
    [
        ("cortexlock.yaml", [], "cortexlock.yaml: is there already"),
        ("image.yaml", [], "--image image.yaml"),
        ("Dockerfile", ["--dockerfile"], "Dockerfile: is there already"),
        ("requirements.txt", ["--git"], "no repository"),
    ],
)
def test_what_would_be_overwritten_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str, options: list[str], said: str
) -> None:
    venv.create(tmp_path / ".venv", with_pip=False)
    (tmp_path / there).write_text("# mine\n")
    assert _end("init", tmp_path, "--capture", tmp_path / ".venv", *options) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".venv", there])
    assert (tmp_path / there).read_text() == "# mine\n"


def test_what_is_there_decides_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cortex.yaml").write_text("- name: a\n  predictor: {type: onnx, path: p.py}\n")
    (tmp_path / ".gitattributes").write_text("*.bin binary")
    (tmp_path / "environment.yml").write_text("dependencies: [numpy]\n")
    assert _end("init", tmp_path, "--cortex-version", "0.16.0") == 0
    assert "environment.yml" in capsys.readouterr().out
    read = configuration.read(tmp_path / "cortexlock.yaml")
    assert (read.predictor, read.cortex_version) == ("onnx", "0.16.0")
    assert (tmp_path / ".gitattributes").read_text() == f"*.bin binary\n{ATTRIBUTES}\n"
    assert _end("init", tmp_path, "--predictor", "python") == 2
    assert "cortexlock.yaml: is there already" in capsys.readouterr().err
    assert _end("init", tmp_path, "--predictor", "python", "--cortex-version", "0.35.0", "--force") == 0
    assert configuration.read(tmp_path / "cortexlock.yaml").cortex_version == "0.35.0"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "which image"),
        (["--predictor", "python", "--image", "x.yaml"], "there is no x.yaml"),
        (["--predictor", "nosuch"], "nosuch"),
        (["--capture", "a", "--predictor", "python"], "exclude each other"),
        (["--predictor", "python", "--ci", "jenkins"], "jenkins"),
        (["--predictor", "python", "--dockerfile"], "an image of your own"),
        (["--predictor", "python", "--git"], "no repository"),
        (["--predictor", "python", "--exclude-newer", "soon"], "soon"),
    ],
)
def test_wrong_options(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _end("init", *options) == 2
    assert said in capsys.readouterr().err


def test_the_questions_of_a_terminal(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["2", "nosuch", "onnx", "0.16.0"])
    agreed = iter([True, False, True])
    monkeypatch.setattr("typer.prompt", lambda *_arguments, **_options: next(answers))
    monkeypatch.setattr("typer.confirm", lambda *_arguments, **_options: next(agreed))
    plan = init_questions.ask(look(clone), init_questions.Plan(Choice(), "", Extras(), git=False))
    assert plan == init_questions.Plan(Choice((), "onnx", "0.16.0"), "", Extras(pre_commit=True), git=True)
