"""The channels that the executable is called with: real ones, and one that lists virtual packages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cortexlock.conda import channels
from cortexlock.conda.channels import Channel, public
from cortexlock.errors import UsageError

_LARGEST = 1 << 16  # bytes of repodata; a channel of virtual packages has some hundreds

VirtualPackage: TypeAlias = tuple[str, str, str]
"""Name, version and build string."""


@dataclass(frozen=True, slots=True)
class CalledChannels:
    """The channels of a call, sorted by what they are for.

    Attributes:
        real: Where packages come from, in order of priority.
        virtual: What channels of virtual packages list.
    """

    real: tuple[Channel, ...]
    virtual: tuple[VirtualPackage, ...]

    def addressed(self, spec: str) -> str:
        """Return a MatchSpec with its channel as conda compares it: by its address, or a known channel's name.

        conda-lock names the channel of a specification as conda does: by the path of its URL, without the host, and
        for a local channel by its last part.

        Raises:
            UsageError: Two channels have that name.
        """
        prefix, separator, rest = spec.partition("::")
        if not separator:
            return spec
        found = [channel for channel in self.real if prefix in _names(channel)]
        if len(found) > 1:
            raise UsageError(f"two channels are named {prefix}", hint="rename the directory of one of them")
        if not found or len(found[0].urls) > 1:
            return spec
        return f"{public(found[0].urls[0])}::{rest}"


def sort(names: Sequence[str]) -> CalledChannels:
    """Find out what each channel is for.

    Args:
        names: The channels as the caller names them, in order of priority.

    Raises:
        UsageError: A channel makes no sense.
    """
    real: list[Channel] = []
    virtual: dict[str, VirtualPackage] = {}
    for name in names:
        channel = channels.resolve(name, project=Path.cwd())
        fake = _virtual_packages(channel)
        if fake is None:
            real.append(channel)
        else:
            virtual |= fake
    return CalledChannels(tuple(dict.fromkeys(real)), tuple(virtual.values()))


def _names(channel: Channel) -> set[str]:
    """Return the names under which a specification may mean a channel."""
    names = {channel.written, *channel.urls, *map(public, channel.urls)}
    if len(channel.urls) == 1:
        path = public(channel.urls[0]).partition("://")[2].partition("/")[2]
        names.add(path.rpartition("/")[2] if channel.urls[0].startswith("file:") else path)
    return names


def _virtual_packages(channel: Channel) -> dict[str, VirtualPackage] | None:
    """Return what a local channel lists, by name, if that is virtual packages or nothing at all; else None."""
    parts = urlsplit(channel.urls[0])
    files = sorted(Path(url2pathname(parts.path)).glob("*/repodata.json")) if parts.scheme == "file" else []
    if not files or any(file.stat().st_size > _LARGEST for file in files):
        return None
    found: dict[str, VirtualPackage] = {}
    try:
        for file in files:
            repodata = json.loads(file.read_bytes())
            for entry in [*repodata["packages"].values(), *repodata.get("packages.conda", {}).values()]:
                if not entry["name"].startswith("__"):
                    return None
                found[entry["name"]] = (entry["name"], entry["version"], entry["build"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # not written by conda-lock; what is wrong with it is found when it is fetched
    return found
