"""Metadata of source trees without a build: where it is certain, and where it must not be trusted."""

from __future__ import annotations

from email.parser import HeaderParser
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.metadata import Metadata, parse_email
from packaging.requirements import Requirement

from cortexlock.pip.metadata.core_metadata import metadata_file
from cortexlock.pip.sources.static_metadata import Static, read
from tests.support.wheels import make_metadata

_HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
_SETUP = "from setuptools import setup\n"


def _read(tmp_path: Path, *, sdist: bool = True, **files: str) -> Static:
    for name, text in files.items():
        path = tmp_path / {"pyproject": "pyproject.toml", "setup": "setup.py", "info": "PKG-INFO"}[name]
        path.write_text(dedent(text), encoding="utf-8")
    return read(tmp_path, sdist=sdist)


def _fields(content: bytes | None) -> dict[str, list[str]]:
    assert content is not None
    message = HeaderParser().parsestr(content.decode())  # pip, too, decodes first
    return {name: [str(value) for value in message.get_all(name) or ()] for name in message}


# PKG-INFO


def test_pkg_info_of_an_sdist_is_taken_as_it_is(tmp_path: Path) -> None:
    text = make_metadata("pkg", "1.0", requires=["a>=1"], requires_python=">=3.6", metadata_version="2.2")
    assert _read(tmp_path, info=text).metadata == text.encode()


@pytest.mark.parametrize("version", ["2.1", "1.2", "2", "3.0", "x.y", ""])
def test_pkg_info_of_another_metadata_version_is_not_trusted(tmp_path: Path, version: str) -> None:
    assert _read(tmp_path, info=make_metadata("pkg", "1.0", metadata_version=version)).metadata is None


@pytest.mark.parametrize("version", ["2.3", "2.4", "2.10"])
def test_pkg_info_of_later_minor_versions_is_trusted(tmp_path: Path, version: str) -> None:
    text = make_metadata("pkg", "1.0", metadata_version=version)
    assert _read(tmp_path, info=text).metadata == text.encode()


@pytest.mark.parametrize("field", ["Requires-Dist", "requires-dist", "Requires-Python", "Provides-Extra", "Version"])
def test_pkg_info_with_a_dynamic_field_that_decides_is_not_trusted(tmp_path: Path, field: str) -> None:
    text = make_metadata("pkg", "1.0", metadata_version="2.2") + f"Dynamic: Summary\nDynamic: {field}\n"
    assert _read(tmp_path, info=text).metadata is None


def test_other_dynamic_fields_do_no_harm(tmp_path: Path) -> None:
    text = make_metadata("pkg", "1.0", metadata_version="2.2") + "Dynamic: License-File\nDynamic: Summary\n"
    assert _read(tmp_path, info=text).metadata == text.encode()


@pytest.mark.parametrize("text", ["Metadata-Version: 2.2\nName: pkg\n", "Metadata-Version: 2.2\nVersion: 1\n", ""])
def test_pkg_info_without_name_or_version_is_not_trusted(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, info=text).metadata is None


def test_pkg_info_of_a_working_tree_is_not_trusted(tmp_path: Path) -> None:
    # PEP 643 speaks of sdists: whoever unpacked one into a project may have edited setup.py since.
    text = make_metadata("pkg", "1.0", metadata_version="2.2")
    assert _read(tmp_path, info=text, sdist=False).metadata is None


# The table `[project]`


def test_project_table_is_taken_where_nothing_is_dynamic(tmp_path: Path) -> None:
    project = """
        [project]
        name = "Pkg"
        version = "1.0"
        requires-python = ">=3.6"
        dependencies = ["a>=1; python_version < '3.7'", "b"]
        [project.optional-dependencies]
        x = ["c", "d>2; os_name == 'nt' or os_name == 'posix'", "e @ https://example.org/e.zip"]
        """
    assert _fields(_read(tmp_path, pyproject=_HATCH + dedent(project)).metadata) == {
        "Metadata-Version": ["2.1"],
        "Name": ["Pkg"],
        "Version": ["1.0"],
        "Requires-Python": [">=3.6"],
        "Provides-Extra": ["x"],
        "Requires-Dist": [
            'a>=1; python_version < "3.7"',
            "b",
            'c; extra == "x"',
            'd>2; (os_name == "nt" or os_name == "posix") and extra == "x"',
            'e @ https://example.org/e.zip ; extra == "x"',
        ],
    }


