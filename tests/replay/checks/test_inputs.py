"""A lockfile that is not of the project as it is now is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.error_words import what_of
from cortexlock.inputs import hashes
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.stale_facts import FileIs, StaleReason
from cortexlock.predictors import predictor_file
from cortexlock.replay.checks.inputs import StaleError, check_inputs
from tests.support.predictors import example
from tests.support.replay import Case


def test_all_stale_inputs_are_listed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("demo\n")
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")
    case.pre_installed.append(PreInstalled("conda", "python", "3.6.9"))
    lockfile = case.lockfile
    check_inputs(case.project, lockfile)
    (case.directory / "requirements.txt").write_text("changed\n")
    (case.directory / "conda-packages.txt").write_text("new\n")
    with pytest.raises(StaleError) as caught:
        check_inputs(case.project, lockfile)
    assert what_of(caught.value).splitlines() == [
        "the lockfile is stale:",
        "  conda-packages.txt: is new since the lockfile was made",
        "  requirements.txt: has changed since the lockfile was made",
    ]
    assert "cortexlock lock" in (caught.value.hint or "")


def test_an_image_of_its_own_tells_where_it_looks(tmp_path: Path) -> None:
    """What is new is seen whatever the lockfile was made of."""
    predictor = replace(example(), files=DependencyFiles(script=("start.sh",), conda=None))
    (tmp_path / "image.yaml").write_text(predictor_file.dumps(predictor))
    (tmp_path / "requirements.txt").write_text("demo\n")
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")
    lockfile = case.lockfile
    lockfile = replace(
        lockfile,
        predictor=replace(lockfile.predictor, file="image.yaml"),
        inputs=hashes.inputs(tmp_path, FoundFiles(pip="requirements.txt"), "image.yaml"),
    )
    check_inputs(case.project, lockfile)
    (tmp_path / "script.sh").write_text("true\n")
    check_inputs(case.project, lockfile)  # the image does not look for it
    (tmp_path / "start.sh").write_text("true\n")
    with pytest.raises(StaleError) as caught:
        check_inputs(case.project, lockfile)
    assert caught.value.facts == (StaleReason("start.sh", FileIs.NEW),)
