"""What nothing says stays as the lockfiles have it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.inputs import project_directory
from cortexlock.lock.previous_settings import continued
from cortexlock.lockfile import files, text
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import LockedPredictor, PlatformName
from cortexlock.model.project import Configuration
from tests.support.lockfiles import example


def write(project: Path, platform: PlatformName = "cpu", *, release: str = "0.16.0", slim: bool = False) -> Lockfile:
    locked = LockedPredictor("python", release, "python-predictor-cpu", slim, "resolved")
    lockfile = replace(example(), platform=platform, predictor=locked, exclude_newer="2020-06-01T00:00:00Z")
    files.write_all({project / lockfile_name(platform): text.dumps(lockfile)})
    return lockfile


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("idna\n")
    return tmp_path


def configuration(project: Path, overrides: Configuration | None = None) -> tuple[Configuration, tuple[str, ...]]:
    found, words = continued(project_directory.read(project, overrides))
    return found.configuration, tuple(map(str, words))


def test_all_that_nothing_says_is_kept(project: Path) -> None:
    write(project, slim=True)
    expected = Configuration("python", cortex_version="0.16.0", slim=True, exclude_newer="2020-06-01T00:00:00Z")
    words = ("predictor python", "cortex-version 0.16.0", "slim", "exclude-newer 2020-06-01T00:00:00Z")
    assert configuration(project) == (expected, words)


def test_what_is_said_goes_before(project: Path) -> None:
    write(project)
    said = Configuration("onnx", cortex_version="0.17.0", slim=False, exclude_newer="2021-01-01T00:00:00Z")
    assert configuration(project, said) == (said, ())


def test_an_image_of_an_api_says_the_release(project: Path) -> None:
    (project / "cortex.yaml").write_text(
        "- name: a\n  predictor: {type: python, path: p.py, image: cortexlabs/python-predictor-cpu:0.18.0}\n"
    )
    write(project)
    found, words = configuration(project)
    assert found.cortex_version is None
    assert words == ("exclude-newer 2020-06-01T00:00:00Z",)


def test_lockfiles_that_differ_say_nothing(project: Path) -> None:
    write(project)
    write(project, "cuda", release="0.17.0")
    assert configuration(project)[0].cortex_version is None


def test_lockfiles_that_cannot_be_read_say_nothing(project: Path) -> None:
    (project / lockfile_name("cpu")).write_text("<<<<<<< ours\n")
    assert configuration(project) == (Configuration(), ())


def test_without_lockfiles_nothing_is_kept(project: Path) -> None:
    assert configuration(project) == (Configuration(), ())


def test_a_predictor_file_that_was_named_once_is_kept(project: Path) -> None:
    lockfile = write(project)
    described = replace(lockfile, predictor=replace(lockfile.predictor, file="image.yaml"))
    files.write_all({project / lockfile_name("cpu"): text.dumps(described)})
    for upgrade in (False, True):
        found, words = continued(project_directory.read(project), upgrade=upgrade)
        assert found.configuration.predictor_files == ("image.yaml",)
        assert str(words[0]) == "predictor image.yaml"
    (project / "cortexlock.yaml").write_text("predictor: onnx\n")
    assert configuration(project)[0].predictor_files == ()


def test_an_upgrade_keeps_the_image_alone(project: Path) -> None:
    write(project)
    found, words = continued(project_directory.read(project), upgrade=True)
    assert found.configuration == Configuration("python")
    assert tuple(map(str, words)) == ("predictor python",)


def test_a_merge_conflict_says_what_its_sides_say(project: Path) -> None:
    write(project)
    path = project / lockfile_name("cpu")
    whole = path.read_text(encoding="utf-8")
    path.write_text(f"<<<<<<< HEAD\n{whole}=======\n{whole}>>>>>>> main\n", encoding="utf-8")
    assert configuration(project)[0].cortex_version == "0.16.0"
