"""A lockfile that is not of the project as it is now is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.replay.checks.inputs import check_inputs
from tests.support.replay import Case


def test_all_stale_inputs_are_listed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("demo\n")
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")
    case.pre_installed.append(PreInstalled("conda", "python", "3.6.9"))
    lockfile = case.lockfile
    check_inputs(case.project, lockfile)
    (case.directory / "requirements.txt").write_text("changed\n")
    (case.directory / "conda-packages.txt").write_text("new\n")
    with pytest.raises(DifferenceError, match=r"(?s)conda-packages\.txt.*requirements\.txt") as caught:
        check_inputs(case.project, lockfile)
    assert "cortexlock lock" in (caught.value.hint or "")
