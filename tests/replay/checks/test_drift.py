"""What of the image is not as the lockfile assumes, before anything is touched."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.comparison_report import lines_of, notes_of
from cortexlock.cli.error_words import what_of
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import CondaStep, Lockfile
from cortexlock.model.package import CondaPackage, Pin, PipPackage, Replaced
from cortexlock.replay.checks.drift import DriftError, drift, refuse_drift
from cortexlock.replay.plan import make_plan
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State
from tests.support.prefix_states import assuming, state_of
from tests.support.replay import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    return Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")


def _drift(lockfile: Lockfile, state: State, receipt: Receipt | None = None) -> tuple[str, ...]:
    return lines_of(drift(lockfile, make_plan(lockfile, state, receipt)))


def _receipt(lockfile: Lockfile, known: dict[str, dict[str, str]] | None = None, *, half_way: bool = False) -> Receipt:
    return Receipt(
        state="started" if half_way else "completed",
        content_hash=content_hash(lockfile),
        image="python-predictor-cpu",
        platform="cpu",
        python="3.6.9",
        known=Snapshot(known or {}),
    )


def test_what_is_as_assumed_has_no_drift(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "pip demo==1.0", "pip spelled==2.0", "conda python==3.6.9", "conda lib==1.0")
    state = state_of(tmp_path, ("demo==1.0", "spelled==2.0.0"), ("python==3.6.9", "lib==1.0"))
    assert _drift(lockfile, state) == ()


def test_all_drift_is_listed_sorted(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "pip zebra==1.0", "pip gone==1.0", "pip twice==1.0", "conda lib==1.0", "conda lost==1.0")
    state = state_of(tmp_path, ("zebra==2.0", "twice==1.0", "twice==0.9"), ("lib==2.0",))
    found = drift(lockfile, make_plan(lockfile, state, None))
    assert set(lines_of(found)) == {
        "conda lib: 2.0, the image has 1.0",
        "conda lost: not there, the image has 1.0",
        "pip gone: not there, the image has 1.0",
        "pip twice: 1.0 and 0.9, the image has 1.0",
        "pip zebra: 2.0, the image has 1.0",
    }
    with pytest.raises(DriftError) as caught:
        refuse_drift(found)
    assert all(line in what_of(caught.value) for line in lines_of(found))
    refuse_drift((), lockfile.predictor)
    known = replace(lockfile.predictor, image="ours:1", digest="sha256:12")
    with pytest.raises(DriftError, match="the prefix is not that of the image ours:1@sha256:12"):
        refuse_drift(found, known)
    with pytest.raises(DriftError, match="is not what the lockfile assumes"):
        refuse_drift(found, replace(known, digest=""))


def test_installers_may_differ_silently(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "pip pip==19.3.1", "conda setuptools==45", "pip wheel==0.34")
    assert _drift(lockfile, state_of(tmp_path, ("wheel==0.37", "setuptools==60"))) == ()


def test_another_patch_level_of_python_is_a_note(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "conda python==3.6.9")
    planned = make_plan(lockfile, state_of(tmp_path, (), ("python==3.6.15",), python="3.6.15"), None)
    assert drift(lockfile, planned) == ()
    assert "the prefix has Python 3.6.15, the lockfile assumes 3.6.9" in notes_of(planned.comparison)


def test_what_the_lockfile_does_not_know_is_no_drift_and_is_told(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("added", "1.0", file="added.whl", sha256="a" * 64))
    lockfile = case.lockfile
    planned = make_plan(lockfile, state_of(tmp_path, ("zextra==1.0", "extra==1.0", "added==1.0", "pip==20")), None)
    assert drift(lockfile, planned) == ()
    assert lines_of(planned.comparison.of("extra")) == ("pip extra 1.0", "pip zextra 1.0")


def test_an_environment_without_conda_cannot_tell_what_conda_had(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "conda openssl==1.1", "pip demo==1.0")
    assert _drift(lockfile, state_of(tmp_path, ("demo==1.0",), is_conda=False)) == ()


def test_what_the_replay_leaves_is_no_drift(case: Case, tmp_path: Path) -> None:
    case.packages.append(
        PipPackage("demo", "2.0", action="change", replaces=(Replaced("pip", "1.0"),), file="demo.whl", sha256="a" * 64)
    )
    lockfile = assuming(case, "pip demo==1.0", "pip numpy==1.18")
    conda = CondaPackage("numpy-base", "1.19", distributions=(Pin("NumPy", "1.19"),))
    lockfile = replace(lockfile, steps=(CondaStep("conda-packages.txt", (conda,)), *lockfile.steps))
    assert _drift(lockfile, state_of(tmp_path, ("demo==2.0", "numpy==1.19"))) == ()
    assert len(_drift(lockfile, state_of(tmp_path, ("demo==1.5", "numpy==1.20")))) == 2


def test_after_conda_changed_python_the_image_s_distributions_are_gone(case: Case, tmp_path: Path) -> None:
    case.python = "3.7.1"
    lockfile = assuming(case, "conda python==3.6.9", "pip demo==1.0")
    assert _drift(lockfile, state_of(tmp_path, (), ("python==3.7.1",), python="3.7.1")) == ()


def test_a_replay_that_was_ended_half_way_is_completed(case: Case, tmp_path: Path) -> None:
    lockfile = assuming(case, "pip demo==1.0")
    receipt = _receipt(lockfile, {"pip": {"demo": "1.0"}}, half_way=True)
    there = state_of(tmp_path, ("demo==1.0",))
    assert _drift(lockfile, there, receipt) == ()
    assert make_plan(lockfile, there, receipt).comparison.of("locked")[0].kind == "half-way"
    assert _drift(lockfile, state_of(tmp_path), receipt) == ("pip demo: not there, the image has 1.0",)


def test_a_half_way_replay_accounts_for_what_it_changes(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("ours", "2.0", file="ours.whl", sha256="a" * 64))
    case.packages.append(PipPackage("kept", "1.0", action="keep"))
    lockfile = assuming(case, "pip kept==1.0", "pip free==1.0")
    then = {"pip": {"kept": "1.0", "free": "1.0", "ours": "1.0", "stale": "1.0"}}
    receipt = replace(_receipt(lockfile, then, half_way=True), pip={"stale": "b" * 64})
    expected = ("pip free: not there, the image has 1.0", "pip kept: not there, the image has 1.0")
    assert _drift(lockfile, state_of(tmp_path), receipt) == expected
    case.script = "true\n"
    lockfile = assuming(case)
    receipt = replace(receipt, content_hash=content_hash(lockfile))
    assert _drift(lockfile, state_of(tmp_path), receipt) == expected[1:]  # the script may have removed `free`
    receipt = replace(receipt, script=hashlib.sha256(b"true\n").hexdigest())
    assert _drift(lockfile, state_of(tmp_path), receipt) == expected


def test_a_completed_prefix_is_compared_with_its_receipt(case: Case, tmp_path: Path) -> None:
    case.packages.append(PipPackage("ours", "2.0", file="ours.whl", sha256="a" * 64))
    lockfile = assuming(case, "pip removed-by-script==1.0", "pip kept==1.0")
    then = {"pip": {"kept": "1.0", "ours": "2.0", "pip": "19"}, "conda": {"lib": "1.0"}}
    receipt = _receipt(lockfile, then)
    assert _drift(lockfile, state_of(tmp_path, ("kept==1.0", "ours==2.0"), ("lib==1.0",)), receipt) == ()
    assert _drift(lockfile, state_of(tmp_path, ("kept==1.1",)), receipt) == (
        "conda lib: not there, the last replay left 1.0",
        "pip kept: 1.1, the image has 1.0",
    )
