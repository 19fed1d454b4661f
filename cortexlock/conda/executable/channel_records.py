"""What channels say of packages, fetched by py-rattler: of a whole channel only what is asked for becomes a value.

A channel is read from its shards, or from `repodata.json` as it is or compressed, over HTTP or from a directory.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from rattler import Channel as RattlerChannel
from rattler.exceptions import GatewayError
from rattler.platform.subdir import Subdir
from rattler.repo_data import Gateway

from cortexlock.conda.channels import Channel, public
from cortexlock.conda.executable.bounded_query import Bounds, EndlessAnswerError, within
from cortexlock.conda.executable.mended_channels import MalformedChannelError, UnreadableChannelError, mend

# What it says of repodata that it has, and cannot read.
_MALFORMED = re.compile(r"failed to (?:parse|extract)|malformed|invalid type|missing field|expected")

_SECONDS_ALONE = 60.0

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
        bounds: What the channels' answers may take.
    """

    channels: tuple[Channel, ...]
    subdir: str
    cache: Path
    exclude_newer: datetime | None = None
    bounds: Bounds = field(default_factory=Bounds)


def fetch(names: Iterable[str], places: Places, *, recursive: bool = False) -> list[Entry]:
    """Return all records of some packages, channel by channel.

    Args:
        names: Names of packages.
        places: Where to look.
        recursive: Whether the records of all that they can depend on are wanted as well.

    Raises:
        GatewayError: A channel cannot be read.
        MalformedChannelError: Nothing of a channel can be read.
        UnreadableChannelError: A channel does not answer, or does not come to an end.
        EndlessAnswerError: One of several does not, and which is not known.
    """
    urls, wanted = [url for channel in places.channels for url in channel.urls], sorted(names)
    try:
        entries = _entries(urls, wanted, places, recursive=recursive)
    except EndlessAnswerError as error:
        _refuse_endless(urls, wanted, places, error)
        raise
    except GatewayError as error:
        if not _MALFORMED.search(str(error)):
            raise
        with tempfile.TemporaryDirectory(prefix="cortexlock-channels-") as directory:
            copies = mend(urls, (places.subdir, "noarch"), Path(directory))
            try:
                found = _entries(tuple(copies), wanted, places, recursive=recursive)
            except GatewayError:
                _refuse_unreadable(copies, wanted, places)
                raise
        entries = [_moved(entry, copies) for entry in found]
    if places.exclude_newer is None:
        return entries
    latest = places.exclude_newer.timestamp() * 1000
    return [entry for entry in entries if (entry.get("timestamp") or 0) <= latest]


def _entries(urls: Sequence[str], names: Sequence[str], places: Places, *, recursive: bool) -> list[Entry]:
    records = asyncio.run(_query([RattlerChannel(url) for url in urls], names, places, recursive=recursive))
    return [_entry(json.loads(record.to_json()), record.file_name) for record in records]


def _refuse_unreadable(copies: Mapping[str, str], names: Sequence[str], places: Places) -> None:
    """Say which of several channels cannot be read, if each is asked by itself.

    Raises:
        MalformedChannelError: One cannot.
    """
    for copy, url in copies.items():
        try:
            _entries([copy], names, places, recursive=False)
        except GatewayError as error:  # noqa: PERF203 - of a few channels
            raise MalformedChannelError(f"{url}/", f"is malformed: {error}") from error


def _refuse_endless(urls: Sequence[str], names: Sequence[str], places: Places, error: EndlessAnswerError) -> None:
    """Say which of several channels does not end: each is asked by itself, and not for long.

    Raises:
        UnreadableChannelError: One does not.
    """
    if len(urls) == 1:
        raise UnreadableChannelError(f"{public(urls[0])}/", str(error)) from error
    shorter = replace(places, bounds=replace(places.bounds, seconds=min(places.bounds.seconds, _SECONDS_ALONE)))
    for url in urls:
        try:
            _entries([url], names, shorter, recursive=False)
        except EndlessAnswerError as alone:  # noqa: PERF203 - of a few channels
            raise UnreadableChannelError(f"{public(url)}/", str(alone)) from alone
        except GatewayError:  # another fault than the one that is looked for
            continue


def _moved(entry: Entry, copies: Mapping[str, str]) -> Entry:
    """Return a record of a copy as one of the channel that it is a copy of."""
    copy = entry["channel"].rpartition("/")[0]
    places = {key: copies[copy] + entry[key].removeprefix(copy) for key in ("url", "channel")}
    return {**entry, **places}


async def _query(sources: Sequence[RattlerChannel], names: Sequence[str], places: Places, *, recursive: bool) -> Any:  # noqa: ANN401 - py-rattler's records
    query = Gateway(cache_dir=places.cache).query(
        sources,
        [Subdir(places.subdir), Subdir("noarch")],
        names,
        recursive=recursive,
        channel_relations="disabled",
    )
    found = await within(places.bounds, query, places.cache)
    return [record for group in found for record in group]


def _entry(record: Mapping[str, Any], file_name: str) -> Entry:
    """Return a record without the credentials that its channel was asked with."""
    url = public(record["url"])
    return {**record, "fn": file_name, "url": url, "channel": url.rpartition("/")[0]}
