"""Solve with py-rattler: repodata from channels, the image's own packages preferred, virtual packages as given.

Channel priority: strict first, that is, a package is taken from the first channel that has it; where that has no
solution, all channels count alike. This is as near to conda 4.7's flexible priority as rattler comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rattler import Channel, ChannelPriority, MatchSpec
from rattler import solve as rattler_solve
from rattler.exceptions import SolverError
from rattler.platform.subdir import Subdir
from rattler.repo_data import Gateway

from cortexlock.conda import channels
from cortexlock.conda.executable.sources import Sources, sort

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord


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
    """

    specs: tuple[str, ...]
    channels: tuple[str, ...]
    subdir: str
    virtual_packages: tuple[tuple[str, str, str], ...]
    exclude_newer: datetime | None
    cache: Path
    installed: tuple[RepoDataRecord, ...] = ()


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

    async def attempt(priority: ChannelPriority) -> list[RepoDataRecord]:
        return await rattler_solve(
            list(sources.real.values()),
            specs,
            gateway=access,
            platforms=[Subdir(question.subdir), Subdir("noarch")],
            locked_packages=list(preferred.values()),
            virtual_packages=sources.virtual,
            channel_priority=priority,
            exclude_newer=question.exclude_newer,
            timestamp_policy="allow-missing",
            channel_relations="disabled",
        )

    try:
        return await attempt(ChannelPriority.Strict)
    except SolverError:
        if len(sources.real) <= 1:
            raise
        return await attempt(ChannelPriority.Disabled)


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
