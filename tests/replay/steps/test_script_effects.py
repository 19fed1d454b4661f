"""What a script does to packages is said; what later steps keep must survive it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.cli.replay_words import words
from cortexlock.conda.prefix import InstalledPackage
from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import Lockfile, PreInstalled
from cortexlock.model.package import CondaPackage, PipPackage
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.script_effects import alterations, check_kept
from tests.support.replay import Case


def test_what_changed_is_listed() -> None:
    before = {"pip": {"gone": "1.0", "kept": "1.0", "changed": "1.0"}, "conda": {}}
    after = {"pip": {"kept": "1.0", "changed": "2.0", "new": "3.0"}, "conda": {"lib": "1"}}
    assert [words(each) for each in alterations(before, after, file="a.sh")] == [
        "a.sh: conda lib 1 added",
        "a.sh: pip changed 1.0 changed to 2.0",
        "a.sh: pip gone 1.0 removed",
        "a.sh: pip new 3.0 added",
    ]
    assert list(alterations(after, after, file="a.sh")) == []


def _state(root: Path, pip: dict[str, str], conda: dict[str, str]) -> State:
    distributions = {name: (InstalledDistribution(name, version, root, root / name),) for name, version in pip.items()}
    packages = {name: InstalledPackage(name=name, version=version) for name, version in conda.items()}
    return State(Prefix(root, "3.6.9", root / "site"), distributions, packages, is_conda=True, conda_files=frozenset())


@pytest.fixture
def lockfile(tmp_path: Path) -> Lockfile:
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", script="true\n", python="3.6.9")
    (tmp_path / "requirements.txt").write_text("demo\n")
    (tmp_path / "conda-packages.txt").write_text("lib\n")
    case.conda = [CondaPackage("lib", "1.0", action="keep"), CondaPackage("new", "1.0", action="add")]
    case.packages = [
        PipPackage("torch", "1.4.0", action="keep"),
        PipPackage("by-conda", "1.0", action="keep"),
        PipPackage("demo", "1.0", action="change"),
    ]
    case.pre_installed = [
        PreInstalled("conda", "lib", "1.0"),
        PreInstalled("pip", "torch", "1.4.0"),
        PreInstalled("pip", "demo", "0.9"),
        PreInstalled("pip", "torchvision", "0.5.0"),
    ]
    return case.lockfile


PIP = {"torch": "1.4.0", "torchvision": "0.5.0", "demo": "0.9"}


def test_what_nobody_keeps_may_go(lockfile: Lockfile, tmp_path: Path) -> None:
    before = _state(tmp_path, PIP, {"lib": "1.0"}).summary()
    check_kept(lockfile, _state(tmp_path, {"torch": "1.4"}, {"lib": "1.0"}), before=before, file="script.sh")


def test_what_is_kept_must_stay(lockfile: Lockfile, tmp_path: Path) -> None:
    before = _state(tmp_path, PIP, {"lib": "1.0"}).summary()
    with pytest.raises(DifferenceError) as caught:
        check_kept(lockfile, _state(tmp_path, {**PIP, "torch": "1.5.0"}, {}), before=before, file="script.sh")
    assert caught.value.where == "script.sh"
    assert caught.value.what.splitlines()[1:] == [
        "  conda lib 1.0: not there any more",
        "  pip torch 1.4.0: 1.5.0",
    ]


def test_what_was_amiss_before_is_not_the_script_s_doing(lockfile: Lockfile, tmp_path: Path) -> None:
    state = _state(tmp_path, {"torch": "1.5.0"}, {})
    check_kept(lockfile, state, before=state.summary(), file="script.sh")
