"""Aliases that nobody gave."""

from __future__ import annotations

from cortexlock.model import index_alias


def test_what_nobody_named_has_a_number_that_is_free() -> None:
    assert index_alias.numbered("pip-links", 1, ()) == ("pip-links-1", 1)
    assert index_alias.numbered("extra", 1, ("extra-1", "extra-2")) == ("extra-3", 3)
    assert all(map(index_alias.is_made_up, ("default", "extra-1", "links-12", "pip-extra-2", "pip-links-1")))
    assert not any(map(index_alias.is_made_up, ("mirror", "extra", "extra-x", "my-extra-1")))
