"""What `check` will say of lockfiles that are being made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cortexlock.cli.lock_words import words
from cortexlock.inputs import project_directory
from cortexlock.lock import check_forecast
from cortexlock.model.lock_facts import WillBeStray
from cortexlock.model.project import Configuration
from cortexlock.predictors.predictor_file import dumps
from tests.support.predictors import example
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
    assert check_forecast.stray(project, {"inf"}) == (note, WillBeStray("inf", "platforms"))


def test_where_images_have_names_a_platform_is_no_other_thing(tmp_path: Path) -> None:
    image = dumps(replace(example(), type="", cortex_version="", core=(), file=""))
    for name in ("cpu", "other"):
        (tmp_path / f"{name}.yaml").write_text(image)
    (tmp_path / "cortexlock.yaml").write_text("images: {cpu: ./cpu.yaml, other: ./other.yaml}\nplatforms: [cpu]\n")
    found = check_forecast.stray(project_directory.read(tmp_path), {"cpu", "cuda", "other"})
    assert found == (WillBeStray("cuda", "images"), WillBeStray("other", "platforms"))
    assert words(found[0]).endswith("; remove it, or add cuda to `images` in cortexlock.yaml")


def test_a_project_that_only_options_make_sense_of(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    project = project_directory.read(tmp_path, Configuration(predictor="python", platforms=("cpu",)))
    assert check_forecast.stray(project, {"cpu"}) == ()
