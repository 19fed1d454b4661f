"""A prefix against a lockfile, whichever step had the last word on a package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep
from cortexlock.model.package import CondaPackage, Pin, PipPackage
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.replay.prefix.comparison import Verified, compare, compare_conda, refuse_differences
from cortexlock.replay.prefix.state import State, read_state
from tests.support.replay import Case

SITE = "lib/python3.6/site-packages"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a conda environment of files only."""
    root = tmp_path / "prefix"
    (root / SITE).mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin" / "python").write_text("")
    _record(root, "python", "3.6.9")
    return root


def _record(root: Path, name: str, version: str, *files: str) -> None:
    (root / "conda-meta").mkdir(exist_ok=True)
    record = {
        "name": name,
        "version": version,
        "build": "0",
        "sha256": "c" * 64,
        "files": list(files),
        "paths_data": {"paths": [{"_path": path, "path_type": "hardlink"} for path in files]},
    }
    (root / "conda-meta" / f"{name}-{version}-0.json").write_text(json.dumps(record))
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def _put(root: Path, name: str, version: str, *files: str) -> None:
    metadata = root / SITE / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    (metadata / "RECORD").write_text("".join(f"{path},,\n" for path in (*files, f"{metadata.name}/METADATA")))
    for path in files:
        (root / SITE / path).write_text("")


def _lockfile(tmp_path: Path, *steps: CondaStep | PipStep) -> Lockfile:
    return replace(Case(tmp_path, tmp_path, tmp_path, python="3.6.9").lockfile, steps=steps)


def _state(root: Path) -> State:
    return read_state(root, {})


def _conda(name: str, version: str, *distributions: str) -> CondaPackage:
    return CondaPackage(
        name,
        version,
        "0",
        channel="defaults",
        subdir="noarch",
        file=f"{name}.conda",
        sha256="c" * 64,
        distributions=tuple(map(Pin.parse, distributions)),
    )


def _pip(name: str, version: str, action: str = "add") -> PipPackage:
    return PipPackage(name, version, action=action, file=f"{name}.whl", sha256="a" * 64)  # type: ignore[arg-type]  # an Action


def test_both_managers_are_compared(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        CondaStep("conda-packages.txt", (_conda("lib", "1.0"), CondaPackage("python", "3.6.9", action="keep"))),
        PipStep("requirements.txt", (_pip("demo", "1.0"),)),
    )
    _record(root, "lib", "1.0", "lib/lib.so")
    _put(root, "demo", "1.0", "demo.py")
    assert compare(lockfile, _state(root)) == Verified(())
    (root / "lib" / "lib.so").unlink()
    (root / SITE / "demo.py").unlink()
    found = compare(lockfile, _state(root))
    assert found.differences == ("conda lib: lib/lib.so is missing", "pip demo: demo.py is missing")
    assert compare_conda(lockfile, _state(root)) == ("conda lib: lib/lib.so is missing",)
    with pytest.raises(DifferenceError, match=r"lib/lib\.so is missing"):
        refuse_differences(found)


def test_the_last_step_that_changes_a_distribution_counts(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        PipStep("core", (_pip("demo", "1.0"), _pip("other", "1.0")), step="core"),
        PipStep("requirements.txt", (_pip("demo", "2.0", "change"), _pip("other", "1.0", "keep"))),
    )
    _put(root, "demo", "2.0", "demo.py")
    _put(root, "other", "1.0", "other.py")
    assert compare(lockfile, _state(root)) == Verified(())
    (root / SITE / "other.py").unlink()
    assert compare(lockfile, _state(root)).differences == ("pip other: other.py is missing",)


def test_conda_after_pip_has_the_last_word(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        PipStep("core", (_pip("demo", "1.0"),), step="core"),
        CondaStep("conda-packages.txt", (_conda("demo", "2.0", "demo==2.0"),)),
    )
    _record(root, "demo", "2.0", f"{SITE}/demo.py")
    assert compare(lockfile, _state(root)) == Verified(())


def test_pip_after_conda_has_the_last_word(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        CondaStep("conda-packages.txt", (_conda("demo", "2.0", "Demo==2.0"),)),
        PipStep("requirements.txt", (_pip("demo", "3.0", "change"),)),
    )
    _record(root, "demo", "2.0", f"{SITE}/demo_old.py")
    (root / SITE / "demo_old.py").unlink()
    _put(root, "demo", "3.0", "demo.py")
    assert compare(lockfile, _state(root)) == Verified(())


def test_overlaps_of_the_managers_are_noted(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    files = [f"common{number}.py" for number in range(7)]
    _record(root, "lib", "1.0", *(f"{SITE}/{name}" for name in files))
    _put(root, "demo", "1.0", *files)
    (note,) = compare(lockfile, _state(root)).notes
    assert note.startswith(f"demo has files that conda packages have too: {SITE}/common0.py")
    assert note.endswith("and 2 more")


def test_wheels_tell_what_a_record_hides(root: Path, tmp_path: Path) -> None:
    from tests.support.wheels import make_wheel  # noqa: PLC0415 - of this test only

    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    _put(root, "demo", "1.0")
    wheel = make_wheel(tmp_path, "demo", "1.0")
    assert compare(lockfile, _state(root)) == Verified(())
    assert compare(lockfile, _state(root), {"demo": wheel}).differences


def test_nothing_locked_is_as_locked(root: Path, tmp_path: Path) -> None:
    state = State(Prefix(root, "3.6.9", root / SITE), {}, {}, is_conda=False, conda_files=frozenset())
    assert compare(_lockfile(tmp_path), state) == Verified(())
    refuse_differences(Verified(()))
