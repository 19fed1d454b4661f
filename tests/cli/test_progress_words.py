"""What goes on while a platform is locked, in words."""

from __future__ import annotations

import pytest

from cortexlock.cli.progress_words import words
from cortexlock.model.lock_progress import Activity, LockProgress


@pytest.mark.parametrize("activity", Activity)
def test_each_has_words(activity: Activity) -> None:
    said = words(LockProgress(activity, "SUBJECT", "DETAIL"))
    assert said[0].islower() or said.startswith("SUBJECT")
    assert "{" not in said


def test_texts_of_others_are_no_templates() -> None:
    progress = LockProgress(Activity.ADDS_REQUIREMENT, "a{b}", "{subject}; extra == 'c'")
    assert words(progress) == "a{b} needs {subject}; extra == 'c' to build, without saying so"
