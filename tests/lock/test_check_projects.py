"""Many projects in one check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock import workers
from cortexlock.lock import check_projects as check_projects_module
from cortexlock.lock.check_projects import CheckedProject, check_projects
from tests.support.projects import fresh_project

if TYPE_CHECKING:
    import pytest


def _outcomes(found: list[CheckedProject]) -> list[tuple[str, object]]:
    return [
        (each.directory.name, str(each.error) if each.error else [result.state for result in each.results])
        for each in found
    ]


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directories = [tmp_path / str(number) for number in range(5)]
    for directory in directories:
        directory.mkdir()
        fresh_project(directory)
    (directories[1] / "requirements.txt").write_text("seven\n")
    (directories[3] / "cortexlock.yaml").write_text("- no mapping\n")
    alone = list(check_projects(directories, (), strict=False, environment=os.environ))
    monkeypatch.setattr(check_projects_module, "_WORTH_A_PROCESS", 2)
    monkeypatch.setattr(workers, "processors", lambda: 2)
    together = list(check_projects(directories, (), strict=False, environment=os.environ))
    assert _outcomes(together) == _outcomes(alone)
    assert [name for name, outcome in _outcomes(alone) if outcome == ["fresh", "fresh"]] == ["0", "2", "4"]
    assert [each.error is None for each in together] == [True, True, True, False, True]
