"""Modules that are loaded once something of them is used."""

from __future__ import annotations

import sys

import pytest

from cortexlock.put_off import when_used


def test_a_module_is_loaded_when_something_of_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sched", raising=False)
    module = when_used("sched")
    assert "sched" not in sys.modules
    assert module.scheduler is sys.modules["sched"].scheduler
    assert module.scheduler is sys.modules["sched"].scheduler
    with pytest.raises(AttributeError, match="nothing_such"):
        module.nothing_such  # noqa: B018 - it is what is asked for
