"""The channels that a solve is called with: real ones, an image's, and one that lists virtual packages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import Channel, GenericVirtualPackage, PackageName, RepoData, Version
from rattler.package import BuildString
from rattler.repo_data.multi_source import MultiSource

from cortexlock.conda import channels, image_channel
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord

Source: TypeAlias = Channel | MultiSource


@dataclass(frozen=True, slots=True)
class Sources:
    """The channels of a solve, sorted by what they are for.

    Attributes:
        real: Where packages come from, by channel, in order of priority.
        preferred: What an image has.
        prefer_specs: What else is to be preferred, as `name version build`.
        virtual: Virtual packages.
    """

    real: Mapping[channels.Channel, Source]
    preferred: tuple[RepoDataRecord, ...]
    prefer_specs: tuple[str, ...]
    virtual: tuple[GenericVirtualPackage, ...]

    def addressed(self, spec: str) -> str:
        """Return a MatchSpec with its channel in the form that the solver compares with.

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
        return f"{found[0].urls[0]}::{rest}"


def sort(names: Sequence[str], subdir: str, virtual_packages: Sequence[tuple[str, str, str]]) -> Sources:
    """Find out what each channel is for.

    Args:
        names: The channels as the caller names them, in order of priority.
        subdir: The platform.
        virtual_packages: `(name, version, build)` of virtual packages; those of a channel replace them.

    Raises:
        UsageError: A channel makes no sense.
    """
    real: dict[channels.Channel, Source] = {}
    preferred: list[RepoDataRecord] = []
    prefer_specs: list[str] = []
    virtual = {name: _virtual(name, version, build) for name, version, build in virtual_packages}
    for name in names:
        channel = channels.resolve(name, project=Path.cwd())
        directory = _directory(channel)
        image = image_channel.read(directory) if directory else None
        fake = _virtual_records(directory, subdir) if directory and image is None else ()
        if directory and image:
            preferred += _records(directory, subdir, channel)
            prefer_specs += image["info"][image_channel.PREFER]
        elif fake:
            virtual |= {entry["name"]: _virtual(entry["name"], entry["version"], entry["build"]) for entry in fake}
        else:
            parts = [Channel(url) for url in channel.urls]
            real[channel] = MultiSource(channel.written, parts) if len(parts) > 1 else parts[0]
    return Sources(real, tuple(preferred), tuple(prefer_specs), tuple(virtual.values()))


def _names(channel: channels.Channel) -> set[str]:
    """Return the names under which a specification may mean a channel."""
    names = {channel.written, *channel.urls, *map(channels.public, channel.urls)}
    if len(channel.urls) == 1:
        path = channels.public(channel.urls[0]).partition("://")[2].partition("/")[2]
        names.add(path.rpartition("/")[2] if channel.urls[0].startswith("file:") else path)
    return names


def _directory(channel: channels.Channel) -> Path | None:
    """Return the directory of a local channel, or None."""
    parts = urlsplit(channel.urls[0])
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def _virtual_records(directory: Path, subdir: str) -> tuple[Mapping[str, Any], ...]:
    """Return the records of a channel that holds virtual packages and nothing else, the best of each name."""
    entries: dict[str, Mapping[str, Any]] = {}
    for part in ("noarch", subdir):
        try:
            repodata = json.loads((directory / part / "repodata.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for entry in [*repodata.get("packages", {}).values(), *repodata.get("packages.conda", {}).values()]:
            if not entry["name"].startswith("__"):
                return ()
            former = entries.get(entry["name"])
            if former is None or Version(former["version"]) < Version(entry["version"]):
                entries[entry["name"]] = entry
    return tuple(entries.values())


def _virtual(name: str, version: str, build: str) -> GenericVirtualPackage:
    """Return a virtual package in rattler's words."""
    return GenericVirtualPackage(PackageName(name), Version(version), BuildString(build or "0"))


def _records(directory: Path, subdir: str, channel: channels.Channel) -> list[RepoDataRecord]:
    """Return all records of a local channel's subdir."""
    return RepoData.from_path(directory / subdir / "repodata.json").into_repo_data(Channel(channel.urls[0]))
