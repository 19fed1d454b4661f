"""What `check` will say of lockfiles that are being made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cortexlock.cli.lock_words import words
from cortexlock.inputs import project_directory
from cortexlock.lock import check_forecast
from cortexlock.model.lock_facts import WillBeStray
from cortexlock.model.project import Configuration
from tests.support.projects import fresh_lockfile, fresh_project


def test_nothing_where_the_file_says_it_all(tmp_path: Path) -> None:
    project = project_directory.read(fresh_project(tmp_path))
    assert check_forecast.stale(project, fresh_lockfile(project, "cpu")) == ()
    assert check_forecast.stray(project, {"cpu"}) == ()


def test_an_option_against_the_file(tmp_path: Path) -> None:
    project = project_directory.read(fresh_project(tmp_path), Configuration(cortex_version="0.22.0"))
    (note,) = check_forecast.stale(project, fresh_lockfile(project, "cpu"))
    assert words(note) == (
        "cortexlock.yaml: `cortex-version` is 0.23.0, the lockfile was made for 0.22.0: `check` calls "
        "cortexlock.cpu.yaml stale unless the file says the same"
    )


def test_an_option_where_the_file_says_nothing(tmp_path: Path) -> None:
    project = project_directory.read(fresh_project(tmp_path))
    dated = replace(fresh_lockfile(project, "cpu"), exclude_newer="2020-01-01T00:00:00Z")
    assert check_forecast.stale(project, dated) == ()


def test_a_lockfile_for_another_platform(tmp_path: Path) -> None:
    directory = fresh_project(tmp_path)
    (directory / "cortexlock.yaml").write_text("predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu]\n")
    project = project_directory.read(directory)
    (note,) = check_forecast.stray(project, {"cpu"})
    assert words(note).startswith("cortexlock.cuda.yaml is for the platform cuda, which the project is not for: ")
    assert check_forecast.stray(project, {"inf"}) == (note, WillBeStray("inf"))


def test_a_project_that_only_options_make_sense_of(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    project = project_directory.read(tmp_path, Configuration(predictor="python", platforms=("cpu",)))
    assert check_forecast.stray(project, {"cpu"}) == ()
