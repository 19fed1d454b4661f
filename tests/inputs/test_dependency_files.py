"""Which dependency files a project has."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs.dependency_files import FoundFiles, find
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.project import Configuration, CortexApi, Project

_NAMES = DependencyFiles()


def _api(*, gpu: bool = False, inf: bool = False, **files: str) -> CortexApi:
    return CortexApi("a", "python", gpu=gpu, inf=inf, image=None, files=tuple(sorted(files.items())))


def _project(directory: Path, *apis: CortexApi, files: tuple[str, ...] = ()) -> Project:
    for name in files:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("")
    return Project(directory, Configuration(), apis)


def test_nothing(tmp_path: Path) -> None:
    assert find(_project(tmp_path), _NAMES) == FoundFiles()


@pytest.mark.parametrize("script", ["script.sh", "dependencies.sh"])
def test_the_usual_names(tmp_path: Path, script: str) -> None:
    project = _project(tmp_path, files=(script, "conda-packages.txt", "requirements.txt"))
    assert find(project, _NAMES) == FoundFiles(script, "conda-packages.txt", "requirements.txt")


def test_a_release_that_looks_only_for_requirements(tmp_path: Path) -> None:
    project = _project(tmp_path, files=("script.sh", "conda-packages.txt", "requirements.txt"))
    names = DependencyFiles(script=(), conda=None)
    assert find(project, names) == FoundFiles(pip="requirements.txt")


def test_a_conda_list_where_the_image_has_no_conda(tmp_path: Path) -> None:
    """It would be left out without a word; comments ask for nothing."""
    names = DependencyFiles(conda=None)
    (tmp_path / "conda-packages.txt").write_text("# packages\n\nnumpy=1.18\n")
    with pytest.raises(InputError, match=r"conda-packages\.txt:3: `numpy=1\.18` is asked of conda"):
        find(_project(tmp_path), names, described=True)
    assert find(_project(tmp_path), names) == FoundFiles()  # of a release that has never looked at it
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "conda-packages.txt").write_text("# packages\n", encoding=encoding)
        assert find(_project(tmp_path), names, described=True) == FoundFiles()


def test_two_scripts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"both script\.sh and dependencies\.sh are there"):
        find(_project(tmp_path, files=("script.sh", "dependencies.sh")), _NAMES)


def test_names_of_cortex_yaml(tmp_path: Path) -> None:
    api = _api(shell="a/setup.sh", pip="./a/requirements.txt")  # noqa: S604 - a name of cortex.yaml, no shell
    project = _project(tmp_path, api, files=("a/setup.sh", "a/requirements.txt", "requirements.txt", "script.sh"))
    assert find(project, _NAMES) == FoundFiles("a/setup.sh", None, "a/requirements.txt")


@pytest.mark.parametrize(
    ("name", "what"), [("missing.txt", "not there"), ("../a.txt", "outside"), ("/etc/a", "outside")]
)
def test_a_named_file_must_be_there(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        find(_project(tmp_path, _api(pip=name), files=("requirements.txt",)), _NAMES)


def test_apis_of_other_platforms_have_no_say(tmp_path: Path) -> None:
    project = _project(tmp_path, _api(pip="c.txt"), _api(gpu=True, pip="g.txt"), files=("c.txt", "g.txt"))
    assert find(project, _NAMES, platform="cpu").pip == "c.txt"
    assert find(project, _NAMES, platform="cuda").pip == "g.txt"
    with pytest.raises(InputError, match=r"different files as `dependencies\.pip`: `c\.txt`, `g\.txt`"):
        find(project, _NAMES, platform="inf")


def test_apis_that_disagree(tmp_path: Path) -> None:
    project = _project(tmp_path, _api(conda="c.txt"), _api(), files=("c.txt",))
    with pytest.raises(InputError, match=r"the default, `c\.txt`"):
        find(project, _NAMES, platform="cpu")


@pytest.mark.parametrize("name", ["requirements.txt", "conda-packages.txt", "script.sh"])
def test_a_directory_in_the_place_of_a_file_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"{name}: is no file"):
        find(Project(tmp_path, Configuration(), ()), DependencyFiles())


@pytest.mark.parametrize("name", ["script.sh", "conda-packages.txt", "requirements.txt"])
@pytest.mark.parametrize("target", ["nowhere", ""])
def test_a_link_to_nothing_is_no_file_that_is_not_there(tmp_path: Path, name: str, target: str) -> None:
    (tmp_path / name).symlink_to(target or name)
    with pytest.raises(InputError, match=f"{name}: cannot be read: it is a link to what is not there") as caught:
        find(_project(tmp_path), _NAMES)
    assert caught.value.hint
