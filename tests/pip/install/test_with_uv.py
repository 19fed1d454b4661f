"""uv installs exactly the given files: nothing else, with their hashes, in an order that does not change."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from cortexlock.errors import StepError
from cortexlock.pip.install.with_uv import WheelFile, install, try_uv
from cortexlock.pip.prefix.distributions import Prefix, read_prefix
from tests.support.environments import make_venv
from tests.support.image import installed
from tests.support.processes import ArgumentWatch
from tests.support.wheels import make_wheel


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    return read_prefix(make_venv(tmp_path / "prefix"), os.environ)


def _wheel(directory: Path, name: str, version: str = "1.0", **modules: str) -> WheelFile:
    files = {f"{path}.py": text for path, text in modules.items()} or None
    path = make_wheel(directory, name, version, modules=files)
    return WheelFile(name, version, path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_nothing_to_install_starts_nothing(prefix: Prefix) -> None:
    install([], prefix=prefix, environment={})
    assert installed(prefix.root) == {}


def test_wheels_are_installed_without_their_requirements(prefix: Prefix, tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "demo", "1.0+cpu.1", requires=["absent>=1"], requires_python=">=3.6")
    wheel = WheelFile("demo", "1.0+cpu.1", path, hashlib.sha256(path.read_bytes()).hexdigest())
    install([wheel], prefix=prefix, environment=os.environ)
    assert installed(prefix.root) == {"demo": "1.0+cpu.1"}


@pytest.mark.parametrize("same_file_system", [True, False])
def test_no_cache_shares_the_files(prefix: Prefix, tmp_path: Path, *, same_file_system: bool) -> None:
    workspace = prefix.root if same_file_system else None
    wheel = _wheel(tmp_path, "demo", demo="1", again="1")
    install([wheel], prefix=prefix, environment=os.environ, workspace=workspace)
    files = [path for path in prefix.site.rglob("*") if path.is_file()]
    assert {path.stat().st_nlink for path in files} == {1}
    assert not list(prefix.root.glob("cortexlock-*"))


def _is_asked(prefix: Prefix, watch: ArgumentWatch) -> bool:
    """Whether uv has asked the interpreter; on the machine there may be others that are asked."""
    return any(str(prefix.root) in arguments for arguments in watch.met("get_interpreter_info"))


@pytest.mark.skipif("sys.platform != 'linux'", reason="arguments of other processes are read from /proc")
def test_what_the_trial_asked_the_interpreter_the_installation_does_not_ask(prefix: Prefix, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.mkdir()
    wheel = _wheel(tmp_path, "demo")
    with ArgumentWatch() as trial:
        assert not try_uv([wheel.path], prefix=prefix, environment={}, place=tmp_path / "place", known=known)
    with ArgumentWatch() as installation:
        install([wheel], prefix=prefix, environment={}, known=known)
    assert (_is_asked(prefix, trial), _is_asked(prefix, installation)) == (True, False)
    assert installed(prefix.root) == {"demo": "1.0"}


def test_another_version_and_damage_are_replaced(prefix: Prefix, tmp_path: Path) -> None:
    install([_wheel(tmp_path, "demo", "1.0", demo="1", gone="")], prefix=prefix, environment=os.environ)
    wheel = _wheel(tmp_path, "demo", "2.0", demo="2")
    install([wheel], prefix=prefix, environment=os.environ)
    assert installed(prefix.root) == {"demo": "2.0"}
    assert not (prefix.site / "gone.py").exists()
    (prefix.site / "demo.py").write_text("damage")
    install([wheel], prefix=prefix, environment=os.environ)
    assert (prefix.site / "demo.py").read_text() == "2"


def test_a_wrong_hash_is_refused(prefix: Prefix, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path, "demo")
    with pytest.raises(StepError, match=r"(?i)hash"):
        install([WheelFile("demo", "1.0", wheel.path, "0" * 64)], prefix=prefix, environment=os.environ)
    assert installed(prefix.root) == {}


def test_a_wheel_for_another_interpreter_is_refused(prefix: Prefix, tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "demo", "1.0", tag="cp27-cp27mu-linux_x86_64")
    wheel = WheelFile("demo", "1.0", path, hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(StepError, match="demo"):
        install([wheel], prefix=prefix, environment=os.environ)


def test_the_user_s_configuration_counts_for_nothing(prefix: Prefix, tmp_path: Path, isolated: Path) -> None:
    configuration = isolated / ".config" / "uv" / "uv.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text('[pip]\nno-binary = ["demo"]\n')
    variables = {**os.environ, "UV_NO_BINARY": "1", "UV_EXCLUDE_NEWER": "2000-01-01", "UV_REQUIRE_HASHES": "0"}
    install([_wheel(tmp_path, "demo")], prefix=prefix, environment=variables)
    assert installed(prefix.root) == {"demo": "1.0"}


def test_of_wheels_with_a_file_in_common_the_last_wins(prefix: Prefix, tmp_path: Path) -> None:
    wheels = [_wheel(tmp_path, name, **{"common": name, name: ""}) for name in ("b", "a", "d", "c")]
    for order in (wheels, wheels[::-1]):
        install(order, prefix=prefix, environment=os.environ)
        assert (prefix.site / "common.py").read_text() == order[-1].name


@pytest.mark.parametrize("gone", ["RECORD", "METADATA"])
def test_the_remains_of_an_installation_that_was_killed_are_cleared(prefix: Prefix, tmp_path: Path, gone: str) -> None:
    install([_wheel(tmp_path, "demo", "1.0"), _wheel(tmp_path, "other")], prefix=prefix, environment=os.environ)
    (prefix.site / "demo-1.0.dist-info" / gone).unlink()
    install([_wheel(tmp_path, "demo", "2.0")], prefix=prefix, environment=os.environ)
    assert installed(prefix.root) == {"demo": "2.0", "other": "1.0"}
    assert (prefix.site / "demo.py").read_text() == '__version__ = "2.0"\n'