@pytest.mark.parametrize("field", ["dependencies", "optional-dependencies", "requires-python", "version"])
def test_project_table_with_a_dynamic_field_is_left_to_a_build(tmp_path: Path, field: str) -> None:
    project = f'[project]\nname = "pkg"\nversion = "1.0"\ndynamic = ["{field}"]\n'
    assert _read(tmp_path, pyproject=_HATCH + project).metadata is None


@pytest.mark.parametrize(
    "project",
    [
        'name = "pkg"\n',
        'version = "1.0"\n',
        'name = "pkg"\nversion = 1.0\n',
        'name = "pkg"\nversion = "one"\n',
        'name = "p k g"\nversion = "1.0"\n',
        'name = "pkg"\nversion = "1.0"\ndependencies = "a"\n',
        'name = "pkg"\nversion = "1.0"\ndependencies = ["a b c"]\n',
        'name = "pkg"\nversion = "1.0"\ndependencies = [1]\n',
        'name = "pkg"\nversion = "1.0"\ndynamic = "version"\n',
        'name = "pkg"\nversion = "1.0"\nrequires-python = 3\n',
        'name = "pkg"\nversion = "1.0"\noptional-dependencies = ["a"]\n',
        'name = "pkg"\nversion = "1.0"\noptional-dependencies = {x = "a"}\n',
        'name = "pkg"\nversion = "1.0"\noptional-dependencies = {x = ["a b"]}\n',
        'name = "pkg"\nversion = "1.0"\noptional-dependencies = {"x y" = ["a"]}\n',
    ],
)
def test_malformed_project_table_is_left_to_a_build(tmp_path: Path, project: str) -> None:
    assert _read(tmp_path, pyproject=f"{_HATCH}[project]\n{project}").metadata is None


def test_project_that_is_no_table(tmp_path: Path) -> None:
    assert _read(tmp_path, pyproject="project = 1\n") == Static(None, None)


def _backend(requires: list[str], backend: str | None, more: str = "") -> str:
    name = "" if backend is None else f'build-backend = "{backend}"\n'
    return f'[build-system]\nrequires = {requires}\n{name}{more}[project]\nname = "pkg"\nversion = "1.0"\n'


@pytest.mark.parametrize(
    ("requires", "backend"),
    [
        (["setuptools>=61"], "setuptools.build_meta"),
        (["setuptools>=61.0.0", "wheel"], "setuptools.build_meta"),
        (["Setuptools ~= 64.0"], "setuptools.build_meta"),
        (["setuptools==68.*"], "setuptools.build_meta"),
        (["flit_core >=3.2,<4"], "flit_core.buildapi"),
        (["hatchling"], "hatchling.build"),
        (["pdm-backend"], "pdm.backend"),
    ],
)
def test_backends_that_take_the_project_table(tmp_path: Path, requires: list[str], backend: str) -> None:
    fields = _fields(_read(tmp_path, pyproject=_backend(requires, backend)).metadata)
    assert (fields["Name"], fields["Version"]) == (["pkg"], ["1.0"])


@pytest.mark.parametrize(
    ("requires", "backend"),
    [
        # Setuptools 59.6, the last for Python 3.6, ignores the table: what it makes of it is UNKNOWN-0.0.0.
        (["setuptools"], "setuptools.build_meta"),
        (["setuptools>=40"], "setuptools.build_meta"),
        (["setuptools<61"], "setuptools.build_meta"),
        (["setuptools>=61", "setuptools_scm"], "setuptools.build_meta"),
        (["setuptools>=61"], "setuptools.build_meta:__legacy__"),
        (["setuptools>=61"], None),
        (["flit_core >=2"], "flit_core.buildapi"),
        (["flit_core"], "flit_core.buildapi"),
        (["poetry-core>=1.0"], "poetry.core.masonry.api"),
        (["some-backend"], "backend"),
        (["not a requirement"], "hatchling.build"),
    ],
)
def test_backends_that_may_not_take_the_project_table(tmp_path: Path, requires: list[str], backend: str | None) -> None:
    assert _read(tmp_path, pyproject=_backend(requires, backend)).metadata is None


