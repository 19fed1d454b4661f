"""Files in place of a conda list: each is called what it is, with what to write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs import conda_list

NAME = "conda-packages.txt"

ENVIRONMENT = """\
# exported
name: demo
channels: [conda-forge]
dependencies:
  - python=3.7
  - numpy=1.18.1=py37_0
  - pandas>=1
  - pip
  - pip:
      - requests==2.23.0
"""


def _refused(directory: Path, text: str) -> InputError:
    path = directory / NAME
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        conda_list.read(path, name=NAME)
    _, errors = conda_list.survey(path, name=NAME)
    assert str(errors[0]) == str(caught.value)
    return caught.value


def test_an_environment_yml_says_the_lines_to_write(tmp_path: Path) -> None:
    error = _refused(tmp_path, ENVIRONMENT)
    assert error.where == f"{NAME}:2"
    assert error.what == "`name: demo` is a line of an environment.yml, not of a list of packages"
    assert error.hint == (
        "write one package a line: `python=3.7.*`, `numpy=1.18.1=py37_0`, `pandas>=1`, `pip`; its pip packages belong "
        "into the pip requirements"
    )


@pytest.mark.parametrize(
    "text",
    [
        "dependencies: 5\n",
        "dependencies:\n  - {pip: 5}\n",
        "name: a\nname: b\n",
        "name: [\n",
        "channels:\n  - defaults\ndependencies: [&a [*a]]\n",
        "dependencies: " + "[" * 5000 + "\n",
    ],
)
def test_an_environment_without_a_package_that_can_be_read_is_still_called_one(tmp_path: Path, text: str) -> None:
    error = _refused(tmp_path, text)
    assert "an environment.yml" in error.what
    assert "one package a line" in str(error.hint)


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        (
            [{"name": "numpy", "version": "1.18.1", "build_string": "py37_0"}, {"name": "six", "version": "1.15"}],
            "`numpy=1.18.1=py37_0`, `six=1.15`",
        ),
        ({"name": "demo", "dependencies": ["python=3.7", "six"]}, "`python=3.7.*`, `six`"),
        ({"packages": 5}, "as `package=version`"),
    ],
)
def test_json_says_the_lines_to_write(tmp_path: Path, document: object, lines: str) -> None:
    for text in (json.dumps(document), json.dumps(document, indent=2)):
        error = _refused(tmp_path, text)
        assert (error.where, error.what) == (f"{NAME}:1", "the file is JSON, not a list of packages")
        assert lines in str(error.hint)


@pytest.mark.parametrize("text", ['{"a": \n', "[" * 100_000, "[[]\n", "{\n"])
def test_what_begins_as_json_and_is_none_is_refused(tmp_path: Path, text: str) -> None:
    assert _refused(tmp_path, text).where == f"{NAME}:1"


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ("numpy\n<<<<<<< HEAD\nsix\n=======\nattrs\n>>>>>>> b\n", 2, "is a conflict marker of git", "resolve"),
        ("numpy>1\n=======\n", 2, "is a conflict marker of git", "resolve"),
        ("<!DOCTYPE html>\n<html>\n", 1, "is HTML or XML", "not the page"),
        ("[packages]\nnumpy = '*'\n", 1, "is TOML or INI", "one package a line"),
        ("[tool.demo]\nnumpy = '*'\n", 1, "is TOML or INI", "one package a line"),
        ('["greeting"]\n', 1, "the file is JSON", "a line: `greeting`"),
        ("['numpy', 'scipy>=1']\n", 1, "the file is JSON", "a line: `numpy`, `scipy>=1`"),
        ('[\n  "numpy"\n]\n', 1, "the file is JSON", "a line: `numpy`"),
        ("version: 1\nmetadata: {}\n", 1, "is YAML", "one package a line"),
        ("import setuptools\n", 1, "is Python", "one package a line"),
        (
            "# setup\nconda install -y -c conda-forge numpy=1.18 'pandas>=1'\n",
            2,
            "is a command",
            "`numpy=1.18.*`, `pandas>=1`",
        ),
        ("RUN conda install --yes rdkit && conda clean -a\n", 1, "is a command", "`rdkit`"),
        ("FROM python:3.6\n", 1, "is a command", "script"),
        ("pip install six\n", 1, "is a command", "script"),
    ],
)
def test_other_files_are_called_what_they_are(tmp_path: Path, text: str, line: int, what: str, hint: str) -> None:
    error = _refused(tmp_path, text)
    assert error.where == f"{NAME}:{line}"
    assert what in error.what
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("numpy>1.17,<1.18.0,", "write `numpy>1.17,<1.18.0`"),
        ("numpy>=1.17 <1.18", "write `numpy>=1.17,<1.18`"),
        ("numpy=1..0", "single dots"),
        ('numpy[version="1.0"', "write `numpy=1.0`"),
        ("numpy[version=1.0", "write `numpy=1.0`"),
        ('numpy[version="1.0]', "write `numpy=1.0`"),
        ('numpy[version=">=1.0",build="py36_0"', "write `numpy>=1.0=py36_0`"),
        ("numpy>=1.0]", "write `numpy>=1.0`"),
        ("numpy (>=1.0", "write `numpy >=1.0`"),
        ("numpy>=1.0)", "write `numpy>=1.0`"),
    ],
)
def test_a_line_that_was_meant_for_conda_has_the_line_to_write(tmp_path: Path, line: str, hint: str) -> None:
    error = _refused(tmp_path, f"six\n{line}\n")
    assert error.where == f"{NAME}:2"
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('numpy[version="1.0"', '`[` in `numpy[version="1.0"` is not closed'),
        ("numpy[build=py36*  # as before", "`[` in `numpy[build=py36*` is not closed"),
        ("numpy>=1.0]", "`]` in `numpy>=1.0]` closes nothing"),
        ("numpy (>=1.0", "`(` in `numpy (>=1.0` is not closed"),
    ],
)
def test_a_bracket_without_its_other_half_is_named(tmp_path: Path, line: str, what: str) -> None:
    assert _refused(tmp_path, f"six\n{line}\n").what == what


def test_archives_without_the_mark_are_named_with_it(tmp_path: Path) -> None:
    error = _refused(tmp_path, "https://conda.example.org/main/linux-64/numpy-1.18.1-py36_0.conda\n")
    assert "is a file" in error.what
    assert "@EXPLICIT" in str(error.hint)
    assert "`numpy=1.18.1=py36_0`" in str(error.hint)
