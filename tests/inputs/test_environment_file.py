"""`environment.yml` in place of conda list and requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs import conda_list, dependency_files, environment_file, hashes, requirements_text
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.environment_file import Entry
from cortexlock.model.lock_facts import CommentedSelector, NotCarried
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.project import Configuration, Project

NAME = "environment.yml"
TEXT = """\
name: any
channels: [conda-forge, nodefaults]
prefix: /opt/conda
variables: {A: b}
dependencies:
  - python=3.11
  - NumPy >=1.24,<2   # [linux]
  - conda-forge::blas=1.0=mkl
  - pip:
      # for pip
      - "six>=1.16"
      - -r more.txt
"""


def _project(directory: Path, text: str = TEXT) -> Project:
    (directory / NAME).write_text(text, encoding="utf-8")
    (directory / "more.txt").write_text("idna\n", encoding="utf-8")
    return Project(directory, Configuration(environment=NAME), ())


def test_what_it_says_has_its_lines(tmp_path: Path) -> None:
    path = _project(tmp_path).directory / NAME
    found = environment_file.read(path, name=NAME)
    assert (found.channels, found.pip) == (
        ("conda-forge", "nodefaults"),
        (Entry(11, "six>=1.16"), Entry(12, "-r more.txt")),
    )
    assert found.notes == (
        NotCarried(NAME, 3, "prefix"),
        NotCarried(NAME, 4, "variables"),
        CommentedSelector(NAME, 7, "# [linux]"),
    )
    # As on conda's command line, not as in a list of its own: `=3.11` is any 3.11.
    read = conda_list.read(path, name=NAME)
    assert [(spec.line, spec.channel, spec.name, spec.version, spec.build) for spec in read.specs] == [
        (6, "", "python", "3.11.*", ""),
        (7, "", "numpy", ">=1.24,<2", ""),
        (8, "conda-forge", "blas", "==1.0", "mkl"),
    ]
    assert read.specs[0].text == "python=3.11"
    lines = requirements_text.read(tmp_path, NAME).lines
    assert [(line.file, line.number, line.text) for line in lines] == [
        (NAME, 11, "six>=1.16"),
        (NAME, 12, "-r more.txt"),
        ("more.txt", 1, "idna"),
    ]


def test_several_entries_in_one_line(tmp_path: Path) -> None:
    _project(tmp_path, "dependencies: [a, {pip: [six, idna]}]\n")
    assert environment_file.requirements_text(tmp_path / NAME, name=NAME) == "six\nidna\n"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("name: any", "name: other", True),
        ("# for pip", "# for others", True),
        ("/opt/conda", "/opt/other", True),
        ("[conda-forge, nodefaults]", "[conda-forge]", False),
        ("six>=1.16", "six>=1.15", False),
        ("python=3.11", "python=3.12", False),
    ],
)
def test_its_hash_is_of_what_it_asks_for(tmp_path: Path, before: str, after: str, same: bool) -> None:  # noqa: FBT001
    def taken(text: str) -> str:
        project = _project(tmp_path, text)
        found = dependency_files.find(project, DependencyFiles())
        assert found == FoundFiles(None, NAME, NAME, NAME)
        return {given.file: given.sha256 for given in hashes.inputs(tmp_path, found)}[NAME]

    assert (taken(TEXT) == taken(TEXT.replace(before, after))) is same


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("name: x\n", None, "it has no `dependencies`"),
        ("name: x\ndependancies: [numpy]\n", 2, "it has no `dependencies`"),
        ("- numpy\n", None, "it has no `dependencies`"),
        ("dependencies: []\nchanels: [a]\n", 2, "no key `chanels`"),
        ("dependencies: numpy\n", 1, "`dependencies` must be a list"),
        ("dependencies:\n  - 3\n", 2, "`3` is no dependency"),
        ("dependencies:\n  - numpy: 1\n", 2, "`numpy` is no dependency"),
        ("dependencies:\n  - pip: six\n", 2, "`pip` must be a list"),
        ("dependencies:\n  - pip: [a]\n  - pip: [b]\n", 3, "a second list for pip"),
        ('dependencies:\n  - pip:\n    - "a \\\\"\n', 3, "is no dependency"),
        ("dependencies:\n  - |\n    a\n    b\n", 2, "`a …` is no dependency"),
        ("dependencies:\n  - numpy={{ version }}\n", 2, "`numpy={{ version }}` is a template"),
        ("dependencies:\n  - sel(linux): numpy\n", 2, "`sel(linux)` is no dependency"),
        ("dependencies: []\nchannels: conda-forge\n", 2, "`channels` must be a list"),
        ("dependencies: []\nchannels:\n  - https://u:p@example.org/c\n", 3, "credentials in its URL"),
        ("dependencies:\n  - numpy~=1.2\n", 2, "no operator `~=`"),
    ],
)
def test_what_is_none(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    path = _project(tmp_path, text).directory / NAME
    with pytest.raises(InputError) as caught:
        conda_list.read(path, name=NAME)
    assert (caught.value.where, what in caught.value.what) == (f"{NAME}:{line}" if line else NAME, True)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("python", True),
        ("pip=99", True),
        ("python=3.11", True),
        ("python 3", True),
        ("python=3.11.*", True),
        ("conda-forge::python>=3.9,<3.12", True),
        ("python==3.11.7", True),
        ("python=3.1", False),
        ("python==3.11", False),
        ("python<3.11", False),
        ("python=3.11=*_cpython", True),
        ("python 3.11.* *_cpython", True),
        ("python >=3.9, <3.12", True),
        ("python=3.10=*_cpython", False),
    ],
)
def test_python_of_an_image_without_conda(tmp_path: Path, text: str, fits: bool) -> None:  # noqa: FBT001
    path = _project(tmp_path, f"dependencies:\n  - {text}\n").directory / NAME
    environment_file.refuse_without_conda(environment_file.read(path, name=NAME).conda, name=NAME)
    if fits:
        environment_file.refuse_another_python(path, name=NAME, python="3.11.7")
    else:
        with pytest.raises(InputError, match="does not fit the image, which has Python") as caught:
            environment_file.refuse_another_python(path, name=NAME, python="3.11.7")
        assert caught.value.where == f"{NAME}:2"


@pytest.mark.parametrize("text", ["python=3.11.7=h_cpython", "python 3.11 *_pypy", "python==3.11.7=0_73_pypy"])
def test_a_build_of_conda_s_python_on_an_image_without_conda(tmp_path: Path, text: str) -> None:
    path = _project(tmp_path, f"dependencies:\n  - {text}\n").directory / NAME
    with pytest.raises(InputError, match=r"asks for a build of conda's, `\S+`, and the image has no conda") as caught:
        environment_file.refuse_another_python(path, name=NAME, python="3.11.7")
    assert caught.value.hint == "write `- python=3.11`, or lock on an image that has the Python"


def test_files_that_would_not_be_read_are_refused(tmp_path: Path) -> None:
    project = _project(tmp_path)
    (tmp_path / "requirements.txt").write_text("six\n")
    with pytest.raises(InputError, match=r"requirements\.txt is there, too"):
        dependency_files.find(project, DependencyFiles())
    project = _project(tmp_path, "dependencies:\n  - pip:\n    - -r requirements.txt\n")
    assert dependency_files.find(project, DependencyFiles()) == FoundFiles(None, None, NAME, NAME)
    project = _project(tmp_path, "dependencies: [numpy]\n")
    assert dependency_files.find(project, DependencyFiles()) == FoundFiles(None, NAME, "requirements.txt", NAME)
    with pytest.raises(InputError, match="`numpy` is asked of conda, and the image has none"):
        dependency_files.find(project, DependencyFiles(conda=None))
    of_pip = _project(tmp_path, "dependencies: [python=3.11, pip, {pip: [-r requirements.txt]}]\n")
    assert dependency_files.find(of_pip, DependencyFiles(conda=None)) == FoundFiles(None, None, NAME, NAME)
    (tmp_path / "conda-packages.txt").write_text("numpy\n")
    with pytest.raises(InputError, match=r"conda-packages\.txt is there, too"):
        dependency_files.find(project, DependencyFiles())
    (tmp_path / NAME).unlink()
    with pytest.raises(InputError, match="is not there"):
        dependency_files.find(project, DependencyFiles())


def test_what_only_python_is_asked_of_counts_where_the_image_has_no_conda(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    hashed = []
    for python in ("3.11", "2.7"):
        project = _project(tmp_path, f"dependencies: [python={python}]\n")
        found = dependency_files.find(project, DependencyFiles(conda=None))
        hashed.append(hashes.inputs(tmp_path, found))
    assert [each.file for each in hashed[0]] == [NAME, "requirements.txt"]
    assert hashed[0] != hashed[1]
