"""Which build requirements a build needs, what is built for it in turn included."""

from __future__ import annotations

from cortexlock.model.nested_builds import build_context, built_in_prefix, needed_for
from cortexlock.model.package import BuildRequirement, PipPackage


def _requirement(name: str, file: str, *needed_by: str) -> BuildRequirement:
    return BuildRequirement(PipPackage(name, "1.0", file=file, sha256="0" * 64), needed_by)


TOOL = _requirement("tool", "tool-1.0.tar.gz", "a", "tool==1.0")
DEEP = _requirement("deep", "deep-1.0-py3-none-any.whl", "tool==1.0")
OTHER = _requirement("other", "other-1.0.tar.gz", "b", "deep==1.0")


def test_what_is_built_needs_more_and_wheels_need_nothing() -> None:
    assert needed_for({"a"}, (DEEP, OTHER, TOOL)) == (DEEP, TOOL)
    assert needed_for({"b"}, (DEEP, OTHER, TOOL)) == (OTHER,)
    assert needed_for((), (DEEP, OTHER, TOOL)) == ()


def _extension(name: str, *builds_with: str, by: tuple[str, ...] = ()) -> PipPackage:
    return PipPackage(name, "1.0", file=f"{name}-1.0.tar.gz", no_build_isolation=True, builds_with=builds_with, by=by)


def _order(*packages: PipPackage) -> list[str]:
    assert built_in_prefix(packages) == built_in_prefix(tuple(reversed(packages)))
    return [each.name for each in built_in_prefix(packages)]


def test_what_is_built_in_the_prefix_comes_after_what_it_needs() -> None:
    assert _order(_extension("a", "torch", "c"), _extension("b"), _extension("c", by=("b",))) == ["c", "a", "b"]
    assert _order(PipPackage("a", "1.0", file="a-1.0.tar.gz"), _extension("b")) == ["b"]
    wheel = PipPackage("a", "1.0", file="a-1.0-py3-none-any.whl", no_build_isolation=True)
    assert _order(wheel) == []


def test_in_a_circle_counts_what_a_build_needs() -> None:
    assert _order(_extension("a", by=("b",)), _extension("b", by=("a",))) == ["b", "a"]
    assert _order(_extension("b", "a"), _extension("a", by=("b",)), _extension("c")) == ["a", "b", "c"]
    assert _order(_extension("a", "b", by=("b",)), _extension("b")) == ["b", "a"]
    assert sorted(_order(_extension("a", "b"), _extension("b", "a"))) == ["a", "b"]


def test_what_a_build_is_made_for() -> None:
    packages = (_extension("a", "torch"), PipPackage("b", "1.0", by=("a", "c")), PipPackage("d", "1.0"))
    assert build_context(packages[0], packages) == {"b", "torch"}
