"""Snapshots: what is found in a prefix, and that the module is a script for old interpreters."""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cortexlock import process
from cortexlock.predictors import snapshot as module
from cortexlock.predictors.snapshot import platform_here, sites_of, snapshot
from cortexlock.predictors.snapshot_script import snapshot_script

_SOURCE = snapshot_script()


def _write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _snapshot(prefix: Path, **variables: str) -> dict[str, Any]:
    return snapshot(prefix, sites_of(prefix, "3.6"), "3.6.9", platform_here(variables, cuda=prefix / "cuda"), {})


@pytest.fixture
def site(tmp_path: Path) -> Path:
    directory = tmp_path / "lib" / "python3.6" / "site-packages"
    directory.mkdir(parents=True)
    return directory


def test_each_kind_of_metadata(tmp_path: Path, site: Path) -> None:
    _write(site / "a-1.dist-info" / "METADATA", "Name: a\r\nVersion: 1\r\n\r\nName: not this\r\n")
    _write(site / "b-1.dist-info" / "METADATA", "Name: b\nVersion: 1\n")
    _write(site / "b-1.dist-info" / "direct_url.json", "{}")
    _write(site / "c-1-py3.6.egg-info" / "PKG-INFO", "Name: c\nVersion: 1\n\nText\n")
    _write(site / "c-1-py3.6.egg-info" / "requires.txt", "six\n")
    _write(site / "d-1.egg-info", "Name: d\nVersion: 1\n")
    _write(site / "e-1-py3.6.egg" / "EGG-INFO" / "PKG-INFO", "Name: e\nVersion: 1\n")
    _write(site / "f.f.egg-link", f"{tmp_path / 'tree'}\n../\n")
    _write(tmp_path / "tree" / "f.f.egg-info" / "PKG-INFO", "Name: f.f\nVersion: 1\n")
    assert _snapshot(tmp_path)["distributions"] == [
        {"site": 0, "file": file, "metadata": f"Name: {name}\nVersion: 1\n", "requires": requires, "direct": direct}
        for file, name, requires, direct in [
            ("a-1.dist-info", "a", "", False),
            ("b-1.dist-info", "b", "", True),
            ("c-1-py3.6.egg-info", "c", "six\n", False),
            ("d-1.egg-info", "d", "", False),
            ("e-1-py3.6.egg", "e", "", False),
            ("f.f.egg-link", "f.f", "", True),
        ]
    ]


def test_what_is_no_distribution(tmp_path: Path, site: Path) -> None:
    _write(site / "a.py")
    _write(site / "~b-1.dist-info" / "METADATA", "Name: b\nVersion: 1\n")
    _write(site / "c-1.dist-info" / "RECORD")
    _write(site / "f-1-py3.6.egg", "a zip file")
    assert _snapshot(tmp_path)["distributions"] == []


def test_a_link_that_leads_to_no_metadata_is_there_to_be_told(tmp_path: Path, site: Path) -> None:
    _write(site / "d.egg-link", "/nowhere\n")
    _write(site / "e.egg-link")
    found = [(each["file"], each["metadata"].strip()) for each in _snapshot(tmp_path)["distributions"]]
    assert found == [("d.egg-link", ""), ("e.egg-link", "")]


def test_sites_are_numbered_and_each_is_read_once(tmp_path: Path, site: Path) -> None:
    (tmp_path / "lib64").symlink_to("lib")
    debian = tmp_path / "lib" / "python3" / "dist-packages"
    _write(debian / "a-1.dist-info" / "METADATA", "Name: a\n")
    _write(site / "b-1.dist-info" / "METADATA", "Name: b\n")
    assert sites_of(tmp_path, "3.6") == [site, debian]
    assert [(each["site"], each["file"]) for each in _snapshot(tmp_path)["distributions"]] == [
        (0, "b-1.dist-info"),
        (1, "a-1.dist-info"),
    ]


def test_conda_records(tmp_path: Path) -> None:
    assert _snapshot(tmp_path)["has-conda"] is False
    _write(tmp_path / "conda-meta" / "history")
    assert (_snapshot(tmp_path)["has-conda"], _snapshot(tmp_path)["conda-records"]) == (True, [])
    record = {"name": "b", "version": "1.0", "build": "0_x", "depends": ["python"], "md5": "0" * 32}
    source = {"subdir": "noarch", "noarch": "python", "channel": "https://example.org/channel/noarch"}
    record |= source
    _write(tmp_path / "conda-meta" / "b-1.0-0_x.json", json.dumps(record))
    _write(tmp_path / "conda-meta" / "a-1.0-0.json", '{"name": "a", "version": "1.0"}')
    assert _snapshot(tmp_path)["conda-records"] == [
        {"name": "a", "version": "1.0", "build": "", "depends": [], "subdir": "", "noarch": "", "channel": ""},
        {"name": "b", "version": "1.0", "build": "0_x", "depends": ["python"], **source},
    ]


