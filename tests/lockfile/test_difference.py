"""What is different between two lockfiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cortexlock.cli.difference_text import document, markdown, summary, text_of
from cortexlock.lockfile.difference import ChangeKind, difference
from cortexlock.lockfile.files import read
from cortexlock.model.lockfile import Lockfile, PipStep, PreInstalled, ScriptStep
from cortexlock.model.package import FromGit, FromIndex, PipPackage
from tests.support.lockfiles import lockfiles

_EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment-analyzer" / "cortexlock.cpu.yaml"


@pytest.fixture(scope="module")
def lockfile() -> Lockfile:
    return read(_EXAMPLE, name=_EXAMPLE.name)


def _with(lockfile: Lockfile, *packages: PipPackage, without: str = "") -> Lockfile:
    (step,) = lockfile.pip_steps
    names = {package.name for package in packages} | {without}
    kept = [each for each in step.packages if each.name not in names]
    changed = sorted((*kept, *packages), key=lambda each: each.name)
    return replace(lockfile, steps=(replace(step, packages=tuple(changed)),))


def _locked(lockfile: Lockfile, name: str) -> PipPackage:
    return next(each for each in lockfile.pip_steps[0].packages if each.name == name)


def _kinds(old: Lockfile, new: Lockfile) -> list[tuple[str, ChangeKind, str, str]]:
    return [(each.key.name, each.kind, each.before, each.after) for each in difference(old, new).packages]


def test_versions_go_up_and_down(lockfile: Lockfile) -> None:
    tqdm = _locked(lockfile, "tqdm")
    newer = _with(lockfile, replace(tqdm, version="4.46.1", sha256="0" * 64))
    assert _kinds(lockfile, newer) == [("tqdm", "upgraded", "4.46.0", "4.46.1")]
    assert _kinds(newer, lockfile) == [("tqdm", "downgraded", "4.46.1", "4.46.0")]
    assert text_of(difference(lockfile, newer).packages[0]) == "tqdm 4.46.0 -> 4.46.1"


def test_another_file_of_the_same_version_is_said(lockfile: Lockfile) -> None:
    rebuilt = _with(lockfile, replace(_locked(lockfile, "tqdm"), sha256="0" * 64))
    assert _kinds(lockfile, rebuilt) == [("tqdm", "rebuilt", "4.46.0", "4.46.0")]


def test_the_same_bytes_from_elsewhere_are_no_difference(lockfile: Lockfile) -> None:
    moved = _with(lockfile, replace(_locked(lockfile, "tqdm"), source=FromIndex("mirror")))
    assert not difference(lockfile, moved)
    commits = [FromGit("https://example.org/r.git", "0" * 40, reference) for reference in ("main", "0000000")]
    trees = [_with(lockfile, PipPackage("tree", "1.0", source=each, sha256="1" * 64)) for each in commits]
    assert not difference(*trees)
    other = replace(commits[0], commit="2" * 40)
    again = _with(lockfile, PipPackage("tree", "1.0", source=other, sha256="1" * 64))
    assert _kinds(trees[0], again) == [("tree", "rebuilt", "1.0", "1.0")]


def test_added_removed_and_what_leaves_the_lock_for_the_image_s_own(lockfile: Lockfile) -> None:
    assert _kinds(lockfile, _with(lockfile, without="tqdm")) == [("tqdm", "removed", "4.46.0", "")]
    assert _kinds(_with(lockfile, without="tqdm"), lockfile) == [("tqdm", "added", "", "4.46.0")]
    changed = _with(lockfile, PipPackage("pandas", "1.0.1", action="change", sha256="0" * 64, file="p.whl"))
    assert _kinds(changed, lockfile) == [("pandas", "upgraded", "1.0.1", "1.0.3")]


def test_the_image_itself_is_told_apart(lockfile: Lockfile) -> None:
    pre_installed = (*lockfile.pre_installed, PreInstalled("pip", "zzz", "1.0"))
    other = replace(lockfile, pre_installed=pre_installed, python="3.6.10", exclude_newer="")
    found = difference(lockfile, other)
    assert [(each.key.name, each.kind) for each in found.packages] == [("zzz", "image")]
    assert [(each.fact, each.before, each.after) for each in found.facts] == [
        ("python", "3.6.9", "3.6.10"),
        ("exclude-newer", "2020-06-01T00:00:00Z", ""),
    ]
    assert summary(found) == "1 changed in the image, other python, other exclude-newer"


def test_a_script_that_changed_is_a_fact(lockfile: Lockfile) -> None:
    scripts = [replace(lockfile, steps=(ScriptStep("script.sh", each * 64), *lockfile.steps)) for each in "ab"]
    assert [each.fact for each in difference(*scripts).facts] == ["script"]
    assert [each.fact for each in difference(lockfile, scripts[0]).facts] == ["steps", "script"]


def test_a_new_lockfile_adds_what_its_steps_install(lockfile: Lockfile) -> None:
    found = difference(None, lockfile)
    assert {each.kind for each in found.packages} == {"added"}
    assert "transformers" in {each.key.name for each in found.packages}
    assert not found.facts


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lockfiles)
def test_a_lockfile_is_not_different_from_itself(lockfile: Lockfile) -> None:
    assert not difference(lockfile, lockfile)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lockfiles, lockfiles)
def test_any_two_can_be_compared_and_printed(old: Lockfile, new: Lockfile) -> None:
    found = difference(old, new)
    assert document(found)
    table = [line for line in markdown("t", found).splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in table)


def test_markdown_reads_nothing_into_a_name(lockfile: Lockfile) -> None:
    step = PipStep("r.txt", (PipPackage("a", "1.0", by=("a|b_c*<x>",)),))
    text = markdown("cortexlock.cpu.yaml", difference(None, replace(lockfile, steps=(step,), pre_installed=())))
    assert "a\\|b\\_c\\*&lt;x>" in text
