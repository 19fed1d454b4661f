"""Whether the disk of a cache holds what is about to be fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from cortexlock.errors import StepError
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache


def check_cache_space(artifacts: Iterable[Artifact], cache: Cache) -> None:
    """Refuse to begin to fetch what the disk cannot hold; files whose size is not locked count for nothing.

    Raises:
        StepError: The file system of the cache has too little space.
    """
    needed = sum(max(0, artifact.expected.size - cache.size_there(artifact.expected)) for artifact in artifacts)
    directory = next(each for each in (cache.directory, *cache.directory.parents) if each.is_dir())
    free = shutil.disk_usage(directory).free
    if needed > free:
        raise StepError(
            f"the cache's disk has {free >> 20} MB left, and {-(-needed >> 20)} MB are to be fetched",
            where=str(cache.directory),
            hint="make space, or name another directory with --cache-dir",
        )
