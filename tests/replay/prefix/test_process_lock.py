"""The lock of a prefix."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import UsageError
from cortexlock.replay.prefix.process_lock import LOCK_NAME, exclusive


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / LOCK_NAME).symlink_to(tmp_path / "outside")
    with pytest.raises(UsageError, match="cannot be written"), exclusive(prefix, lambda _event: None):
        pass
    assert not (tmp_path / "outside").exists()