@pytest.mark.parametrize("value", ["[" * 100_000, "9" * 5000, "{a=" * 50_000], ids=["lists", "digits", "tables"])
def test_what_toml_stumbles_over_is_for_the_build_to_tell(tmp_path: Path, value: str) -> None:
    assert _read(tmp_path, pyproject=f"a = {value}\n").metadata is None


def test_backend_of_the_tree_is_not_the_one_of_that_name(tmp_path: Path) -> None:
    text = _backend(["hatchling"], "hatchling.build", 'backend-path = ["."]\n')
    assert _read(tmp_path, pyproject=text).metadata is None


def test_project_table_beside_a_setup_script_is_left_to_a_build(tmp_path: Path) -> None:
    text = _backend(["setuptools>=61"], "setuptools.build_meta")
    assert _read(tmp_path, pyproject=text, setup=_SETUP + "setup(install_requires=['a'])\n") == Static(None, None)


def test_no_metadata_without_project_table(tmp_path: Path) -> None:
    assert _read(tmp_path, pyproject=_HATCH) == Static(None, None)


@pytest.mark.parametrize(
    "text", ["not toml", "[build-system]\n", "build-system = 1\n", "[build-system]\nrequires = 1\n"]
)
def test_malformed_pyproject_leaves_even_a_literal_setup_script_to_the_build(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, pyproject=text, setup=f'{_SETUP}setup(name="pkg", version="1")\n') == Static(None, None)


def test_pyproject_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"# \xe9\n")
    assert read(tmp_path, sdist=True) == Static(None, None)


# setup.py


def test_literal_setup_script(tmp_path: Path) -> None:
    script = _SETUP + dedent("""
        setup(
            name="Pkg.Name", version="1.0-beta",
            install_requires="a>=1\\n\\n  b ; python_version < '3.7'\\n",
            extras_require={"x": ["c"], "y": "d"},
            python_requires=">=3.5",
        )
        """)
    found = _read(tmp_path, setup=script)
    assert _fields(found.metadata) == {
        "Metadata-Version": ["2.1"],
        "Name": ["Pkg.Name"],
        "Version": ["1.0b0"],
        "Requires-Python": [">=3.5"],
        "Provides-Extra": ["x", "y"],
        "Requires-Dist": ["a>=1", 'b; python_version < "3.7"', 'c; extra == "x"', 'd; extra == "y"'],
    }
    assert found.build_requirements == ("setuptools>=40.8.0", "wheel", "wheel")


@pytest.mark.parametrize(
    "arguments",
    [
        'name="pkg"',
        'version="1.0"',
        'name=None, version="1.0"',
        'name="my pkg", version="1.0"',
        'name="pkg", version=1.0',
        'name="pkg", version="1.0-custom"',
        'name="pkg", version="1", install_requires=None',
        'name="pkg", version="1", install_requires=[1]',
        'name="pkg", version="1", install_requires={"a": "b"}',
        'name="pkg", version="1", install_requires=["pytz>=2011k"]',
        'name="pkg", version="1", install_requires=["# comment"]',
        'name="pkg", version="1", install_requires="a # why"',
        'name="pkg", version="1", python_requires=3',
        'name="pkg", version="1", extras_require=["a"]',
        'name="pkg", version="1", extras_require={"x": None}',
        'name="pkg", version="1", extras_require={":python_version<\'3\'": ["a"]}',
        'name="pkg", version="1", extras_require={"x:python_version<\'3\'": ["a"]}',
        'name="pkg", version="1", extras_require={"": ["a"]}',
        'name="pkg", version="1", extras_require={"All of it": ["a"]}',
        'name="pkg", version="1", extras_require={"x": ["a b"]}',
        'name="pkg", version="1", setup_requires=["pbr"]',
        'name="pkg", version="1", setup_requires=["setuptools_scm[toml]>=3"]',
        'name="pkg", version="1", setup_requires=1',
    ],
)
def test_setup_script_with_other_values_is_left_to_a_build(tmp_path: Path, arguments: str) -> None:
    assert _read(tmp_path, setup=f"{_SETUP}setup({arguments})\n").metadata is None


