"""Editable wheels of our own, for projects whose backend makes none."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from cortexlock.errors import StepError
from cortexlock.pip.sources.build import BuildEnvironment
from cortexlock.pip.sources.build_failures import NotEditableError
from cortexlock.pip.sources.editable import editable_wheel
from tests.support.replay import tree_of

_BACKEND = '''
    """Does what setuptools did before PEP 660: writes an .egg-info beside the packages when asked for requirements."""
    import os, zipfile

    METADATA = "Metadata-Version: 2.1\\nName: old.project\\nVersion: 1.0\\n"

    def get_requires_for_build_wheel(config_settings=None):
        if os.path.isdir("src"):
            os.makedirs("src/old_project.egg-info")
            with open("src/old_project.egg-info/entry_points.txt", "w") as file:
                file.write("[console_scripts]\\nold = old:main\\n")
        return []

    def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
        with zipfile.ZipFile(os.path.join(wheel_directory, "old_project-1.0-py3-none-any.whl"), "w") as wheel:
            wheel.writestr("old_project-1.0.dist-info/METADATA", METADATA)
        return "old_project-1.0-py3-none-any.whl"
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    (directory / "src").mkdir(parents=True)
    (directory / "src" / "old.py").write_text("")
    (directory / "backend.py").write_text(dedent(_BACKEND))
    requires = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (directory / "pyproject.toml").write_text(requires)
    return directory


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


@pytest.fixture
def environment(scratch: Path) -> Iterator[BuildEnvironment]:
    with BuildEnvironment(Path(sys.executable), scratch, {}) as entered:
        yield entered


def test_a_backend_that_makes_none_is_told_apart(project: Path, environment: BuildEnvironment, scratch: Path) -> None:
    with pytest.raises(NotEditableError):
        environment.wheel(project, scratch, editable=True)


def test_the_wheel_leads_to_the_packages_and_has_metadata_and_scripts(
    project: Path, environment: BuildEnvironment, scratch: Path
) -> None:
    before = tree_of(project)
    wheel = editable_wheel(project, environment, scratch)
    assert wheel.name == "old_project-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert found["__editable__.old_project-1.0.pth"] == f"{project / 'src'}\n"
    assert "Name: old.project" in found["old_project-1.0.dist-info/METADATA"]
    assert "old = old:main" in found["old_project-1.0.dist-info/entry_points.txt"]
    assert found["old_project-1.0.dist-info/RECORD"].count("sha256=") == 4
    assert tree_of(project) == before


def test_a_project_whose_packages_cannot_be_found_is_refused(
    project: Path, environment: BuildEnvironment, scratch: Path
) -> None:
    (project / "src").rename(project / "lib")
    with pytest.raises(StepError, match="development mode"):
        editable_wheel(project, environment, scratch)
