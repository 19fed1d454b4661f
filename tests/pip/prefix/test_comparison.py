"""A prefix is compared with what was locked: versions, copies, files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from cortexlock.model.package import PipPackage
from cortexlock.pip.install.with_uv import WheelFile, install
from cortexlock.pip.prefix.comparison import same_version, verify
from cortexlock.pip.prefix.distributions import Prefix, read_prefix
from tests.support.replay import make_venv
from tests.support.wheels import make_wheel

DEMO = PipPackage("demo", "1.0")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    modules = {f"demo/{name}.py": name for name in "abcdef"}
    return make_wheel(tmp_path, "demo", "1.0", modules=modules, entry_points={"demo": "demo.a:x"})


@pytest.fixture
def prefix(tmp_path: Path, wheel: Path) -> Prefix:
    found = read_prefix(make_venv(tmp_path / "prefix"), os.environ)
    _install(found, wheel)
    return found


def _install(prefix: Prefix, path: Path) -> None:
    name, version = path.name.split("-")[:2]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    install([WheelFile(name, version, path, digest)], prefix=prefix, environment=os.environ)


def test_what_is_as_locked_has_no_difference(prefix: Prefix, wheel: Path) -> None:
    assert verify(prefix, [DEMO]) == ()
    assert verify(prefix, [DEMO], {"demo": wheel}) == ()


def test_what_is_missing_or_of_another_version_is_told(prefix: Prefix) -> None:
    packages = [PipPackage("zebra", "1.0"), PipPackage("demo", "2.0")]
    assert verify(prefix, packages) == ("demo: 1.0 is installed, 2.0 is locked", "zebra: 1.0 is not installed")


def test_damage_is_told(prefix: Prefix) -> None:
    (prefix.site / "demo" / "a.py").write_text("x")
    (prefix.site / "demo" / "b.py").unlink()
    assert verify(prefix, [DEMO]) == ("demo: demo/a.py differs", "demo: demo/b.py is missing")


def test_much_damage_is_counted(prefix: Prefix) -> None:
    for name in "abcdef":
        (prefix.site / "demo" / f"{name}.py").unlink()
    found = verify(prefix, [DEMO])
    assert len(found) == 4
    assert "demo: 3 further files differ" in found


def test_damage_that_the_record_hides_is_found_with_the_wheel(prefix: Prefix, wheel: Path) -> None:
    (prefix.site / "demo" / "a.py").write_text("x")
    record = prefix.site / "demo-1.0.dist-info" / "RECORD"
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if not line.startswith("demo/a.py")))
    assert verify(prefix, [DEMO]) == ()
    assert verify(prefix, [DEMO], {"demo": wheel}) == ("demo: demo/a.py differs",)


def test_of_what_is_kept_only_the_version_counts(prefix: Prefix) -> None:
    (prefix.site / "demo" / "a.py").unlink()
    assert verify(prefix, [PipPackage("demo", "1.0", action="keep")]) == ()


def test_a_second_copy_is_told(prefix: Prefix) -> None:
    stale = prefix.site / "demo-0.9.dist-info"
    stale.mkdir()
    (stale / "METADATA").write_text("Name: demo\nVersion: 0.9\n")
    assert verify(prefix, [DEMO]) == ("demo: is installed more than once (0.9, 1.0)",)


def test_a_file_that_two_bring_is_right_if_one_of_them_is(prefix: Prefix, tmp_path: Path) -> None:
    other = make_wheel(tmp_path, "other", "1.0", modules={"demo/a.py": "other"})
    _install(prefix, other)
    packages = [DEMO, PipPackage("other", "1.0")]
    assert verify(prefix, packages) == ()
    (prefix.site / "demo" / "a.py").write_text("neither")
    assert verify(prefix, packages) == ("demo: demo/a.py differs", "other: demo/a.py differs")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1.0", "1.0.0", True), ("1.0", "1.0+cpu", False), ("2004d", "2004d", True), ("2004d", "1.0", False)],
)
def test_versions(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a parameter
    assert same_version(one, other) is same