def test_setup_requires_are_build_requirements(tmp_path: Path) -> None:
    script = f'{_SETUP}setup(name="pkg", version="1", setup_requires=["pytest-runner>=2", "numpy"])\n'
    found = _read(tmp_path, setup=script)
    assert found.metadata is not None
    assert found.build_requirements == ("setuptools>=40.8.0", "wheel", "wheel", "pytest-runner>=2", "numpy")


def test_plugin_decides_the_metadata_but_not_what_the_build_needs(tmp_path: Path) -> None:
    found = _read(tmp_path, setup=f'{_SETUP}setup(name="pkg", version="1", setup_requires=["pbr"])\n')
    assert found == Static(None, ("setuptools>=40.8.0", "wheel", "wheel", "pbr"))


def test_declared_build_requirements_go_before_the_default(tmp_path: Path) -> None:
    pyproject = '[build-system]\nrequires = ["setuptools", "cython<3"]\n'
    found = _read(tmp_path, pyproject=pyproject, setup=f'{_SETUP}setup(name="pkg", version="1")\n')
    assert found.metadata is not None
    assert found.build_requirements == ("setuptools", "cython<3", "wheel")


@pytest.mark.parametrize(
    "pyproject",
    [
        '[build-system]\nrequires = ["setuptools", "setuptools-scm"]\n',
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "backend"\n',
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\nbackend-path = ["."]\n',
        "[tool.distutils.egg_info]\ntag-build = '.dev'\n",
        "[tool.setuptools]\npy-modules = []\n",
        "tool = 1\n",
    ],
)
def test_pyproject_that_changes_what_setup_means(tmp_path: Path, pyproject: str) -> None:
    assert _read(tmp_path, pyproject=pyproject, setup=f'{_SETUP}setup(name="pkg", version="1")\n').metadata is None


def test_pyproject_of_other_tools_changes_nothing(tmp_path: Path) -> None:
    pyproject = "[tool.black]\nline-length = 100\n"
    found = _read(tmp_path, pyproject=pyproject, setup=f'{_SETUP}setup(name="pkg", version="1")\n')
    assert _fields(found.metadata)["Version"] == ["1"]


def test_pkg_info_goes_before_a_setup_script(tmp_path: Path) -> None:
    text = make_metadata("pkg", "1.0", requires=["a"], metadata_version="2.2")
    found = _read(tmp_path, info=text, setup=f'{_SETUP}setup(name="pkg", version="1", install_requires=["b"])\n')
    assert _fields(found.metadata)["Requires-Dist"] == ["a"]


# metadata_file

_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,20}[A-Za-z0-9]", fullmatch=True)
_VERSIONS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(\+[a-z0-9]{1,10})?", fullmatch=True)
_MARKERS = st.sampled_from(
    ["", "; python_version < '3.7'", "; extra == 'x'", "; platform_version == 'é' and extra == 'y'"]
)


@st.composite
def _requirements(draw: st.DrawFn) -> str:
    specifiers = ",".join(f"!={number}.0" for number in range(draw(st.integers(0, 60))))
    return str(Requirement(f"{draw(_NAMES)}{specifiers}{draw(_MARKERS)}"))


@given(_NAMES, _VERSIONS, st.lists(_requirements(), max_size=4), st.sampled_from([None, ">=3.6", ">=2.7,!=3.0.*"]))
def test_what_is_written_is_read_back(name: str, version: str, requires: list[str], python: str | None) -> None:
    content = metadata_file(name, version, requires, ["x", "y"], python)
    raw, unparsed = parse_email(content)
    assert not unparsed
    assert (raw["name"], raw["version"]) == (name, version)
    assert raw.get("requires_dist", []) == requires
    assert raw.get("requires_python") == python
    assert raw["provides_extra"] == ["x", "y"]
    assert Metadata.from_email(content).name == name
    assert _fields(content).get("Requires-Dist", []) == requires  # as pip reads it: each on one line, however long


@given(st.text(max_size=50))
def test_no_value_makes_a_field_of_its_own(text: str) -> None:
    content = metadata_file("pkg", "1.0", [f"a {text}".encode("utf-8", "ignore").decode()])
    assert set(_fields(content)) == {"Metadata-Version", "Name", "Version", "Requires-Dist"}
