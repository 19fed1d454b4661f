"""What a project is locked by is never the place of an output."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.errors import UsageError
from cortexlock.lock.project_files import refuse_to_replace
from tests.support.projects import fresh_project


@pytest.mark.parametrize(
    "name", ["cortexlock.yaml", "cortexlock.cpu.yaml", "cortexlock.cuda.yaml", "requirements.txt", "script.sh"]
)
def test_files_of_the_project(tmp_path: Path, name: str) -> None:
    directory = fresh_project(tmp_path / "p")
    refuse_to_replace(directory, [directory / "report.html", tmp_path / name])
    (tmp_path / "link").symlink_to(directory)
    with pytest.raises(UsageError, match=f"{name} is a file of the project"):
        refuse_to_replace(directory, [directory / "report.html", tmp_path / "link" / name])


@pytest.mark.parametrize(
    ("arguments", "lost"),
    [
        (["export", "requirements", "--partial", "--platform", "cpu", "-o", "requirements.txt"], "requirements.txt"),
        (["export", "cortex", "--platform", "cpu", "-o", "."], "script.sh"),
        (["export", "script", "--platform", "cpu", "-o", "script.sh"], "script.sh"),
        (["report", "-o", "cortexlock.cpu.yaml"], "cortexlock.cpu.yaml"),
    ],
)
def test_commands_refuse_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    lost: str,
) -> None:
    directory = fresh_project(tmp_path)
    before = {path: path.read_bytes() for path in directory.iterdir()}
    monkeypatch.chdir(directory)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert f"{lost} is a file of the project" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in directory.iterdir()} == before