_HISTORY = """\
==> 2020-05-04 00:00:00 <==
# cmd: /opt/conda/bin/conda create -n env python=3.6.9 pip
# conda version: 4.7.12
+conda-forge::pip-20.1-pyh9f0ad1d_0
# update specs: ['pip', 'python=3.6.9', "conda-forge::numpy[version='>=1.16']"]
==> 2020-05-05 00:00:00 <==
# cmd: /opt/conda/bin/conda install six
# conda version: 4.8.3
# update specs: six, numpy=1.18
# neutered specs: ['pip']
==> 2020-05-06 00:00:00 <==
# remove specs: ['six']
# update specs: {not a list
"""


def test_what_was_asked_for_is_read_as_conda_reads_it(tmp_path: Path) -> None:
    _write(tmp_path / "conda-meta" / "history", _HISTORY)
    _write(tmp_path / "conda-meta" / "pinned", "# a comment\n\n numpy <1.19 \n")
    found = _snapshot(tmp_path)
    assert found["conda-history"] == ["numpy=1.18", "pip", "python=3.6.9", "{not a list"]
    assert found["conda-pinned"] == ["numpy <1.19"]
    assert found["conda-version"] == "4.8.3"


def test_the_conda_of_the_base_is_the_one_that_will_run(tmp_path: Path) -> None:
    prefix = tmp_path / "envs" / "env"
    _write(prefix / "conda-meta" / "history", _HISTORY)
    _write(tmp_path / "conda-meta" / "conda-4.7.12-py37_0.json", '{"name": "conda", "version": "4.7.12"}')
    assert _snapshot(prefix)["conda-version"] == "4.7.12"
    assert _snapshot(tmp_path)["conda-version"] == "4.7.12"
    assert _snapshot(tmp_path / "envs")["conda-version"] == ""


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "a"}', '{"name": "a", "version": "1", "depends": 1}'])
def test_a_record_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    _write(tmp_path / "conda-meta" / "a-1.json", content)
    with pytest.raises(ValueError, match=r"a-1\.json: the record cannot be read"):
        _snapshot(tmp_path)


@pytest.mark.parametrize(
    ("files", "variables", "version"),
    [
        ({}, {}, ""),
        ({"version.txt": "CUDA Version 10.1.243\n"}, {}, "10.1"),
        ({"version.json": '{"cuda": {"name": "CUDA SDK", "version": "11.1.0"}}'}, {}, "11.1"),
        ({"version.json": "{}", "version.txt": "CUDA Version 10.2.89"}, {"CUDA_VERSION": "9.0"}, "10.2"),
        ({"version.json": "[]"}, {"CUDA_VERSION": "10.0.130"}, "10.0"),
        ({"version.txt": "CUDA"}, {}, ""),
    ],
)
def test_cuda(tmp_path: Path, files: dict[str, str], variables: dict[str, str], version: str) -> None:
    for name, text in files.items():
        _write(tmp_path / "cuda" / name, text)
    assert _snapshot(tmp_path, **variables)["cuda"] == version


@pytest.mark.parametrize(
    ("answer", "version"), [("glibc 2.27", "2.27"), ("", ""), (None, ""), (ValueError(), ""), (OSError(), "")]
)
def test_glibc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object, version: str) -> None:
    def confstr(name: str) -> object:
        assert name == "CS_GNU_LIBC_VERSION"
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(os, "confstr", confstr, raising=False)
    assert _snapshot(tmp_path)["glibc"] == version


def test_python_3_6_can_read_it_with_its_standard_library() -> None:
    tree = ast.parse(_SOURCE, feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    ours = {
        "ast",
        "codecs",
        "configparser",
        "json",
        "os",
        "pathlib",
        "posixpath",
        "re",
        "sys",
        "typing",
        "urllib.parse",
    }
    assert names == ours


def test_it_runs_from_standard_input() -> None:
    completed = process.run([sys.executable, "-"], env={}, text=_SOURCE)
    found = json.loads(completed.stdout)
    assert found["snapshot-version"] == module.SNAPSHOT_VERSION
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "pytest" in {each["file"].partition("-")[0] for each in found["distributions"]}


def test_the_script_says_what_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tmp_path / "conda-meta" / "a-1.json", "broken")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert str(caught.value.code).endswith("a-1.json: the record cannot be read")
    assert capsys.readouterr().out == ""
