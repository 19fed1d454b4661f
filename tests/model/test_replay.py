"""The options of a replay are strict unless told otherwise."""

from __future__ import annotations

from pathlib import Path

from cortexlock.model.replay import InstallOptions, ReplayEvent


def test_drift_is_refused_unless_allowed() -> None:
    options = InstallOptions(prefix=Path("prefix"), cache=Path("cache"), environment={})
    assert not options.allow_drift
    assert options.index_url is None


def test_an_event_need_not_count() -> None:
    assert (ReplayEvent("pip", "text").done, ReplayEvent("pip", "text").total) == (None, None)
