"""Build requirements that cannot be had: the error says whose."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from cortexlock.errors import NoSolutionError
from cortexlock.pip.resolution.values import Cause, ImpossibleError, Root, SourceTree
from cortexlock.pip.sources import build_failures
from cortexlock.pip.sources.build_failures import BuildFailedError, BuildRequirementError

_ROOTS = (Root("other", "other", "requirements.txt", 1), Root("thing", "thing>1", "more.txt", 3))


def _raised(error: NoSolutionError, name: str) -> BuildRequirementError:
    with pytest.raises(BuildRequirementError) as caught, build_failures.placed(_ROOTS), build_failures.of_build(name):
        raise error
    return caught.value


def test_line_and_hint_are_of_what_is_built() -> None:
    found = _raised(NoSolutionError("it fails"), "thing")
    assert (found.where, found.what) == ("more.txt:3", "the build of thing: it fails")
    assert "`build-requirements: {thing: ['name<version']}`" in (found.hint or "")
    assert str(pickle.loads(pickle.dumps(found))) == str(found)  # noqa: S301 - errors cross processes
    assert _raised(NoSolutionError("it fails"), "below").where == "below"


def test_the_innermost_build_is_named() -> None:
    assert _raised(_raised(NoSolutionError("it fails"), "inner"), "thing").what == "the build of inner: it fails"


def test_a_module_that_newer_setuptools_lost_is_bound(tmp_path: Path) -> None:
    tree = SourceTree(tmp_path, local=False, name="old")
    error = BuildFailedError(
        "the project cannot be built", output="ModuleNotFoundError: No module named 'pkg_resources'"
    )
    hint = build_failures.of_tree(error, tree, "old", "").hint or ""
    assert hint.endswith("write `build-requirements: {old: ['setuptools<82']}` into cortexlock.yaml")
    hint = build_failures.of_tree(BuildFailedError("it cannot be built"), tree, "old", "").hint or ""
    assert "`build-requirements: {old: [package]}`" in hint


def test_what_conflicts_is_said() -> None:
    causes = (Cause("tool", "tool>2", parent="helper 1.0"), Cause("tool", "tool<2"))
    what = build_failures.impossible(ImpossibleError("x", causes), ["tool<2", "helper"]).what
    assert what.splitlines()[1:] == ["  helper 1.0 requires tool>2", "  it requires tool<2"]
    assert build_failures.impossible(ImpossibleError("x"), ["tool"]).what.splitlines()[1:] == ["  tool"]
