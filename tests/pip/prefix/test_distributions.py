"""Prefixes are read from their files: interpreter, site-packages, distributions of every kind."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, StepError, UsageError
from cortexlock.model.predictor import Distribution
from cortexlock.pip.prefix import interpreter
from cortexlock.pip.prefix.distributions import Prefix, installed, read_prefix, requirements
from tests.support.environments import make_venv
from tests.support.image import install_stubs

VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    """Return a prefix that has no interpreter, as its files are all that counts."""
    site = tmp_path / "lib" / "python3.6" / "site-packages"
    site.mkdir(parents=True)
    return Prefix(tmp_path, "3.6.9", site)


def _fake(tmp_path: Path, text: str = "exit 1") -> Path:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\n{text}\n")
    python.chmod(0o755)
    return tmp_path


def _metadata(path: Path, name: str, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: not this one\n")


def test_a_virtual_environment(tmp_path: Path) -> None:
    found = read_prefix(make_venv(tmp_path / "venv"), {})
    assert found.python_version == VERSION
    assert found.python_minor == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert found.site.is_dir()
    assert found.python.exists()


def test_a_relative_prefix_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_venv(tmp_path / "venv")
    monkeypatch.chdir(tmp_path)
    assert read_prefix(Path("venv"), {}).root == tmp_path / "venv"


def test_a_conda_environment_tells_its_python(tmp_path: Path) -> None:
    _fake(tmp_path)
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "python-3.6.9-h0_0.json").write_text(json.dumps({"name": "python", "version": "3.6.9"}))
    (tmp_path / "conda-meta" / "python-3to2-1.json").write_text(json.dumps({"name": "python-3to2", "version": "1"}))
    assert read_prefix(tmp_path, {}).python_version == "3.6.9"


def test_an_interpreter_that_no_file_tells_of_is_asked(tmp_path: Path) -> None:
    _fake(tmp_path, "echo 3.6.15")
    assert read_prefix(tmp_path, {}).python_version == "3.6.15"


def test_an_interpreter_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="broken"):
        read_prefix(_fake(tmp_path, "echo broken >&2; exit 1"), {})


def test_an_interpreter_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    _fake(tmp_path)
    (tmp_path / "bin" / "python").chmod(0o644)
    with pytest.raises(StepError, match="does not start"):
        read_prefix(tmp_path, {})


def test_an_interpreter_that_does_not_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_ANSWER", 0.1)
    _fake(tmp_path, "exec sleep 60")
    with pytest.raises(StepError, match="does not answer"):
        read_prefix(tmp_path, {})


def test_a_pipe_that_an_interpreter_would_wait_for(tmp_path: Path) -> None:
    _fake(tmp_path, "echo 3.6.15")
    os.mkfifo(tmp_path / "pyvenv.cfg")
    with pytest.raises(DifferenceError, match="no regular file"):
        read_prefix(tmp_path, {})


def test_metadata_larger_than_anybodys(prefix: Prefix) -> None:
    path = prefix.site / "demo-1.0.dist-info" / "METADATA"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(DifferenceError, match="larger than 16 MiB"):
        installed(prefix)


def test_a_directory_without_interpreter_is_no_prefix(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_prefix(tmp_path, {})
    assert caught.value.where == str(tmp_path)


def test_distributions_of_every_kind_are_found(prefix: Prefix, tmp_path: Path) -> None:
    site = prefix.site
    _metadata(site / "Wheel_Kind-1.0.dist-info" / "METADATA", "Wheel.Kind", "1.0")
    (site / "Wheel_Kind-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    _metadata(site / "old-2.0-py3.6.egg-info" / "PKG-INFO", "old", "2.0")
    _metadata(site / "distutils-3.0-py3.6.egg-info", "distutils", "3.0")
    _metadata(site / "egg-4.0-py3.6.egg" / "EGG-INFO" / "PKG-INFO", "egg", "4.0")
    _metadata(tmp_path / "source" / "dev_mode.egg-info" / "PKG-INFO", "dev-mode", "5.0")
    (site / "dev-mode.egg-link").write_text(f"{tmp_path / 'source'}\n.")
    (site / "package").mkdir()
    found = {each.name: each for each in installed(prefix)}
    assert {name: each.version for name, each in found.items()} == {
        "dev-mode": "5.0",
        "distutils": "3.0",
        "egg": "4.0",
        "old": "2.0",
        "wheel-kind": "1.0",
    }
    assert found["wheel-kind"].installer == "pip"
    assert found["old"].installer == ""


def test_a_distribution_that_is_there_twice_is_returned_twice(prefix: Prefix) -> None:
    for version in ("1.0", "2.0"):
        _metadata(prefix.site / f"twice-{version}.dist-info" / "METADATA", "twice", version)
    assert [each.version for each in installed(prefix)] == ["1.0", "2.0"]


def test_remains_without_metadata_are_none(prefix: Prefix) -> None:
    (prefix.site / "~ip-1.0.dist-info").mkdir()
    (prefix.site / "empty-1.0.egg-info").write_text("")
    (prefix.site / "lost.egg-link").write_text("/nowhere\n.")
    (prefix.site / "empty.egg-link").write_text("")
    assert installed(prefix) == ()


def test_metadata_in_another_encoding_is_read(prefix: Prefix) -> None:
    path = prefix.site / "latin-1.0.dist-info" / "METADATA"
    path.parent.mkdir()
    path.write_bytes("Name: latin\nVersion: 1.0\nAuthor: José\n".encode("latin-1"))
    assert [each.name for each in installed(prefix)] == ["latin"]


def test_no_site_packages_hold_nothing(tmp_path: Path) -> None:
    assert installed(Prefix(tmp_path, "3.6.9", tmp_path / "nowhere")) == ()


def test_what_uv_installs_is_found(tmp_path: Path) -> None:
    root = make_venv(tmp_path / "venv")
    install_stubs(root, [Distribution("real", "1.0")])
    assert [(each.name, each.version, each.installer) for each in installed(read_prefix(root, os.environ))] == [
        ("real", "1.0", "uv")
    ]


def test_the_headers_tell_the_version(tmp_path: Path) -> None:
    _fake(tmp_path)
    include = tmp_path / "include" / "python3.6m"
    include.mkdir(parents=True)
    (include / "patchlevel.h").write_text('#define PY_MAJOR_VERSION 3\n#define PY_VERSION      \t"3.6.15"\n')
    assert read_prefix(tmp_path, {}).python_version == "3.6.15"


@pytest.mark.parametrize(
    ("configuration", "header", "version"),
    [
        ("version = 3.14.0", "3.14.0rc2", "3.14.0rc2"),
        ("version = 3.14.0", "3.14.0", "3.14.0"),
        ("version = 3.14.0", "3.13.0rc1", "3.14.0"),
        ("version = 3.14.1", "3.14.1rc1", "3.14.1"),
        ("version_info = 3.14.0b1", "3.14.0b1+", "3.14.0b1"),
        ("version_info = 3.14.0.candidate.1", "3.14.0rc1+", "3.14.0rc1"),
        ("version_info = 3.14.0", "", "3.14.0"),
    ],
)
def test_the_base_tells_of_a_prerelease(tmp_path: Path, configuration: str, header: str, version: str) -> None:
    root, base = tmp_path / "env", tmp_path / "base"
    root.mkdir()
    _fake(root)
    (root / "pyvenv.cfg").write_text(f"home = {base}/bin\n{configuration}\n")
    for place in (base / "include" / "python3.14",) if header else ():
        place.mkdir(parents=True)
        (place / "patchlevel.h").write_text(f'#define PY_VERSION "{header}"\n')
    assert read_prefix(root, {}).python_version == version
    if header:
        (base / "bin").mkdir()
        (base / "bin" / "python").touch()
        assert read_prefix(base, {}).python_version == header.rstrip("+")


def test_requirements(prefix: Prefix) -> None:
    metadata = prefix.site / "demo-1.0.dist-info"
    metadata.mkdir()
    text = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: a>=1\nRequires-Dist: b ; extra == 'x'\n"
    (metadata / "METADATA").write_text(text)
    assert requirements(installed(prefix)[0]) == ("a>=1", "b ; extra == 'x'")
    (metadata / "METADATA").write_text(text.partition("Requires")[0])
    found = installed(prefix)[0]
    assert requirements(found) == ()
    (metadata / "METADATA").unlink()
    assert requirements(found) == ()
