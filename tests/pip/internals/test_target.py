"""pip's finder and resolver, looking at a target; test_pip_internals_resolver.py has them at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._internal.index.package_finder import BestCandidateResult
from pip._internal.utils.temp_dir import global_tempdir_manager

from cortexlock.model.predictor import Distribution
from cortexlock.pip.internals.target import as_pip_distribution, preferring
from cortexlock.pip.resolution.values import MovedPreference, Preference


def _found(versions: list[str], preferences: dict[str, str], name: str = "a") -> tuple[list[str], str | None]:
    candidates: list[Any] = [_Candidate(version) for version in versions]
    best = candidates[-1] if candidates else None
    wanted = {key: Preference(version) for key, version in preferences.items()}
    result = preferring(lambda _name: BestCandidateResult(candidates, candidates, best), wanted)(name)
    chosen = result.best_candidate
    return [str(each.version) for each in result.applicable_candidates], str(chosen.version) if chosen else None


@dataclass(frozen=True)
class _Link:
    is_wheel: bool


@dataclass(frozen=True)
class _Candidate:
    version: str
    link: _Link = _Link(is_wheel=True)


@given(st.permutations(["1.0", "2.0", "3.0"]), st.sampled_from(["1.0", "2.0", "3.0", "9.0"]))
def test_preferred_version_comes_last_and_the_rest_keeps_its_order(versions: list[str], preferred: str) -> None:
    rest = [version for version in versions if version != preferred]
    expected = [*rest, preferred] if preferred in versions else rest
    assert _found(versions, {"a": preferred}) == (expected, expected[-1])


@pytest.mark.parametrize(
    ("files", "wheel", "moved"),
    [
        ([("1.0", True), ("2.0", True)], True, None),
        ([("1.0", False), ("2.0", True)], True, MovedPreference("a", "1.0", has_sdist=True)),
        ([("1.0", False), ("2.0", True)], False, None),
        ([("1.0", False), ("2.0", False)], True, None),  # it is built in any case
        ([("2.0", True)], False, MovedPreference("a", "1.0", has_sdist=False)),
    ],
)
def test_a_version_without_its_kind_of_file_is_no_preference(
    files: list[tuple[str, bool]],
    *,
    wheel: bool,
    moved: MovedPreference | None,
) -> None:
    candidates: list[Any] = [_Candidate(version, _Link(is_wheel)) for version, is_wheel in files]
    said: list[MovedPreference] = []
    find = preferring(
        lambda _name: BestCandidateResult(candidates, candidates, candidates[-1]),
        {"a": Preference("1.0", wheel=wheel)},
        said.append,
    )
    assert find("a").best_candidate.version == ("2.0" if moved else "1.0")  # type: ignore[union-attr]
    assert said == ([moved] if moved else [])


def test_names_are_compared_as_indexes_do() -> None:
    assert _found(["1.0", "2.0"], {"a-b": "1.0"}, "A_b") == (["2.0", "1.0"], "1.0")


def test_nothing_to_choose_from() -> None:
    assert _found([], {"a": "1.0"}) == ([], None)


def test_distribution_of_the_image() -> None:
    from_image = Distribution("a-b", "1.0+cpu", ("c (>=1.0<2)", 'd; extra == "x"'), ("x",), ">=3.6")
    with global_tempdir_manager():
        found = as_pip_distribution(from_image)
        assert (found.canonical_name, str(found.version)) == ("a-b", "1.0+cpu")
        assert [str(each) for each in found.iter_dependencies()] == ["c<2,>=1.0"]
        assert {str(each) for each in found.iter_dependencies(["x"])} == {"c<2,>=1.0", 'd; extra == "x"'}
        assert list(found.iter_provided_extras()) == ["x"]
        assert str(found.requires_python) == ">=3.6"
