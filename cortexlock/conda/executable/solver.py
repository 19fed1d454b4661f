"""Solve with py-rattler: repodata from channels, the image's own packages preferred, virtual packages as given.

Channel priority is conda 4.7's: flexible, unless the caller says strict or disabled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rattler import Channel, ChannelPriority, MatchSpec
from rattler import solve as rattler_solve
from rattler.platform.subdir import Subdir
from rattler.repo_data import Gateway

from cortexlock.conda import channels
from cortexlock.conda.executable.priority import flexible
from cortexlock.conda.executable.sources import Sources, sort

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord

_PRIORITIES: Mapping[str, ChannelPriority] = {"strict": ChannelPriority.Strict, "disabled": ChannelPriority.Disabled}


@dataclass(frozen=True, slots=True)
class Question:
    """What to solve.

    Attributes:
        specs: MatchSpecs.
        channels: As the caller names them, in order of priority.
        subdir: The platform.
        virtual_packages: `(name, version, build)`, besides those that a channel of the caller's lists.
        exclude_newer: Records with a later time stamp do not count; None: all count. UTC.
        cache: Where repodata is cached.
        installed: What is there, to be kept where it can be.
        priority: Of channels: `flexible`, `strict` or `disabled`.
    """

    specs: tuple[str, ...]
    channels: tuple[str, ...]
    subdir: str
    virtual_packages: tuple[tuple[str, str, str], ...]
    exclude_newer: datetime | None
    cache: Path
    installed: tuple[RepoDataRecord, ...] = ()
    priority: str = "flexible"


def gateway(cache: Path) -> Gateway:
    """Return the access to channels; repodata is cached in `cache` and always checked against the channel."""
    return Gateway(cache_dir=cache)


async def search(
    names: Sequence[str], named_channels: Sequence[str], *, subdir: str, cache: Path
) -> list[RepoDataRecord]:
    """Return all records of some packages.

    Args:
        names: Package names.
        named_channels: Where to look, as the caller names them.
        subdir: The platform, besides `noarch`.
        cache: Where repodata is cached.

    Raises:
        GatewayError: A channel cannot be read.
    """
    found = await gateway(cache).query(
        [Channel(url) for name in named_channels for url in channels.resolve(name, project=Path.cwd()).urls],
        [Subdir(subdir), Subdir("noarch")],
        list(names),
        recursive=False,
        channel_relations="disabled",
    )
    return [record for group in found for record in group]


async def solve(question: Question) -> list[RepoDataRecord]:
    """Solve a question.

    Raises:
        SolverError: There is no solution; the message is the solver's explanation.
        GatewayError: A channel cannot be read.
    """
    access = gateway(question.cache)
    sources = sort(question.channels, question.subdir, question.virtual_packages)
    specs = [MatchSpec(sources.addressed(spec), strict=False) for spec in question.specs]
    preferred = {record.name.normalized: record for record in (*sources.preferred, *question.installed)}
    for record in await _lookup(access, sources, question):
        preferred[record.name.normalized] = record

    async def attempt(priority: ChannelPriority, more: Sequence[str]) -> list[RepoDataRecord]:
        return await rattler_solve(
            list(sources.real.values()),
            [*specs, *(MatchSpec(spec, strict=False) for spec in more)],
            gateway=access,
            platforms=[Subdir(question.subdir), Subdir("noarch")],
            locked_packages=list(preferred.values()),
            virtual_packages=sources.virtual,
            channel_priority=priority,
            exclude_newer=question.exclude_newer,
            timestamp_policy="allow-missing",
            channel_relations="disabled",
        )

    async def lookup(channel: channels.Channel, names: Collection[str]) -> set[str]:
        found = await access.query(
            [sources.real[channel]],
            [Subdir(question.subdir), Subdir("noarch")],
            list(names),
            recursive=False,
            channel_relations="disabled",
        )
        return {record.name.normalized for group in found for record in group}

    if question.priority == "flexible":
        return await flexible(tuple(sources.real), attempt, lookup)
    return await attempt(_PRIORITIES[question.priority], ())


async def _lookup(access: Gateway, sources: Sources, question: Question) -> list[RepoDataRecord]:
    """Return the records of what is preferred by name, version and build, where the channels still have them."""
    if not sources.prefer_specs:
        return []
    specs = [MatchSpec(spec, strict=False) for spec in sources.prefer_specs]
    found = await access.query(
        list(sources.real.values()),
        [Subdir(question.subdir), Subdir("noarch")],
        specs,
        recursive=False,
        channel_relations="disabled",
    )
    return [record for group in found for record in group if any(spec.matches(record) for spec in specs)]
