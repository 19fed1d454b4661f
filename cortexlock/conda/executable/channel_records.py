"""What channels say of packages, fetched by py-rattler: of a whole channel only what is asked for becomes a value.

A channel is read from its shards, or from `repodata.json` as it is or compressed, over HTTP or from a directory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from rattler import Channel as RattlerChannel
from rattler.platform.subdir import Subdir
from rattler.repo_data import Gateway

from cortexlock.conda.channels import Channel, public

Entry: TypeAlias = dict[str, Any]
"""A record with the keys of `repodata.json`, and `fn`, `url` and `channel`, the address of the channel's subdir."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look.

    Attributes:
        channels: In order of priority.
        subdir: The platform, besides `noarch`.
        cache: Where repodata is cached; it is always checked against the channel.
        exclude_newer: Records with a later time stamp do not count, those without one do; None: all count.
    """

    channels: tuple[Channel, ...]
    subdir: str
    cache: Path
    exclude_newer: datetime | None = None


def fetch(names: Iterable[str], places: Places, *, recursive: bool = False) -> list[Entry]:
    """Return all records of some packages, channel by channel.

    Args:
        names: Names of packages.
        places: Where to look.
        recursive: Whether the records of all that they can depend on are wanted as well.

    Raises:
        GatewayError: A channel cannot be read.
    """
    sources = [RattlerChannel(url) for channel in places.channels for url in channel.urls]
    records = asyncio.run(_query(sources, sorted(names), places, recursive=recursive))
    entries = [_entry(json.loads(record.to_json()), record.file_name) for record in records]
    if places.exclude_newer is None:
        return entries
    latest = places.exclude_newer.timestamp() * 1000
    return [entry for entry in entries if (entry.get("timestamp") or 0) <= latest]


async def _query(sources: Sequence[RattlerChannel], names: Sequence[str], places: Places, *, recursive: bool) -> Any:  # noqa: ANN401 - py-rattler's records
    found = await Gateway(cache_dir=places.cache).query(
        sources,
        [Subdir(places.subdir), Subdir("noarch")],
        names,
        recursive=recursive,
        channel_relations="disabled",
    )
    return [record for group in found for record in group]


def _entry(record: Mapping[str, Any], file_name: str) -> Entry:
    """Return a record without the credentials that its channel was asked with."""
    url = public(record["url"])
    return {**record, "fn": file_name, "url": url, "channel": url.rpartition("/")[0]}
