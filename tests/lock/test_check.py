"""`check` as a use case: one result per lockfile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.options import platform_of
from cortexlock.cli.stale_words import words
from cortexlock.errors import Hint, UsageError
from cortexlock.inputs import project_directory
from cortexlock.lock.check import Checked, check
from cortexlock.lockfile.text import dumps
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.project import Project
from cortexlock.model.stale_facts import FileIs, StaleReason
from cortexlock.predictors import predictor_file
from tests.support.predictors import example
from tests.support.projects import fresh_lockfile, fresh_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_directory.read(fresh_project(tmp_path))


def _states(results: tuple[Checked, ...]) -> dict[str, str]:
    return {result.file: result.state for result in results}


def test_fresh(project: Project) -> None:
    results = check(project)
    assert _states(results) == {"cortexlock.cpu.yaml": "fresh", "cortexlock.cuda.yaml": "fresh"}
    assert {(result.reasons, result.exit_code, result.hint) for result in results} == {((), 0, "")}


def test_stale(project: Project) -> None:
    (project.directory / "requirements.txt").write_text("seven\n")
    results = check(project)
    assert [result.state for result in results] == ["stale", "stale"]
    assert results[0].reasons[0].file == "requirements.txt"
    assert (results[0].exit_code, results[0].hint) == (1, Hint("run ", "lock"))


def test_missing(project: Project) -> None:
    (project.directory / "cortexlock.cuda.yaml").unlink()
    results = check(project)
    assert _states(results) == {"cortexlock.cpu.yaml": "fresh", "cortexlock.cuda.yaml": "missing"}
    assert results[1].exit_code == 1


def test_stray(project: Project) -> None:
    only_cpu = replace(project, configuration=replace(project.configuration, platforms=("cpu",)))
    results = check(only_cpu)
    assert _states(results) == {"cortexlock.cpu.yaml": "fresh", "cortexlock.cuda.yaml": "stray"}
    assert results[1].exit_code == 1
    assert str(results[1].hint).startswith("remove it")


def test_only_some_platforms(project: Project) -> None:
    (project.directory / "cortexlock.cuda.yaml").unlink()
    assert _states(check(project, ("cpu",))) == {"cortexlock.cpu.yaml": "fresh"}


def test_edited_by_hand(project: Project) -> None:
    path = project.directory / "cortexlock.cpu.yaml"
    path.write_text(path.read_text().replace("slim: false", "slim: true"))
    result = check(project)[0]
    assert (result.state, result.exit_code) == ("invalid", 6)
    assert "edited by hand" in words(result.reasons[0].fact)


def test_a_merge_conflict(project: Project) -> None:
    path = project.directory / "cortexlock.cpu.yaml"
    path.write_text("<<<<<<< HEAD\n" + path.read_text())
    result = check(project)[0]
    assert (result.state, result.exit_code) == ("invalid", 6)
    assert result.reasons[0].file == "cortexlock.cpu.yaml:1"


def test_a_copy_for_another_platform(project: Project) -> None:
    (project.directory / "cortexlock.cpu.yaml").write_text((project.directory / "cortexlock.cuda.yaml").read_text())
    result = check(project)[0]
    assert (result.state, result.exit_code) == ("invalid", 3)
    assert "made for the platform cuda" in words(result.reasons[0].fact)


def test_nothing_is_written(project: Project) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in project.directory.iterdir()}
    (project.directory / "requirements.txt").chmod(0o444)
    check(project)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in project.directory.iterdir()} == before


def test_a_configuration_that_makes_no_sense(project: Project) -> None:
    with pytest.raises(UsageError):
        check(replace(project, configuration=replace(project.configuration, cortex_version="9.9")))


def _described(directory: Path, name: str = "image.yaml") -> Project:
    """Make a project whose lockfile was made for a predictor file, which looks for requirements under another name."""
    files = DependencyFiles((), None, "needs.txt")
    text = predictor_file.dumps(replace(example(), files=files, order=("pip",)))
    (directory / name).write_text(text, encoding="utf-8")
    (directory / "cortexlock.yaml").write_text(f"predictor: ./{name}\n")
    (directory / "needs.txt").write_text("six\n")
    project = project_directory.read(directory)
    (directory / "cortexlock.cpu.yaml").write_text(dumps(fresh_lockfile(project, "cpu")))
    return project


def test_a_predictor_file_is_an_input(tmp_path: Path) -> None:
    project = _described(tmp_path)
    assert _states(check(project)) == {"cortexlock.cpu.yaml": "fresh"}
    file = tmp_path / "image.yaml"
    file.write_text(file.read_text().replace('"1.4.0"', '"1.4.1"'))
    (result,) = check(project)
    assert (result.state, result.reasons) == (
        "stale",
        (StaleReason("image.yaml", FileIs.CHANGED),),
    )


def test_images_with_names(tmp_path: Path) -> None:
    project = _described(tmp_path)
    arm = replace(predictor_file.read(tmp_path / "image.yaml", file="arm.yaml"), subdir="linux-aarch64")
    (tmp_path / "arm.yaml").write_text(predictor_file.dumps(arm))
    (tmp_path / "cortexlock.yaml").write_text("images: {cpu: ./image.yaml, arm: ./arm.yaml}\n")
    (tmp_path / "cortexlock.example.yaml").write_text("images: {}\n")  # no lockfile, but for its name
    project = project_directory.read(tmp_path)
    (tmp_path / "cortexlock.arm.yaml").write_text(dumps(fresh_lockfile(project, "arm")))
    assert _states(check(project)) == {"cortexlock.cpu.yaml": "fresh", "cortexlock.arm.yaml": "fresh"}
    assert _states(check(project, ("arm",))) == {"cortexlock.arm.yaml": "fresh"}
    assert (platform_of(project, None, machine="aarch64"), platform_of(project, None, machine="x86_64")) == (
        "arm",
        "cpu",
    )
    with pytest.raises(UsageError, match="several lockfiles"):
        platform_of(project, None)
    with pytest.raises(UsageError, match="--platform: there is no image `amr`"):
        platform_of(project, "amr")
    (tmp_path / "cortexlock.yaml").write_text("")  # what the lockfiles say goes on
    assert _states(check(project_directory.read(tmp_path))) == {
        "cortexlock.cpu.yaml": "fresh",
        "cortexlock.arm.yaml": "fresh",
    }
    (tmp_path / "cortexlock.yaml").write_text("images: {cpu: ./arm.yaml}\n")
    stale, stray = check(project_directory.read(tmp_path))
    assert (stale.state, words(stale.reasons[0].fact)) == (
        "stale",
        "the image `cpu` is arm.yaml, the lockfile was made for image.yaml",
    )
    assert (stray.state, stray.hint) == ("stray", "remove it, or add arm to `images` in cortexlock.yaml")


def test_a_predictor_file_that_an_option_named(tmp_path: Path) -> None:
    _described(tmp_path)
    (tmp_path / "cortexlock.yaml").write_text("")
    (tmp_path / "cortex.yaml").write_text("- {name: a, predictor: {type: python}}\n")
    project = project_directory.read(tmp_path)
    assert _states(check(project)) == {"cortexlock.cpu.yaml": "fresh"}
    (tmp_path / "image.yaml").unlink()
    assert StaleReason("image.yaml", FileIs.GONE) in check(project)[0].reasons
