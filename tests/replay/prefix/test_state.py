"""The state of a prefix: what pip has and what conda has."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.replay.prefix.state import read_state
from tests.support.replay import make_venv

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
