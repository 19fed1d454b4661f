"""`cortexlock diff`, `why` and `tree`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cortexlock.cli.main import main

_EXAMPLES = Path(__file__).parents[2] / "examples"


def _end(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A committed project whose lockfile for `cpu` has changed since."""
    directory = tmp_path / "repo" / "apis" / "iris"
    shutil.copytree(_EXAMPLES / "sentiment-analyzer", directory)
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "one"]):
        subprocess.run(["/usr/bin/env", "git", *arguments], cwd=tmp_path / "repo", check=True)
    shutil.copy(_EXAMPLES / "iris-classifier" / "cortexlock.cpu.yaml", directory)
    return directory


def test_against_the_last_commit(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end("diff", project) == 0
    text = capsys.readouterr().out
    assert "cortexlock.cuda.yaml: nothing differs" in text
    assert "~ numpy 1.18.2 -> 1.19.5" in text
    assert "- transformers 2.9.1" in text
    assert _end("diff", project, "--exit-code") == 1
    assert _end("diff", project, "--exit-code", "--platform", "cuda") == 0
    capsys.readouterr()
    assert _end("diff", project, "--rev", "HEAD", "--format", "markdown", "--platform", "cpu") == 0
    assert "| numpy | 1.18.2 | 1.19.5 | scikit-learn, scipy |" in capsys.readouterr().out
    assert _end("diff", project, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in document["lockfiles"]] == ["cortexlock.cpu.yaml", "cortexlock.cuda.yaml"]
    (project / "cortexlock.cuda.yaml").unlink()
    assert _end("diff", project) == 0
    assert "cortexlock.cuda.yaml (removed)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rev", "nosuch"], "there is no revision `nosuch`"),
        (["--rev", "--output=x"], "is no revision"),
        (["--format", "xml"], "there is no format `xml`"),
    ],
)
def test_wrong_options(project: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert _end("diff", project, *options) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")])
    assert ended.value.code == 3
    assert capsys.readouterr().err.endswith("old.yaml: there is no such lockfile\n  hint: is the name right?\n")


def test_two_files_and_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lockfile = _EXAMPLES / "iris-classifier" / "cortexlock.cpu.yaml"
    assert _end("diff", lockfile, lockfile, "--exit-code") == 0
    shutil.copytree(_EXAMPLES / "iris-classifier", tmp_path / "iris")
    assert _end("diff", tmp_path / "iris") == 2
    assert "is in no repository of git" in capsys.readouterr().err
    assert _end("diff", "--textconv", lockfile) == 0
    assert "  add threadpoolctl 2.1.0 for scikit-learn" in capsys.readouterr().out


def test_why_names_the_line_and_each_package_between(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end("why", "TQDM", _EXAMPLES / "sentiment-analyzer", "--platform", "cpu") == 0
    text = capsys.readouterr().out
    assert "tqdm 4.46.0: added\n  requirements.txt:2: transformers==2.9.*\n  └─ transformers 2.9.1\n" in text
    assert "    └─ sacremoses 0.0.43\n      └─ tqdm 4.46.0\n" in text
    assert _end("why", "absl-py", _EXAMPLES / "sentiment-analyzer", "--platform", "cpu") == 0
    assert "the image has it, and no step touches it" in capsys.readouterr().out
    assert _end("why", "tqmd", _EXAMPLES / "sentiment-analyzer", "--platform", "cpu") == 2
    assert "did you mean tqdm?" in capsys.readouterr().err
    assert _end("why", "greeting", _EXAMPLES / "conda-channel", "--platform", "cpu", "--json") == 0
    (package,) = json.loads(capsys.readouterr().out)["packages"]
    assert package["manager"] == "conda"
    assert package["paths"][0]["lines"][0]["where"].startswith("conda-packages.txt:")


def test_tree_has_each_package_once_with_what_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end("tree", _EXAMPLES / "sentiment-analyzer", "--platform", "cpu") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cortexlock.cpu.yaml"
    assert "  sacremoses 0.0.43 add" in lines
    assert "    tqdm 4.46.0 add" in lines
    assert _end("tree", _EXAMPLES / "sentiment-analyzer", "--platform", "cpu", "--depth", "0") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
