"""When two lockfiles say the same."""

from __future__ import annotations

from dataclasses import replace

from cortexlock.lockfile.comparison import same
from cortexlock.model.lockfile import ResolverVersion
from tests.support.lockfiles import example


def test_other_resolvers_are_no_difference() -> None:
    assert same(example(), replace(example(), resolvers=(ResolverVersion("pip", "99"),)))


def test_anything_else_is() -> None:
    assert not same(example(), replace(example(), exclude_newer=""))
    assert not same(example(), replace(example(), steps=example().steps[:-1]))
