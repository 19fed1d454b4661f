"""Files that look like dependency files and are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import UsageError
from cortexlock.inputs import project_directory
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.look_alikes import LookAlikes, settings, unread
from cortexlock.model.predictor import DependencyFiles


def _unread(directory: Path, *names: str, found: FoundFiles = FoundFiles()) -> LookAlikes:  # noqa: B008 - frozen
    for name in names:
        (directory / name).write_text("")
    return unread(directory, DependencyFiles(), found)


@pytest.mark.parametrize(
    ("file", "meant"),
    [
        ("requirement.txt", "requirements.txt"),
        ("Requirements.TXT", "requirements.txt"),
        ("requirements.txt.txt", "requirements.txt"),
        ("requirments.txt", "requirements.txt"),
        ("requirements", "requirements.txt"),
        ("conda_packages.txt", "conda-packages.txt"),
        ("conda-package.txt", "conda-packages.txt"),
        ("dependency.sh", "dependencies.sh"),
        ("Script.sh", "script.sh"),
        ("cortexlock.yml", "cortexlock.yaml"),
        ("cortex.yml", "cortex.yaml"),
        ("Cortex_Lock.yaml", "cortexlock.yaml"),
    ],
)
def test_near_misses(tmp_path: Path, file: str, meant: str) -> None:
    assert _unread(tmp_path, file).alike == ((file, meant),)
    with pytest.raises(UsageError) as caught:
        project_directory.read(tmp_path)
    assert (caught.value.hint or "").startswith(f"is {file} meant to be {meant}? ")


def test_scripts_that_other_images_read(tmp_path: Path) -> None:
    (tmp_path / "dependency.sh").touch()
    names = DependencyFiles(script=("script.sh",), conda=None)
    assert unread(tmp_path, names, FoundFiles(pip="requirements.txt")).alike == (("dependency.sh", "script.sh"),)


def test_names_of_settings_that_are_there_have_no_look_alikes(tmp_path: Path) -> None:
    for name in ("cortexlock.yaml", "cortexlock.yml", "cortex.yaml", "cortex_gpu.yaml", "cortexlock.cpu.yaml"):
        (tmp_path / name).touch()
    assert settings(tmp_path) == ()
    (tmp_path / "cortexlock.yaml").unlink()
    assert settings(tmp_path) == (("cortexlock.yml", "cortexlock.yaml"),)


@pytest.mark.parametrize("file", ["dev.txt", "notes.txt", "README.md", "requirements.py", "setup.sh"])
def test_what_is_something_else(tmp_path: Path, file: str) -> None:
    assert _unread(tmp_path, file).alike == ()


def test_files_that_are_there_have_no_look_alikes(tmp_path: Path) -> None:
    found = _unread(tmp_path, "requirements.txt", "requirement.txt", found=FoundFiles(pip="requirements.txt"))
    assert found.alike == ()
    assert found.found


def test_files_of_other_tools_where_nothing_else_is_there(tmp_path: Path) -> None:
    found = _unread(tmp_path, "environment.yml", "pyproject.toml")
    assert found.others == (("environment.yml", "conda-packages.txt"), ("pyproject.toml", "requirements.txt"))
    assert unread(tmp_path, DependencyFiles(), FoundFiles(pip="requirements.txt")).others == ()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").touch()
    assert _unread(tmp_path).others[-1] == ("requirements/base.txt", "requirements.txt")
    assert unread(tmp_path, DependencyFiles(conda=None), FoundFiles()).others[0] == (
        "environment.yml",
        "requirements.txt",
    )
