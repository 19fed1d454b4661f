"""Builds run in an environment of their own, see nothing of the host, and fail with what the backend said."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from cortexlock.errors import InputError
from cortexlock.pip.sources.build import BuildEnvironment, static_requirements
from cortexlock.pip.sources.build_failures import BuildFailedError

_BACKEND = """
    import json, os, sys, zipfile

    def get_requires_for_build_wheel(config_settings=None):
        return ["wheel>=0.30", "cython<3"]

    def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
        print("building with", sys.version_info[:2])
        if os.path.exists("broken"):
            print("\\n".join("line %d" % number for number in range(100)))
            sys.exit("no compiler")
        try:
            import requirement
            found = requirement.VALUE
        except ImportError:
            found = None
        facts = {"environment": dict(os.environ), "path": sys.path, "requirement": found}
        name = "demo-1.0-py3-none-any.whl"
        with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
            wheel.writestr("demo.json", json.dumps(facts))
            wheel.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n")
            wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
            wheel.writestr("demo-1.0.dist-info/RECORD", "")
        return name
"""
_PYPROJECT = """
    [build-system]
    requires = ["setuptools", "cffi"]
    build-backend = "backend"
    backend-path = ["."]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a build backend of its own, which needs nothing."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "pyproject.toml").write_text(dedent(_PYPROJECT))
    (directory / "backend.py").write_text(dedent(_BACKEND))
    return directory


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[BuildEnvironment]:
    """Yield an entered build environment under the interpreter that runs the tests."""
    variables = {
        "PATH": "/usr/bin:/bin",
        "PIP_INDEX_URL": "https://example.org",
        "PYTHONPATH": "/nowhere",
        "SECRET": "x",
        "CC": "gcc",
    }
    with BuildEnvironment(Path(sys.executable), tmp_path, variables) as entered:
        yield entered


def _facts(wheel: Path) -> dict[str, object]:
    import json  # noqa: PLC0415 - of this helper only

    with zipfile.ZipFile(wheel) as archive:
        facts: dict[str, object] = json.loads(archive.read("demo.json"))
    return facts


def test_static_requirements_are_those_of_pyproject_toml(project: Path) -> None:
    assert static_requirements(project) == ("cffi", "setuptools")


