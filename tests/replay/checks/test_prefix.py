"""A prefix that a lockfile cannot be carried out in is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cortexlock.conda.archive import Listing
from cortexlock.errors import DifferenceError, UsageError
from cortexlock.replay.checks.prefix import check_prefix, check_prefix_path
from tests.support.prefix_states import assuming, state_of
from tests.support.replay import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    return Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")


def test_the_python_must_be_of_the_locked_minor_version(case: Case, tmp_path: Path) -> None:
    check_prefix(case.lockfile, state_of(tmp_path, python="3.6.15"))
    with pytest.raises(DifferenceError, match=r"has Python 3\.7\.1, the lockfile is for 3\.6\.9"):
        check_prefix(case.lockfile, state_of(tmp_path, python="3.7.1"))


def test_a_python_that_conda_changes_may_be_the_old_or_the_new_one(case: Case, tmp_path: Path) -> None:
    case.python = "3.7.1"
    lockfile = assuming(case, "conda python==3.6.9")
    for version in ("3.6.9", "3.7.1"):
        check_prefix(lockfile, state_of(tmp_path, python=version))
    with pytest.raises(DifferenceError):
        check_prefix(lockfile, state_of(tmp_path, python="3.8.0"))


def test_a_python_of_another_place_is_refused(case: Case, tmp_path: Path) -> None:
    """It would install there."""
    state = state_of(tmp_path, python="3.6.9")
    (state.prefix.root / "bin").mkdir(parents=True, exist_ok=True)
    (state.prefix.root / "bin" / "python").unlink(missing_ok=True)
    (state.prefix.root / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    with pytest.raises(UsageError, match="no environment: its `bin/python` is /"):
        check_prefix(case.lockfile, state)
    (state.prefix.root / "pyvenv.cfg").write_text("home = /usr/bin\n")
    check_prefix(case.lockfile, state)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_prefix_that_cannot_be_written_is_refused(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(UsageError, match="cannot be written"):
        check_prefix(case.lockfile, state_of(tmp_path))


@pytest.mark.parametrize("name", ["bin", "lib", "include", "conda-meta"])
def test_a_directory_that_cannot_be_written_is_named(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    state = state_of(tmp_path)
    (state.prefix.root / name).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != name)
    with pytest.raises(UsageError, match="cannot be written") as caught:
        check_prefix(case.lockfile, state)
    assert caught.value.where == str(state.prefix.root / name)


def test_a_prefix_for_whose_path_a_conda_package_has_no_room_is_refused(tmp_path: Path) -> None:
    length = len(os.fsencode(tmp_path.resolve()))
    check_prefix_path({"a": Listing(room=length), "b": Listing()}, tmp_path)
    with pytest.raises(UsageError, match=f"has {length} bytes, and the files of the conda package a have room"):
        check_prefix_path({"a": Listing(room=length - 1)}, tmp_path)
