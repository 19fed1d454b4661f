"""What the disk of a cache cannot hold is not fetched."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from cortexlock.errors import StepError
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache, Expected
from cortexlock.replay.supply.space import check_cache_space


def test_a_cache_without_space_is_found_before_the_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")
    artifacts = [
        Artifact(name, "1.0", Expected(f"{name}.whl", digit * 64, size=2 << 20), "the index")
        for name, digit in (("there", "a"), ("half", "b"), ("missing", "c"))
    ]
    there, half, _ = (cache.path(artifact.expected) for artifact in artifacts)
    for path, size in ((there, 2 << 20), (half.parent / ".x.part", 1 << 20)):
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as in the standard library
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 3 << 20))
    check_cache_space(artifacts, cache)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 2 << 20))
    with pytest.raises(StepError, match="cache's disk has 2 MB left, and 3 MB are to be fetched") as caught:
        check_cache_space(artifacts, cache)
    assert "--cache-dir" in str(caught.value.hint)
