"""The formats, each read back by what it is for."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shlex
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from packaging.pylock import Pylock
from packaging.requirements import Requirement

from cortexlock.errors import IntegrityError
from cortexlock.export import dockerfile, licences
from cortexlock.export.content import FORMATS, Exported, Format, IndexPlace
from cortexlock.export.export import export, is_one_file, write
from cortexlock.export.requirement_lines import asks_no_index, option_lines
from cortexlock.export.requirements import FILE as REQUIREMENTS
from cortexlock.export.script import bundle_path
from cortexlock.lockfile.files import read
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import FromIndex, PipPackage
from cortexlock.model.project import Configuration
from tests.support.full_project import LOCKFILE, make_full_case
from tests.support.index_server import IndexServer
from tests.support.replay import Case

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def case(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Case:
    return make_full_case(tmp_path, wheelhouse, index_server.simple_url)


def _export(case: Case, wanted: Format) -> Exported:
    project = replace(case.project, configuration=Configuration(index_url=case.index_url))
    return export(wanted, project, _lockfile(case), environment=dict(os.environ))


def _lockfile(case: Case) -> Lockfile:
    return read(case.directory / LOCKFILE, name=LOCKFILE)


def _text(exported: Exported) -> str:
    (content,) = exported.files.values()
    return content.decode()


def test_every_format_gives_the_same_bytes_twice_and_no_path_of_this_machine(case: Case) -> None:
    for wanted in FORMATS:
        first, second = _export(case, wanted), _export(case, wanted)
        assert first == second
        for content in first.files.values():
            # The repository's address is the lockfile's own.
            assert str(case.directory) not in content.decode()


def test_requirements_are_hashed_and_say_who_asks(case: Case) -> None:
    exported = _export(case, "requirements")
    text = exported.files[REQUIREMENTS].decode().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith(("#", "-"))]
    packages = {each.name: each for step in _lockfile(case).pip_steps for each in step.packages}
    for line in lines:
        requirement, _, hashed = line.partition("--hash=sha256:")
        if not requirement.startswith("./"):
            package = packages[Requirement(requirement).name]
            assert hashed == package.sha256
            assert str(Requirement(requirement).specifier) == f"=={package.version}"
    assert {each.kind for each in exported.left_out} == {"script", "conda", "tree", "git", "build-requirements"}


def test_pylock_is_what_pep_751_has(case: Case) -> None:
    exported = _export(case, "pylock")
    document = tomllib.loads(_text(exported))
    pylock = Pylock.from_dict(document)
    by_name = {str(each.name): each for each in pylock.packages}
    (wheel,) = by_name["wheel"].wheels or ()
    assert wheel.url is not None
    assert wheel.url.endswith("/wheel-1.0-py3-none-any.whl")
    assert by_name["built"].sdist is not None
    assert by_name["fromgit"].vcs is not None
    assert by_name["tree"].directory is not None
    assert by_name["archived"].archive is not None
    assert by_name["archived"].archive.path == "archived-1.0-py3-none-any.whl"
    assert tomli_w.dumps(document) == _text(exported)


def test_cyclonedx_is_valid_and_has_everything(case: Case) -> None:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - jsonschema makes 40 grammars as it is loaded: seconds
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - as above

    text = _text(_export(case, "cyclonedx"))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = {each["name"]: each for each in json.loads(text)["components"]}
    assert components["libdemo"]["purl"].startswith("pkg:conda/libdemo@1.0?build=")
    assert {each["alg"] for each in components["libdemo"]["hashes"]} == {"SHA-256", "MD5"}
    assert components["changed"]["version"] == "2.0"
    assert components["fromgit"]["externalReferences"][0]["type"] == "vcs"
    assert "timestamp" not in text


def test_licences_are_what_bundled_files_state(case: Case, tmp_path: Path) -> None:
    lockfile = _lockfile(case)
    (wheel,) = (each for each in lockfile.pip_steps[0].packages if each.name == "wheel")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, said in (("w-1.dist-info", "License-Expression: MIT OR BSD-3-Clause\nLicense: no"), ("x", "")):
            archive.writestr(f"{name}/METADATA", f"Metadata-Version: 2.4\nName: wheel\nVersion: 1.0\n{said}\n")
    named = replace(wheel, sha256=hashlib.sha256(content.getvalue()).hexdigest())
    path = tmp_path / bundle_path(named)
    path.parent.mkdir(parents=True)
    path.write_bytes(content.getvalue())
    found = licences.of_bundle(tmp_path, [named, wheel])
    assert found == {named.sha256: ("MIT OR BSD-3-Clause",)}
    path.write_bytes(b"other")
    with pytest.raises(IntegrityError, match="other bytes"):
        licences.of_bundle(tmp_path, [named])


def test_conda_explicit_has_each_archive_with_its_md5(case: Case) -> None:
    lines = _text(_export(case, "conda-explicit")).splitlines()
    assert lines[:2] == ["# platform: linux-64", "@EXPLICIT"]
    linked = [each for step in _lockfile(case).conda_steps for each in step.linked]
    assert [line.rpartition("#")[2] for line in lines[2:]] == [each.md5 for each in linked]
    assert lines[2].startswith("channel/linux-64/libdemo-1.0-")


def test_a_dockerfile_copies_what_its_steps_need(case: Case, tmp_path: Path) -> None:
    destination = tmp_path / "image"
    written = write(_export(case, "dockerfile"), "dockerfile", destination, case.project)
    assert {path.name for path in written} >= {"Dockerfile", "cortexlock.cpu.sh", "script.sh"}
    lines = (destination / "Dockerfile").read_text().splitlines()
    assert "ARG BASE=quay.io/cortexlabs/python-predictor-cpu:0.23.0" in lines
    for line in lines:
        if line.startswith("COPY"):
            for path in json.loads(line.removeprefix("COPY "))[:-1]:
                assert (destination / path).is_file()
    order = [shlex.split(line)[-1] for line in lines if "--step" in line]
    assert order == ["script", "conda", "pip"]


def test_names_in_a_dockerfile_are_text() -> None:
    assert dockerfile._copy(["a$b [c]*"], "d$/") == 'COPY ["a\\\\$b [[]c][*]", "d\\\\$/"]'


def test_credentials_are_variables() -> None:
    url = "https://${USER_NAME}:${TOKEN}@example.org/simple/"
    place = IndexPlace("private", url, "index", ("USER_NAME", "TOKEN"))
    package = PipPackage("demo", "1.0", source=FromIndex("private"), file="demo-1.0-py3-none-any.whl", sha256="0" * 64)
    assert option_lines([package], [place]) == [f"--extra-index-url {url}"]
    assert option_lines([replace(package, source=FromIndex("default"))], [place]) == []


def test_where_find_links_have_all_no_index_is_asked() -> None:
    places = [
        IndexPlace("links", "https://example.org/wheels/", "links"),
        IndexPlace("more", "https://example.org/", "index"),
    ]
    package = PipPackage("demo", "1.0", source=FromIndex("links"), file="demo-1.0-py3-none-any.whl", sha256="0" * 64)
    other = replace(package, name="other", source=FromIndex("more"))
    built = replace(package, name="built", file="built-1.0.tar.gz")
    found = "--find-links https://example.org/wheels/"
    assert option_lines([package], places) == ["--no-index", found]
    assert option_lines([package, other], places) == [found, "--extra-index-url https://example.org/"]
    assert option_lines([package, built], places) == [found]
    assert asks_no_index([package, PipPackage("kept", "1.0")], places)
    assert not asks_no_index([PipPackage("kept", "1.0")], places)


def test_a_format_of_several_files_goes_into_a_directory(case: Case, tmp_path: Path) -> None:
    assert not is_one_file("cortex")
    (path,) = write(_export(case, "requirements"), "requirements", tmp_path / "r.txt", case.project)
    assert path == tmp_path / "r.txt"
    assert path.stat().st_mode & 0o777 == 0o644
    (script,) = write(_export(case, "script"), "script", tmp_path, case.project)
    assert script.stat().st_mode & 0o111


def test_a_value_that_looks_like_a_place_of_the_script_is_text(case: Case) -> None:
    lockfile = _lockfile(case)
    named = replace(lockfile, predictor=replace(lockfile.predictor, image="@STEPS@"))
    text = _text(export("script", case.project, named, environment=dict(os.environ)))
    assert text.splitlines()[1].startswith("# cortexlock.cpu.yaml (@STEPS@), exported by")
    assert text.count("step_pip() {") == 1


def test_what_stands_in_a_file_is_not_repeated_but_said(case: Case) -> None:
    url = str(case.index_url).replace("http://", "http://me:S3cretPassword@")
    project = replace(case.project, configuration=Configuration(index_url=url))
    exported = export("requirements", project, _lockfile(case), environment=dict(os.environ))
    assert exported.unnamed == ("default",)
    assert b"S3cretPassword" not in exported.files[REQUIREMENTS]
    assert f"--index-url {case.index_url}".encode() in exported.files[REQUIREMENTS]
