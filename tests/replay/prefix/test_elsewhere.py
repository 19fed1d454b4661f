"""What an interpreter sees that its prefix does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.replay.checks.prefix import check_in_front
from cortexlock.replay.prefix.state import read_state
from tests.support.prefix_states import assuming
from tests.support.replay import Case
from tests.support.wheels import make_wheel

SITE = "lib/python3.11/site-packages"
BASE, OWN, USER = f"base/{SITE}", f"env/{SITE}", f".local/{SITE}"


def _distribution(root: Path, site: str, name: str, version: str) -> None:
    metadata = root / site / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Name: {name}\nVersion: {version}\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A virtual environment that sees its base, and what the user has."""
    for place in ("base/bin", "env/bin"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "base/bin/python3.11").touch()
    (tmp_path / "env/bin/python").symlink_to(tmp_path / "base/bin/python3.11")
    settings = f"home = {tmp_path}/base/bin\ninclude-system-site-packages = true\nversion = 3.11.9\n"
    (tmp_path / "env/pyvenv.cfg").write_text(settings)
    _distribution(tmp_path, BASE, "six", "1.0")
    _distribution(tmp_path, BASE, "attrs", "1.0")
    _distribution(tmp_path, OWN, "attrs", "2.0")
    _distribution(tmp_path, USER, "idna", "3.0")
    return tmp_path


def test_what_is_elsewhere_is_there_and_is_not_the_prefixes(root: Path) -> None:
    state = read_state(root / "env", {"HOME": str(root)})
    assert sorted(state.distributions) == ["attrs"]
    assert {name: each.version for name, each in state.elsewhere.items()} == {"six": "1.0", "idna": "3.0"}
    found = {name: state.found(PreInstalled("pip", name, "")) for name in ("attrs", "six", "idna", "numpy")}
    assert found == {"attrs": ("2.0",), "six": ("1.0",), "idna": ("3.0",), "numpy": ()}
    (root / "env/pyvenv.cfg").write_text("home = /nowhere\nversion = 3.11.9\n")
    assert read_state(root / "env", {"HOME": str(root)}).elsewhere == {}


def test_what_python_sees_first_is_not_installed_below_it(root: Path) -> None:
    case = Case(root, root / "env", root / "cache", python="3.11.9")
    case.add(make_wheel(root, "six", "1.1"))
    lockfile = assuming(case, "pip six==1.0")
    check_in_front(lockfile, read_state(root / "env", {"HOME": str(root)}))
    _distribution(root, "named", "six", "1.0")
    state = read_state(root / "env", {"PYTHONPATH": f"{root}/named"})
    with pytest.raises(DifferenceError, match=r"named: Python sees six 1\.0 before what is installed in the prefix"):
        check_in_front(lockfile, state)
    _distribution(root, "same", "six", "1.1")
    check_in_front(lockfile, read_state(root / "env", {"PYTHONPATH": f"{root}/same"}))
