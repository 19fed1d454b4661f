"""What the channels say of packages: the records of a solution, and what there is of a name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cortexlock.conda import embedded
from cortexlock.conda.channels import Channel, public, with_credentials
from cortexlock.conda.failure import MALFORMED, CondaFailedError
from cortexlock.conda.match_specs import name_of
from cortexlock.errors import IntegrityError, NetworkError

_MALFORMED = "its repodata are no JSON of conda's: tell who keeps the channel"
_IS_IT_UP = "is its address right, and is it up?"


@dataclass(frozen=True, slots=True)
class Record:
    """A package as its channel describes it.

    Attributes:
        name: Package name.
        version: Version.
        build: Build string.
        url: Where its archive is, without credentials.
        sha256: Hash of the archive, or empty.
        md5: Hash of the archive, or empty.
        size: Bytes of the archive, 0 if not said.
        depends: MatchSpecs.
        noarch: `python`, `generic` or empty.
        timestamp: When it was built, seconds since 1970; None if not said.
    """

    name: str
    version: str
    build: str
    url: str
    sha256: str = ""
    md5: str = ""
    size: int = 0
    depends: tuple[str, ...] = ()
    noarch: str = ""
    timestamp: float | None = None

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The names of the packages that it depends on."""
        return tuple(map(name_of, self.depends))


def lookup(names: Sequence[str], channels: Sequence[Channel], *, subdir: str, cache: Path) -> tuple[Record, ...]:
    """Return all records of these names, from all channels, those of a name in order of their version.

    Args:
        names: Package names.
        channels: Where to look.
        subdir: The platform, besides `noarch`.
        cache: A directory for repodata.

    Raises:
        NetworkError: A channel cannot be read.
    """
    if not names:
        return ()
    try:
        found = embedded.search(names, channels, subdir=subdir, cache=cache)
    except CondaFailedError as failure:
        raise unreachable(failure, channels) from None
    return tuple(_record(entry) for entries in found.values() for entry in entries)


def unreachable(failure: CondaFailedError, channels: Sequence[Channel]) -> NetworkError:
    """Make the error of a channel that cannot be read: the one that the failure names, or py-rattler's own words."""
    named = [channels[0].written] if len(channels) == 1 else []
    said = f"{failure.url} {failure.reason}" if failure.reason else failure.message.strip()
    plain = unquote(said)
    for channel in channels:
        for url in {unquote(each) for base in channel.urls for each in (base, public(base))}:
            if f"{url}/" in plain:
                named.append(channel.written)
                # A channel that has only a name keeps its address: the name is no place to look at.
                shown = channel.written if "://" in channel.written or channel.written[:1] in "./" else public(url)
                plain = plain.replace(f"{url}/", f"{shown}/")
    first, *causes = plain.splitlines() or [""]  # py-rattler says a cause a line
    if named:
        hint = _MALFORMED if failure.name == MALFORMED else _IS_IT_UP
        where = f"channel {named[0]}"
        error = NetworkError(f"cannot be read: {first}", where=where, hint=hint, details=causes)
        error.channel = named[0]
        return error
    hint = "are the channels' addresses right, and are they up?"
    return NetworkError(f"a channel cannot be read: {first}", hint=hint, details=causes)


def dependers(found: Mapping[str, Record]) -> dict[str, set[str]]:
    """Return who depends on each package of a solution."""
    dependers: dict[str, set[str]] = {name: set() for name in found}
    for name, record in found.items():
        for dependency in record.dependencies:
            if dependency in dependers and dependency != name:
                dependers[dependency].add(name)
    return dependers


def reachable(start: set[str], found: Mapping[str, Record]) -> set[str]:
    """Return the packages that `start` needs, itself included."""
    reached: set[str] = set()
    waiting = [name for name in start if name in found]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [dependency for dependency in found[name].dependencies if dependency in found]
    return reached


def rattler_version() -> str:
    """Return py-rattler's version."""
    from importlib.metadata import version  # noqa: PLC0415 - slow

    return version("py-rattler")


def moment(text: str) -> datetime:
    """Return the time that an RFC 3339 date and time names; without an offset, in UTC."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def plain_url(url: str) -> str:
    """Return a URL in the form in which two ways to write it compare equal."""
    return unquote(public(url))


def with_sha256(record: Record, channels: Sequence[Channel], *, demand: bool = True) -> Record:
    """Return a record with the SHA-256 and the size of its archive, which is downloaded and checked for that.

    Args:
        record: A record that lacks one of them.
        channels: Where it is from, with credentials.
        demand: Whether there must be a hash to compare it with.

    Raises:
        NetworkError: The archive cannot be had.
        IntegrityError: There is no hash of it at all and one is demanded, or it is not what the channel says.
    """
    if demand and not (record.md5 or record.sha256):
        raise IntegrityError("the channel has no hash of this archive", where=public(record.url))
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    for piece in _pieces(with_credentials(record.url, channels)):
        sha256.update(piece)
        md5.update(piece)
        size += len(piece)
    found = replace(record, sha256=sha256.hexdigest(), md5=md5.hexdigest(), size=size)
    for name in ("size", "md5", "sha256"):
        said, is_so = getattr(record, name), getattr(found, name)
        if said and said != is_so:
            what = f"the archive is not what its channel says: its {name} is {is_so}, not {said}"
            raise IntegrityError(what, where=public(record.url))
    return found


def download(url: str, path: Path) -> None:
    """Write what an address has, unverified, into a file.

    Args:
        url: The address of an archive, with credentials.
        path: The file.

    Raises:
        NetworkError: The archive cannot be had.
        OSError: The file cannot be written.
    """
    with path.open("wb") as file:
        for piece in _pieces(url):
            file.write(piece)


def _pieces(url: str) -> Iterator[bytes]:
    """Yield the content of an archive, piece by piece."""
    from cortexlock.network import http  # noqa: PLC0415 - heavy, and rarely needed

    with http.new_session([url], connections=1) as session:
        try:
            yield from http.whole(url, session)
        except NetworkError as error:
            what = f"the archive cannot be read: {error.what}"
            raise NetworkError(what, where=public(url), hint=_IS_IT_UP, url=public(url), status=error.status) from None


def _record(entry: Mapping[str, Any]) -> Record:
    """Return a record in our words."""
    return Record(
        name=entry["name"],
        version=entry["version"],
        build=entry["build"],
        url=entry["url"],
        sha256=entry.get("sha256") or "",
        md5=entry.get("md5") or "",
        size=entry.get("size") or 0,
        depends=tuple(entry.get("depends") or ()),
        noarch=entry.get("noarch") or "",
        timestamp=entry["timestamp"] / 1000 if entry.get("timestamp") else None,
    )
