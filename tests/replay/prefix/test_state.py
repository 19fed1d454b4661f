"""The state of a prefix: what pip has and what conda has."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from cortexlock.errors import CortexlockError, DifferenceError, IntegrityError
from cortexlock.replay.prefix.state import read_state
from cortexlock.replay.prefix.unlisted_files import unlisted_files
from tests.support.environments import make_venv

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return make_venv(tmp_path / "prefix")


def _distribution(prefix: Path, name: str, version: str, kind: str = "dist-info") -> None:
    path = prefix / SITE / f"{name}-{version}.{kind}"
    text = f"Name: {name}\nVersion: {version}\n"
    if kind == "dist-info":
        path.mkdir()
        (path / "METADATA").write_text(text)
    else:
        path.write_text(text)


def _record(prefix: Path, name: str, version: str, **values: object) -> None:
    (prefix / "conda-meta").mkdir(exist_ok=True)
    record = {"name": name, "version": version, "build": "0", **values}
    (prefix / "conda-meta" / f"{name}-{version}-0.json").write_text(json.dumps(record))


def test_a_virtual_environment(prefix: Path) -> None:
    _distribution(prefix, "demo", "1.0")
    state = read_state(prefix, {})
    assert not state.is_conda
    assert state.versions("demo") == ("1.0",)
    assert state.versions("other") == ()
    assert state.summary() == {"conda": {}, "pip": {"demo": "1.0"}}


def test_a_conda_environment_and_what_in_it_is_pip_s(prefix: Path) -> None:
    _distribution(prefix, "condas", "1.0")
    _distribution(prefix, "old", "1.0", "egg-info")
    _distribution(prefix, "pips", "1.0")
    _record(prefix, "condas", "1.0", files=[f"{SITE}/condas-1.0.dist-info/METADATA"])
    _record(prefix, "old", "1.0", paths_data={"paths": [{"_path": f"{SITE}/old-1.0.egg-info"}]})
    state = read_state(prefix, {})
    assert state.is_conda
    assert {name: bool(state.of_pip(name)) for name in state.distributions} == {
        "condas": False,
        "old": False,
        "pips": True,
    }
    assert state.summary()["conda"] == {"condas": "1.0", "old": "1.0"}


def test_a_stale_copy_is_told_apart(prefix: Path) -> None:
    _distribution(prefix, "demo", "1.0")
    _distribution(prefix, "demo", "2.0")
    _record(prefix, "demo", "2.0", files=[f"{SITE}/demo-2.0.dist-info/METADATA"])
    state = read_state(prefix, {})
    assert state.versions("demo") == ("1.0", "2.0")
    assert [each.version for each in state.of_pip("demo")] == ["1.0"]


def test_a_broken_record_is_an_error(prefix: Path) -> None:
    _record(prefix, "demo", "1.0")
    next((prefix / "conda-meta").iterdir()).write_text("{")
    with pytest.raises(DifferenceError):
        read_state(prefix, {})


def _conda(prefix: Path, text: str) -> Path:
    path = prefix / "conda-meta" / "odd-1-0.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "error", "what"),
    [
        ("", DifferenceError, "Expecting value"),
        ("[]", DifferenceError, "no JSON object"),
        ("[" * 200_000, DifferenceError, "nested too deep"),
        ('{"name": 1, "version": "1"}', DifferenceError, "no name"),
        ('{"name": "odd", "version": "1", "files": 5}', DifferenceError, "no list of files"),
        ('{"name": "odd", "version": "1", "files": [5]}', DifferenceError, "what is no path"),
        ('{"name": "odd", "version": "1", "paths_data": []}', None, ""),
        ('{"name": "odd", "version": "1", "paths_data": [1]}', DifferenceError, "no list of files"),
        ('{"name": "odd", "version": "1", "paths_data": {"paths": [{}]}}', DifferenceError, "what is no path"),
        ('{"name": "odd", "version": "1", "size": "9"}', DifferenceError, "size is no number"),
        ('{"name": "odd", "version": "1", "files": ["../outside/secret"]}', IntegrityError, "leads out"),
        ('{"name": "odd", "version": "1", "files": ["/etc/passwd"]}', IntegrityError, "leads out"),
        (
            '{"name": "odd", "version": "1", "paths_data": {"paths": [{"_path": "a/../../b"}]}}',
            IntegrityError,
            "leads out",
        ),
    ],
)
def test_a_record_of_conda_s_is_checked(
    prefix: Path, text: str, error: type[CortexlockError] | None, what: str
) -> None:
    path = _conda(prefix, text)
    if error is None:
        assert read_state(prefix, {}).conda["odd"].version == "1"
        return
    with pytest.raises(error, match=what) as caught:
        read_state(prefix, {})
    assert caught.value.where == str(path)


def test_odd_files_are_no_distributions(prefix: Path) -> None:
    """Neither read to their end, which may not come, nor a traceback."""
    site = read_state(prefix, {}).prefix.site
    before = set(read_state(prefix, {}).distributions)
    (site / "a.dist-info").mkdir()
    for name in ("a.dist-info/METADATA", "b.egg-link", "c.egg-info", "x.pth"):
        os.mkfifo(site / name)
    (site / "d.egg-link").write_bytes(b"\x00\xff/nowhere\n")
    config = prefix / "pyvenv.cfg"
    config.write_bytes(config.read_bytes() + b"prompt = \xe9\n")
    state = read_state(prefix, {})
    assert set(state.distributions) == before
    assert "x.pth" in unlisted_files(state)


def test_a_list_of_files_that_is_no_table(prefix: Path) -> None:
    metadata = read_state(prefix, {}).prefix.site / "odd-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: odd\nVersion: 1\n")
    for text in ("x" * 200_000 + ",,\n", '"' + "x" * 200_000, "a\x00b,,\n"):
        (metadata / "RECORD").write_text(text)
        with pytest.raises(DifferenceError, match="list of files cannot be read") as caught:
            unlisted_files(read_state(prefix, {}))
        assert caught.value.where == str(metadata / "RECORD")
