"""Which build requirements a build needs, what is built for it in turn included."""

from __future__ import annotations

from cortexlock.model.nested_builds import needed_for
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
