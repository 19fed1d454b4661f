"""A prefix against a lockfile, whichever step had the last word on a package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.comparison_report import lines_of, notes_of
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep
from cortexlock.model.package import CondaPackage, Pin, PipPackage
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.replay.prefix.comparison import compare
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


def _differences(lockfile: Lockfile, root: Path) -> tuple[str, ...]:
    return lines_of(compare(lockfile, read_state(root, {}), None).problems)


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
    assert _differences(lockfile, root) == ()
    (root / "lib" / "lib.so").unlink()
    (root / SITE / "demo.py").unlink()
    assert _differences(lockfile, root) == ("conda lib: lib/lib.so is missing", "pip demo: demo.py is missing")


def test_the_last_step_that_changes_a_distribution_counts(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        PipStep("core", (_pip("demo", "1.0"), _pip("other", "1.0")), step="core"),
        PipStep("requirements.txt", (_pip("demo", "2.0", "change"), _pip("other", "1.0", "keep"))),
    )
    _put(root, "demo", "2.0", "demo.py")
    _put(root, "other", "1.0", "other.py")
    assert _differences(lockfile, root) == ()
    (root / SITE / "other.py").unlink()
    assert _differences(lockfile, root) == ("pip other: other.py is missing",)


def test_conda_after_pip_has_the_last_word(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        PipStep("core", (_pip("demo", "1.0"),), step="core"),
        CondaStep("conda-packages.txt", (_conda("demo", "2.0", "demo==2.0"),)),
    )
    _record(root, "demo", "2.0", f"{SITE}/demo.py")
    assert _differences(lockfile, root) == ()


def test_pip_after_conda_has_the_last_word(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(
        tmp_path,
        CondaStep("conda-packages.txt", (_conda("demo", "2.0", "Demo==2.0"),)),
        PipStep("requirements.txt", (_pip("demo", "3.0", "change"),)),
    )
    _record(root, "demo", "2.0", f"{SITE}/demo_old.py")
    (root / SITE / "demo_old.py").unlink()
    _put(root, "demo", "3.0", "demo.py")
    assert _differences(lockfile, root) == ()


def test_overlaps_of_the_managers_are_noted(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    files = [f"common{number}.py" for number in range(7)]
    _record(root, "lib", "1.0", *(f"{SITE}/{name}" for name in files))
    _put(root, "demo", "1.0", *files)
    notes = notes_of(compare(lockfile, read_state(root, {}), None))
    note = next(each for each in notes if each.startswith("demo has"))
    assert note.startswith(f"demo has files that conda packages have too: {SITE}/common0.py")
    assert note.endswith("and 2 more")


def test_what_is_missing_or_of_another_version_is_told(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("zebra", "1.0"), _pip("demo", "2.0"))))
    _put(root, "demo", "1.0")
    assert _differences(lockfile, root) == (
        "pip demo: 1.0 is installed, 2.0 is locked",
        "pip zebra: 1.0 is not installed",
    )


def test_a_second_copy_is_told(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    _put(root, "demo", "1.0")
    _put(root, "demo", "0.9")
    assert "pip demo: is installed more than once (0.9, 1.0)" in _differences(lockfile, root)


def test_damage_is_told_and_much_of_it_is_counted(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    _put(root, "demo", "1.0", *(f"{name}.py" for name in "abcdef"))
    record = root / SITE / "demo-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace("a.py,,", f"a.py,sha256={'A' * 43},1", 1))
    for name in "bcdef":
        (root / SITE / f"{name}.py").unlink()
    assert _differences(lockfile, root) == (
        "pip demo: a.py differs",
        "pip demo: b.py is missing",
        "pip demo: c.py is missing",
        "pip demo: 3 further files differ",
    )


def test_byte_code_is_nobody_s_difference(root: Path, tmp_path: Path) -> None:
    lockfile = _lockfile(tmp_path, PipStep("requirements.txt", (_pip("demo", "1.0"),)))
    (root / SITE / "__pycache__").mkdir()
    compiled = ["__pycache__/a.cpython-36.pyc", "__pycache__/a.cpython-36.opt-1.pyc", "a.pyc", "a.pyo"]
    _put(root, "demo", "1.0", "a.py", "alone.pyc", *compiled)
    record = root / SITE / "demo-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace(",,", f",sha256={'A' * 43},1"))
    found = _differences(lockfile, root)
    assert [line for line in found if "pyc" in line or "pyo" in line] == ["pip demo: alone.pyc differs"]


def test_nothing_locked_is_as_locked(root: Path, tmp_path: Path) -> None:
    state = State(Prefix(root, "3.6.9", root / SITE), {}, {}, is_conda=False, conda_files=frozenset())
    assert compare(_lockfile(tmp_path), state, None).problems == ()
