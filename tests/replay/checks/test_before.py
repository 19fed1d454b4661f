"""What must hold before anything is touched, and what is only worth a note."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda.archive import Listing
from cortexlock.conda.prefix import InstalledPackage
from cortexlock.errors import DifferenceError, StepError, UsageError
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled
from cortexlock.model.package import CondaPackage, FromDirectory, FromIndex, Pin, PipPackage, Replaced
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.replay.checks import before
from cortexlock.replay.checks.before import Drift, drift
from cortexlock.replay.plan import Plan, PlannedStep
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache, Expected
from tests.support.replay import Case

HASH = "sha256:ours"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    return Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")


def _state(
    root: Path, pip: tuple[str, ...] = (), conda: tuple[str, ...] = (), *, python: str = "3.6.9", is_conda: bool = True
) -> State:
    """Return a state with distributions and conda packages, written `name==version`."""
    distributions: dict[str, tuple[InstalledDistribution, ...]] = {}
    for text in pip:
        name, _, version = text.partition("==")
        found = InstalledDistribution(name, version, root, root / name)
        distributions[name] = (*distributions.get(name, ()), found)
    pins = map(Pin.parse, conda)
    packages = {name: InstalledPackage(name=name, version=version) for name, version in pins}
    return State(Prefix(root, python, root / "site"), distributions, packages, is_conda, frozenset())


def _assuming(case: Case, *texts: str) -> Lockfile:
    """Return a lockfile that assumes packages, written `manager name==version`."""
    for text in texts:
        manager, _, rest = text.partition(" ")
        name, _, version = rest.partition("==")
        case.pre_installed.append(PreInstalled("conda" if manager == "conda" else "pip", name, version))
    return case.lockfile


def _drift(lockfile: Lockfile, state: State, receipt: Receipt | None = None) -> Drift:
    return drift(lockfile, state, receipt, content_hash=HASH)


def test_all_stale_inputs_are_listed(case: Case) -> None:
    lockfile = _assuming(case, "conda python==3.6.9")
    before.check_inputs(case.project, lockfile)
    (case.directory / "requirements.txt").write_text("changed\n")
    (case.directory / "conda-packages.txt").write_text("new\n")
    with pytest.raises(DifferenceError, match=r"(?s)conda-packages\.txt.*requirements\.txt") as caught:
        before.check_inputs(case.project, lockfile)
    assert "cortexlock lock" in (caught.value.hint or "")


def test_the_python_must_be_of_the_locked_minor_version(case: Case, tmp_path: Path) -> None:
    before.check_prefix(case.lockfile, _state(tmp_path, python="3.6.15"))
    with pytest.raises(DifferenceError, match=r"has Python 3\.7\.1, the lockfile is for 3\.6\.9"):
        before.check_prefix(case.lockfile, _state(tmp_path, python="3.7.1"))


def test_a_python_that_conda_changes_may_be_the_old_or_the_new_one(case: Case, tmp_path: Path) -> None:
    case.python = "3.7.1"
    lockfile = _assuming(case, "conda python==3.6.9")
    for version in ("3.6.9", "3.7.1"):
        before.check_prefix(lockfile, _state(tmp_path, python=version))
    with pytest.raises(DifferenceError):
        before.check_prefix(lockfile, _state(tmp_path, python="3.8.0"))


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_prefix_that_cannot_be_written_is_refused(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(UsageError, match="cannot be written"):
        before.check_prefix(case.lockfile, _state(tmp_path))


@pytest.mark.parametrize("name", ["bin", "lib", "include", "conda-meta"])
def test_a_directory_that_cannot_be_written_is_named(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    state = _state(tmp_path)
    (state.prefix.root / name).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != name)
    with pytest.raises(UsageError, match="cannot be written") as caught:
        before.check_prefix(case.lockfile, state)
    assert caught.value.where == str(state.prefix.root / name)


def test_what_is_as_assumed_has_no_drift(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "pip demo==1.0", "pip spelled==2.0", "conda python==3.6.9", "conda lib==1.0")
    state = _state(tmp_path, ("demo==1.0", "spelled==2.0.0"), ("python==3.6.9", "lib==1.0"))
    assert _drift(lockfile, state) == Drift((), ())


def test_all_drift_is_listed_sorted(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "pip zebra==1.0", "pip gone==1.0", "pip twice==1.0", "conda lib==1.0", "conda lost==1.0")
    found = _drift(lockfile, _state(tmp_path, ("zebra==2.0", "twice==1.0", "twice==0.9"), ("lib==2.0",)))
    assert found.differences == (
        "conda lib: 2.0, the lockfile assumes 1.0",
        "conda lost: not there, the lockfile assumes 1.0",
        "pip gone: not there, the lockfile assumes 1.0",
        "pip twice: 1.0 and 0.9, the lockfile assumes 1.0",
        "pip zebra: 2.0, the lockfile assumes 1.0",
    )
    with pytest.raises(DifferenceError) as caught:
        before.refuse_drift(found)
    assert all(line in caught.value.what for line in found.differences)
    before.refuse_drift(Drift((), ("a note",)))


def test_installers_may_differ_silently(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "pip pip==19.3.1", "conda setuptools==45", "pip wheel==0.34")
    assert _drift(lockfile, _state(tmp_path, ("wheel==0.37", "setuptools==60"))) == Drift((), ())


def test_another_patch_level_of_python_is_a_note(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "conda python==3.6.9")
    found = _drift(lockfile, _state(tmp_path, (), ("python==3.6.15",), python="3.6.15"))
    assert found == Drift((), ("the prefix has Python 3.6.15, the lockfile assumes 3.6.9",))


def test_what_the_lockfile_does_not_know_is_a_note(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("added", "1.0", file="added.whl", sha256="a" * 64))
    found = _drift(case.lockfile, _state(tmp_path, ("zextra==1.0", "extra==1.0", "added==1.0", "pip==20")))
    assert found == Drift((), ("the prefix has distributions that the lockfile does not know: extra, zextra",))


def test_an_environment_without_conda_cannot_tell_what_conda_had(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "conda openssl==1.1", "pip demo==1.0")
    assert _drift(lockfile, _state(tmp_path, ("demo==1.0",), is_conda=False)) == Drift((), ())


def test_what_the_replay_leaves_is_no_drift(case: Case, tmp_path: Path) -> None:
    case.packages.append(
        PipPackage("demo", "2.0", action="change", replaces=(Replaced("pip", "1.0"),), file="demo.whl", sha256="a" * 64)
    )
    lockfile = _assuming(case, "pip demo==1.0", "pip numpy==1.18")
    conda = CondaPackage("numpy-base", "1.19", distributions=(Pin("NumPy", "1.19"),))
    lockfile = replace(lockfile, steps=(CondaStep("conda-packages.txt", (conda,)), *lockfile.steps))
    assert _drift(lockfile, _state(tmp_path, ("demo==2.0", "numpy==1.19"))).differences == ()
    assert len(_drift(lockfile, _state(tmp_path, ("demo==1.5", "numpy==1.20"))).differences) == 2


def test_after_conda_changed_python_the_image_s_distributions_are_gone(case: Case, tmp_path: Path) -> None:
    case.python = "3.7.1"
    lockfile = _assuming(case, "conda python==3.6.9", "pip demo==1.0")
    assert _drift(lockfile, _state(tmp_path, (), ("python==3.7.1",), python="3.7.1")).differences == ()
    assert _drift(lockfile, _state(tmp_path, (), ("python==3.6.9",))).differences != ()


def test_a_replay_that_was_ended_half_way_is_completed(case: Case, tmp_path: Path) -> None:
    lockfile = _assuming(case, "pip demo==1.0")
    receipt = Receipt("started", HASH, "python-predictor-cpu", "cpu", "3.6.9")
    found = _drift(lockfile, _state(tmp_path), receipt)
    assert found.differences == ()
    assert "half-way" in found.notes[0]
    assert _drift(lockfile, _state(tmp_path), replace(receipt, content_hash="other")).differences != ()


def test_a_half_way_replay_accounts_for_what_it_changes(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("ours", "2.0", file="ours.whl", sha256="a" * 64))
    case.packages.append(PipPackage("kept", "1.0", action="keep"))
    lockfile = _assuming(case, "pip kept==1.0", "pip free==1.0")
    then = {"pip": {"kept": "1.0", "free": "1.0", "ours": "1.0", "stale": "1.0"}}
    receipt = Receipt("started", HASH, "image", "cpu", "3.6.9", pip={"stale": "b" * 64}, known=Snapshot(then))
    expected = ("pip free: not there, the last replay left 1.0", "pip kept: not there, the last replay left 1.0")
    assert _drift(lockfile, _state(tmp_path), receipt).differences == expected
    case.script = "true\n"
    lockfile = _assuming(case)
    assert _drift(lockfile, _state(tmp_path), receipt).differences == expected[1:]  # the script may have removed `free`
    receipt = replace(receipt, script=hashlib.sha256(b"true\n").hexdigest())
    assert _drift(lockfile, _state(tmp_path), receipt).differences == expected


def test_a_completed_prefix_is_compared_with_its_receipt(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("ours", "2.0", file="ours.whl", sha256="a" * 64))
    lockfile = _assuming(case, "pip removed-by-script==1.0", "pip kept==1.0")
    then = {"pip": {"kept": "1.0", "ours": "2.0", "pip": "19"}, "conda": {"lib": "1.0"}}
    receipt = Receipt("completed", HASH, "image", "cpu", "3.6.9", known=Snapshot(then))
    assert _drift(lockfile, _state(tmp_path, ("kept==1.0", "ours==2.0"), ("lib==1.0",)), receipt).differences == ()
    assert _drift(lockfile, _state(tmp_path, ("kept==1.1",)), receipt).differences == (
        "conda lib: not there, the last replay left 1.0",
        "pip kept: 1.1, the last replay left 1.0",
    )


def test_a_full_disk_is_found_before_anything_is_touched(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "big-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(30 << 20))
    package = PipPackage("big", "1.0", file=wheel.name, sha256="a" * 64, source=FromIndex("default"))
    conda = CondaPackage("lib", "1.0", size=5 << 20)
    tree = PipPackage("tree", "1.0", sha256="b" * 64, source=FromDirectory("."))
    sdist = PipPackage(
        "source", "1.0", file="source-1.0.tar.gz", sha256="c" * 64, size=1 << 20, source=FromIndex("default")
    )
    step = PlannedStep(PipStep("requirements.txt", ()), conda=(conda,), pip=(package, tree, sdist))
    planned = Plan((step,), HASH)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as in the standard library
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 54 << 20))
    before.check_space(planned, {"a" * 64: wheel}, _state(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 53 << 20))
    with pytest.raises(StepError, match="53 MB left, and 54 MB are needed"):
        before.check_space(planned, {"a" * 64: wheel}, _state(tmp_path))


def test_a_cache_without_space_is_found_before_the_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")
    artifacts = [
        Artifact(name, "1.0", Expected(f"{name}.whl", digit * 64, size=2 << 20), "the index")
        for name, digit in (("there", "a"), ("half", "b"), ("missing", "c"))
    ]
    there, half, _ = (cache.path(artifact.expected) for artifact in artifacts)
    for path, size in ((there, 2 << 20), (half.parent / ".x.part", 1 << 20)):
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as in the standard library
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 3 << 20))
    before.check_cache_space(artifacts, cache)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 2 << 20))
    with pytest.raises(StepError, match="cache's disk has 2 MB left, and 3 MB are to be fetched") as caught:
        before.check_cache_space(artifacts, cache)
    assert "--cache-dir" in str(caught.value.hint)


def test_a_prefix_for_whose_path_a_conda_package_has_no_room_is_refused(tmp_path: Path) -> None:
    length = len(os.fsencode(tmp_path.resolve()))
    before.check_prefix_path({"a": Listing(room=length), "b": Listing()}, tmp_path)
    with pytest.raises(UsageError, match=f"has {length} bytes, and the files of the conda package a have room"):
        before.check_prefix_path({"a": Listing(room=length - 1)}, tmp_path)