def test_static_requirements_of_a_setup_py_are_the_default(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("")
    assert [requirement.replace(" ", "") for requirement in static_requirements(tmp_path)] == ["setuptools>=40.8.0"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[build-system", "parse"),
        ("[build-system]\n", "requires"),
        ('[build-system]\nrequires = "setuptools"\n', "array"),
    ],
)
def test_a_malformed_pyproject_toml_is_an_input_error(project: Path, text: str, what: str) -> None:
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(InputError, match=what) as caught:
        static_requirements(project)
    assert str(project) not in str(caught.value)
    assert caught.value.where == "project/pyproject.toml"


def test_a_directory_without_a_project_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no pyproject\.toml or setup\.py"):
        static_requirements(tmp_path)


def test_a_backend_path_outside_the_project_is_an_input_error(project: Path) -> None:
    (project / "pyproject.toml").write_text(dedent(_PYPROJECT).replace('["."]', '[".."]'))
    with pytest.raises(InputError, match="inside source tree"):
        static_requirements(project)


def test_dynamic_requirements_are_the_backend_s_sorted(project: Path, environment: BuildEnvironment) -> None:
    assert environment.dynamic_requirements(project) == ("cython<3", "wheel>=0.30")


def test_metadata_comes_from_a_wheel_where_the_backend_has_no_other_way(
    project: Path,
    environment: BuildEnvironment,
) -> None:
    assert environment.metadata(project) == b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


def test_a_build_sees_nothing_of_the_host(project: Path, environment: BuildEnvironment, tmp_path: Path) -> None:
    wheel = environment.wheel(project, tmp_path / "out")
    assert wheel == tmp_path / "out" / "demo-1.0-py3-none-any.whl"
    variables = _facts(wheel)["environment"]
    assert isinstance(variables, dict)
    assert variables["CC"] == "gcc"
    assert variables["PATH"].endswith(":/usr/bin:/bin")
    assert variables["SOURCE_DATE_EPOCH"] == "315532800"
    assert variables["PYTHONHASHSEED"] == "0"
    assert variables["TZ"] == "UTC"
    assert not {"SECRET", "PIP_INDEX_URL", "PYTHONPATH"} & set(variables)
    assert variables["HOME"].startswith(str(tmp_path))
    path = _facts(wheel)["path"]
    assert isinstance(path, list)
    assert [entry for entry in path if "site-packages" in entry] == [
        str(environment.python.parents[1] / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"),
    ]


def test_build_requirements_are_there(project: Path, environment: BuildEnvironment, tmp_path: Path) -> None:
    requirement = tmp_path / "requirement-1-py3-none-any.whl"
    with zipfile.ZipFile(requirement, "w") as archive:
        archive.writestr("requirement.py", "VALUE = 42\n")
        archive.writestr("requirement-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: requirement\nVersion: 1\n")
        archive.writestr("requirement-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("requirement-1.dist-info/RECORD", "requirement.py,,\n")
    environment.install([])
    environment.install([requirement])
    assert _facts(environment.wheel(project, tmp_path / "out"))["requirement"] == 42


def test_a_build_requirement_for_another_interpreter_is_refused(environment: BuildEnvironment, tmp_path: Path) -> None:
    wheel = tmp_path / "requirement-1-cp27-cp27m-win32.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("requirement.py", "")
    with pytest.raises(BuildFailedError, match="cannot be installed") as caught:
        environment.install([wheel])
    assert caught.value.where == wheel.name


def test_a_failed_build_shows_the_end_of_its_output(
    project: Path,
    environment: BuildEnvironment,
    tmp_path: Path,
) -> None:
    (project / "broken").touch()
    with pytest.raises(BuildFailedError) as caught:
        environment.wheel(project, tmp_path / "out")
    assert "no compiler" in caught.value.what
    assert "line 99" in caught.value.what
    assert "line 42" not in caught.value.what
    assert caught.value.where == "project"


def test_output_is_handed_over_as_it_comes(project: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    with BuildEnvironment(Path(sys.executable), tmp_path, {}, on_line=lines.append) as entered:
        entered.wheel(project, tmp_path / "out")
    assert lines == [f"building with {sys.version_info[:2]}"]


def test_a_backend_that_cannot_be_imported_is_named(
    project: Path,
    environment: BuildEnvironment,
    tmp_path: Path,
) -> None:
    (project / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "nothing.there"\n')
    with pytest.raises(BuildFailedError, match=r"`nothing\.there` cannot be imported"):
        environment.wheel(project, tmp_path / "out")


def test_a_backend_without_editable_wheels_says_so(
    project: Path,
    environment: BuildEnvironment,
    tmp_path: Path,
) -> None:
    with pytest.raises(BuildFailedError, match="has no `build_editable`"):
        environment.wheel(project, tmp_path / "out", editable=True)


def test_a_bug_in_a_callback_stays_a_bug(project: Path, tmp_path: Path) -> None:
    def on_line(line: str) -> None:
        raise ZeroDivisionError

    with (
        BuildEnvironment(Path(sys.executable), tmp_path, {}, on_line=on_line) as entered,
        pytest.raises(ZeroDivisionError),
    ):
        entered.wheel(project, tmp_path / "out")


def test_nothing_is_left_behind(project: Path, tmp_path: Path) -> None:
    directory = tmp_path / "builds"
    directory.mkdir()
    with BuildEnvironment(Path(sys.executable), directory, {}) as entered:
        entered.metadata(project)
        assert list(directory.iterdir())
    assert not list(directory.iterdir())


def test_an_interpreter_that_is_none_is_an_error(tmp_path: Path) -> None:
    directory = tmp_path / "builds"
    directory.mkdir()
    for python in (tmp_path / "python", Path("/bin/false")):
        with pytest.raises(BuildFailedError) as caught, BuildEnvironment(python, directory, {}):
            pass
        assert caught.value.where == str(python)
    assert not list(directory.iterdir())
