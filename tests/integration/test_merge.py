"""Two branches that both changed the lockfile, merged by git with `cortexlock merge-driver`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.lock.starting_files import ATTRIBUTES
from cortexlock.lockfile import files
from tests.support.index_server import IndexServer
from tests.support.locking import lock
from tests.support.warm.door import Door
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow

_BOTH = {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
_IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@example.org")


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/env", "git", *_IDENTITY, *arguments]
    return subprocess.run(command, cwd=directory, check=False, capture_output=True, text=True)


def _commit(project: Path, lines: str) -> None:
    (project / "requirements.txt").write_text(lines)
    lock(project)
    assert _git(project, "add", "-A", ".").returncode == 0
    assert _git(project, "commit", "-qm", lines.splitlines()[0]).returncode == 0


@pytest.fixture
def project(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Path:
    """A project in a clone with two branches, `one` and `two`; both lock what the other does not have."""
    for name in ("alpha", "beta", "gamma"):
        make_wheel(wheelhouse, name, "1.0")
    directory = tmp_path / "clone" / "apis" / "iris"
    directory.mkdir(parents=True)
    assert _git(tmp_path / "clone", "init", "-q", "-b", "main").returncode == 0
    settings = f"predictor: python\ncortex-version: 0.35.0\nplatforms: [cpu]\nindex-url: {index_server.simple_url}\n"
    (directory / "cortexlock.yaml").write_text(settings)
    (directory / ".gitattributes").write_text(f"{ATTRIBUTES}\n")
    (tmp_path / "clone" / ".gitignore").write_text("cache/\n")
    _drive(directory, f"'{sys.executable}' -m cortexlock")
    _commit(directory, "alpha\n")
    for branch, lines in (("one", "alpha\ngamma\n"), ("two", "beta\nalpha\n")):
        assert _git(directory, "checkout", "-qb", branch, "main").returncode == 0
        _commit(directory, lines)
    return directory


def _drive(project: Path, command: str) -> None:
    driver = f"{command} merge-driver %O %A %B %P"
    assert _git(project, "config", "merge.cortexlock.driver", driver).returncode == 0


@pytest.fixture
def door(project: Path) -> Iterator[Door]:
    """What git runs is started warm: that git starts it at all is shown by the first test."""
    with Door() as door:
        _drive(project, door.command)
        yield door


def test_both_sides_are_locked_and_their_versions_stay(
    project: Path, wheelhouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("alpha", "beta", "gamma"):
        make_wheel(wheelhouse, name, "2.0")
    merged = _git(project, "merge", "--no-edit", "one")
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert "locked anew" in merged.stderr
    assert _locked(project) == _BOTH
    assert _checked(project) == 0
    # Where another file has a conflict, there is nothing to lock yet.
    assert _git(project, "checkout", "-qB", "two", "HEAD^1").returncode == 0
    (project / "requirements.txt").write_text("alpha\nbeta\n")
    assert _git(project, "commit", "-qam", "another order").returncode == 0
    merged = _git(project, "merge", "--no-edit", "one")
    assert merged.returncode == 1
    assert "there are conflicts in apis/iris/requirements.txt" in merged.stderr
    assert "<<<<<<< ours\n" in (project / "cortexlock.cpu.yaml").read_text()
    capsys.readouterr()
    assert _checked(project) == 6
    assert "conflict markers" in capsys.readouterr().out
    (project / "requirements.txt").write_text("alpha\nbeta\ngamma\n")
    lock(project)
    assert _locked(project) == _BOTH
    # A lockfile that one side has removed is nothing that git lets a driver merge.
    assert _git(project, "checkout", "-qf", "main").returncode == 0
    assert _git(project, "rm", "-q", "cortexlock.cpu.yaml").returncode == 0
    assert _git(project, "commit", "-qm", "no lockfile").returncode == 0
    merged = _git(project, "merge", "--no-edit", "one")
    assert (merged.returncode, "modify/delete" in merged.stdout) == (1, True)
    assert _checked(project) == 0  # the other's, as are the requirements


@pytest.mark.usefixtures("door")
def test_whatever_merges(project: Path) -> None:
    for command in (
        ("rebase", "one"),
        ("rebase", "--apply", "one"),
        ("cherry-pick", "one"),
        ("merge", "--squash", "one"),
    ):
        assert _git(project, "checkout", "-qfB", "tried", "two").returncode == 0
        done = _git(project, *command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert _locked(project) == _BOTH
        assert _checked(project) == 0


@pytest.mark.usefixtures("door")
def test_a_revert_and_a_stash_are_merges_too(project: Path) -> None:
    assert _git(project, "checkout", "-q", "one").returncode == 0
    _commit(project, "beta\nalpha\ngamma\n")
    done = _git(project, "revert", "--no-edit", "HEAD^")
    assert done.returncode == 0, done.stdout + done.stderr
    assert _locked(project) == {"alpha": "1.0", "beta": "1.0"}
    assert _git(project, "checkout", "-q", "HEAD^^").returncode == 0
    assert _git(project, "checkout", "HEAD@{1}^", "--", ".").returncode == 0
    assert _git(project, "stash").returncode == 0
    assert _git(project, "checkout", "-q", "main").returncode == 0
    done = _git(project, "stash", "pop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert _locked(project) == {"alpha": "1.0", "beta": "1.0"}
    assert _checked(project) == 0


@pytest.mark.usefixtures("door")
def test_each_platform_s_lockfile_is_merged(project: Path) -> None:
    settings = project / "cortexlock.yaml"
    for branch, lines in (("one", "alpha\ngamma\n"), ("two", "beta\nalpha\n")):
        assert _git(project, "checkout", "-q", branch).returncode == 0
        settings.write_text(settings.read_text().replace("[cpu]", "[cpu, cuda]"))
        _commit(project, lines)
    done = _git(project, "merge", "--no-edit", "one")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("locked anew") == 2
    assert _locked(project) == _locked(project, "cuda") == _BOTH
    assert _checked(project) == 0


def _locked(project: Path, platform: str = "cpu") -> dict[str, str]:
    """Return what is locked beyond the image: names and versions."""
    locked = files.read(project / f"cortexlock.{platform}.yaml", name=f"cortexlock.{platform}.yaml")
    return {each.name: each.version for each in locked.final_distributions().values()}


def _checked(project: Path) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["check", str(project)])
    return ended.value.code or 0
