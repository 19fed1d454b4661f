"""Lockfiles that say already what a lock would ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.inputs import project_directory
from cortexlock.lock.locked import LockOptions
from cortexlock.lock.unchanged import unchanged
from cortexlock.lockfile import files, text
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import PLATFORMS, PlatformName
from cortexlock.model.project import Configuration, PipSettings
from tests.support.projects import fresh_project

_OPTIONS = LockOptions(conda=None, python=None, cache=Path(), environment={})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return fresh_project(tmp_path)


def _rewritten(project: Path, platform: PlatformName, **values: object) -> None:
    path = project / lockfile_name(platform)
    lockfile = replace(files.read(path, name=path.name), **values)  # type: ignore[arg-type]  # values by field name
    path.write_text(text.dumps(lockfile), encoding="utf-8")


def test_what_check_calls_fresh_is_unchanged(project: Path) -> None:
    path = project / lockfile_name("cpu")
    found, _cuda = unchanged(project_directory.read(project), _OPTIONS) or ()
    assert (found.platform, found.path, found.lockfile) == ("cpu", path, files.read(path, name=path.name))
    assert (found.changed, found.default_release, found.replaced_python) == (False, False, "")


@pytest.mark.parametrize(
    "said",
    [
        {"refresh": True},
        {"upgrade": True},
        {"upgrade_packages": ("a",)},
        {"strict": True},
        {"conda": Path("/opt/conda")},
        {"pypi_rows": False},
    ],
)
def test_options_that_no_lockfile_answers(project: Path, said: dict[str, object]) -> None:
    options = replace(_OPTIONS, **said)  # type: ignore[arg-type]  # values by field name
    assert unchanged(project_directory.read(project), options) is None


@pytest.mark.parametrize(
    ("said", "same"),
    [
        (Configuration(platforms=("cpu",)), True),
        (Configuration(platforms=("cpu", "inf")), False),  # there is no lockfile for it
        (Configuration(exclude_newer="2019-01-01T00:00:00Z"), False),
        (Configuration(cortex_version="0.17.0"), False),
        (Configuration(index_url="https://mirror.example.org/simple/"), True),  # no lockfile names it
    ],
)
def test_what_the_command_line_says(project: Path, said: Configuration, *, same: bool) -> None:
    assert (unchanged(project_directory.read(project, said), _OPTIONS) is not None) is same


def test_a_lockfile_that_is_not_there_or_cannot_be_read(project: Path) -> None:
    path = project / lockfile_name("cpu")
    path.write_text(path.read_text(encoding="utf-8").replace("platform: cpu", "platform: cuda"), encoding="utf-8")
    assert unchanged(project_directory.read(project), _OPTIONS) is None
    path.unlink()
    assert unchanged(project_directory.read(project), _OPTIONS) is None


def test_requirements_that_changed_or_are_wrong(project: Path) -> None:
    requirements = project / "requirements.txt"
    requirements.write_text("# only a comment\n" + requirements.read_text(encoding="utf-8"), encoding="utf-8")
    assert unchanged(project_directory.read(project), _OPTIONS) is not None
    requirements.write_text("another\n", encoding="utf-8")
    assert unchanged(project_directory.read(project), _OPTIONS) is None
    requirements.write_text("-r missing.txt\n", encoding="utf-8")
    assert unchanged(project_directory.read(project), _OPTIONS) is None


def test_a_lockfile_made_with_pip_configuration_is_fresh_only_with_it(project: Path) -> None:
    said = Configuration(pip_settings=PipSettings(index_url="https://example.org/simple/"))
    assert unchanged(project_directory.read(project, said), _OPTIONS) is None
    assert said.pip_settings is not None
    for platform in PLATFORMS[:2]:
        _rewritten(project, platform, pip_config=said.pip_settings.named)
    assert unchanged(project_directory.read(project, said), _OPTIONS) is not None
    assert unchanged(project_directory.read(project), _OPTIONS) is None


def test_replaced_python_is_said_each_time(project: Path) -> None:
    _rewritten(project, "cpu", python="3.7.9")
    found, _cuda = unchanged(project_directory.read(project), _OPTIONS) or ()
    assert found.replaced_python == "3.6.9"
