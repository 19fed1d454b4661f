"""Flexible channel priority, conda 4.7's, by what py-rattler has: strict priority, and none.

conda takes a package from the highest channel that has it, and from a lower one only where there is no solution else,
name by name. A solve with strict priority gives that where it has a solution. Where it has none, all channels count
alike in a first solve, and what it takes from a lower channel is then asked of the higher ones that have it, in order
of the names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, TypeAlias

from rattler import ChannelPriority
from rattler.exceptions import SolverError

from cortexlock.conda.channels import Channel, public

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord

Attempt: TypeAlias = "Callable[[ChannelPriority, Sequence[str]], Awaitable[list[RepoDataRecord]]]"
"""Solve with a priority and with further specifications."""

Lookup: TypeAlias = Callable[[Channel, Collection[str]], Awaitable[set[str]]]
"""Say which of some names a channel has."""


async def flexible(channels: Sequence[Channel], attempt: Attempt, lookup: Lookup) -> list[RepoDataRecord]:
    """Solve with flexible priority.

    Args:
        channels: In order of priority.
        attempt: Solves.
        lookup: Knows what the channels have.

    Raises:
        SolverError: There is no solution, whatever the priority.
    """
    try:
        return await attempt(ChannelPriority.Strict, ())
    except SolverError:
        if len(channels) <= 1:
            raise
    ascent = _Ascent(channels, attempt, await attempt(ChannelPriority.Disabled, ()))
    seen: set[str] = set()
    while names := ascent.below(0) - seen:  # what was raised can bring others
        for rank, channel in enumerate(channels[:-1]):
            candidates = ascent.below(rank) & names
            if candidates:
                await ascent.raise_to(channel, sorted(candidates & await lookup(channel, sorted(candidates))))
        seen |= names
    return ascent.found


class _Ascent:
    """A solution, and the packages that it must take from higher channels."""

    def __init__(self, channels: Sequence[Channel], attempt: Attempt, found: list[RepoDataRecord]) -> None:
        self.found = found
        self._channels = channels
        self._attempt = attempt
        self._raised: tuple[str, ...] = ()

    def below(self, rank: int) -> set[str]:
        """Return the names of what is from a lower channel than that one; what an image has is from none."""
        return {record.name.normalized for record in self.found if (self._rank(record) or 0) > rank}

    async def raise_to(self, channel: Channel, names: Sequence[str]) -> None:
        """Take from a channel what of these names it can give, one after the other.

        All at once where that has a solution, else by halves: what has one together has one in parts.
        """
        if not names:
            return
        source = channel.written if len(channel.urls) > 1 else channel.urls[0]
        raised = (*self._raised, *(f"{source}::{name}" for name in names))
        try:
            self.found = await self._attempt(ChannelPriority.Disabled, raised)
            self._raised = raised
        except SolverError:
            if len(names) > 1:
                half = len(names) // 2
                await self.raise_to(channel, names[:half])
                await self.raise_to(channel, names[half:])

    def _rank(self, record: RepoDataRecord) -> int | None:
        address = public(record.url)
        for rank, channel in enumerate(self._channels):
            if any(address.startswith(f"{public(url)}/") for url in channel.urls):
                return rank
        return None
