"""Channels: from what a project or a predictor writes to base URLs, and back from a package's URL.

A lockfile names channels as they are written, so that it holds behind a mirror and in another directory; it never
holds a credential. A local channel outside the project that is written with an absolute path keeps it: it is a path of
that machine, wherever the project is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from cortexlock.errors import IntegrityError, UsageError
from cortexlock.inputs.channels import is_local, local_directory, local_name
from cortexlock.model.package import CondaPackage
from cortexlock.patterns import pattern

DEFAULTS = "defaults"
# What conda 4.7 knows without configuration: its default channels (without msys2, which is Windows') and its alias.
_DEFAULT_HOST = "https://repo.anaconda.com"
_DEFAULT_CHANNELS = ("pkgs/main", "pkgs/r")
_ALIAS = "https://conda.anaconda.org"
_TOKEN = pattern(r"/t/[^/]+(?=/)")
_SUBDIR = pattern(r"/(?:linux-64|linux-aarch64|noarch)$")


@dataclass(frozen=True, slots=True)
class Channel:
    """Where conda packages come from, under one name and with one priority.

    Attributes:
        written: As lockfiles name it: `defaults`, `conda-forge`, `https://example.org/channel`, `./channel`.
        urls: Its base URLs in order, without a final slash, with the credentials that were written; more than one
            for `defaults`, and these share one priority.
    """

    written: str
    urls: tuple[str, ...]

    @property
    def argument(self) -> str:
        """What a conda executable is given for `--channel`: the name of a known channel, else its URL."""
        return self.written if _is_name(self.written) and self.urls == _known(self.written) else self.urls[0]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a package lies: the channel as written, the subdir, the archive's file name."""

    channel: str
    subdir: str
    file: str


def resolve(written: str, *, project: Path, aliases: Mapping[str, str] | None = None) -> Channel:
    """Find out what a channel means.

    Args:
        written: A name (`defaults`, `conda-forge/label/dev`), a URL (`https`, `http`, `file`), or a path, relative
            to the project or absolute.
        project: The project's absolute path.
        aliases: Addresses that names stand for, in place of conda's; the name stays the channel's name.

    Raises:
        UsageError: It is none of these.
    """
    text = written.strip()
    if not text:
        raise UsageError("a channel is empty", hint="remove it from `channels`")
    scheme = urlsplit(text).scheme if "://" in text else ""
    if scheme == "file" or is_local(text):
        return Channel(local_name(text, project=project), (local_directory(text, project=project).as_uri(),))
    if scheme in {"http", "https"}:
        url = _SUBDIR.sub("", text.rstrip("/"))
        return Channel(public(url), (url,))
    if scheme:
        raise UsageError(f"a channel cannot be reached by `{scheme}`: {public(text)}", hint="use https, http or file")
    name = _SUBDIR.sub("", text.strip("/"))
    if aliases and name in aliases:
        return Channel(name, resolve(aliases[name], project=project).urls)
    return Channel(name, _known(name))


def resolve_all(
    written: Iterable[str], *, project: Path, aliases: Mapping[str, str] | None = None
) -> tuple[Channel, ...]:
    """Resolve channels in order of priority; one that is named twice counts once."""
    found: dict[str, Channel] = {}
    for text in written:
        channel = resolve(text, project=project, aliases=aliases)
        found.setdefault(channel.written, channel)
    return tuple(found.values())


def of_archive(url: str, *, project: Path) -> Channel:
    """Return the channel that an archive's URL belongs to: `…/channel/subdir/file`.

    Raises:
        UsageError: The URL makes no sense.
    """
    base = url.rsplit("/", 2)[0]
    for host in (_ALIAS, _DEFAULT_HOST):
        if base.startswith(f"{host}/"):
            return resolve(base.removeprefix(f"{host}/"), project=project)
    return resolve(base, project=project)


def public(url: str) -> str:
    """Return a URL without user, password and token (`/t/<token>/`); a channel's name as it is."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    path = _TOKEN.sub("", parts.path) if parts.scheme in {"http", "https"} else parts.path
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))


def locate(url: str, channels: Sequence[Channel]) -> Place:
    """Find the channel that a package's URL belongs to.

    Raises:
        IntegrityError: It belongs to none of them.
    """
    plain = unquote(public(url))
    for channel in channels:
        for base in channel.urls:
            prefix = unquote(public(base)) + "/"
            subdir, _, file = plain.removeprefix(prefix).rpartition("/")
            if plain.startswith(prefix) and file and "/" not in subdir:
                return Place(channel.written, subdir, file)
    raise IntegrityError("the package is in none of the project's channels", where=public(url))


def is_of_project(channel: str) -> bool:
    """Whether a channel of a lockfile is a directory that is named relative to the project."""
    return channel.startswith(".")


def likely_url(package: CondaPackage, urls: Sequence[str]) -> str:
    """Return where a package is likely to be: of the parts of `defaults`, R's packages are in one of their own."""
    of_r = package.name == "r" or package.name.startswith(("r-", "_r-", "rstudio"))
    return next((url for url in urls if ("/pkgs/r/" in url) == of_r), urls[0])


def with_credentials(url: str, channels: Sequence[Channel]) -> str:
    """Return the URL of a package with the credentials that its channel was written with."""
    for channel in channels:
        for base in channel.urls:
            if url.startswith(f"{public(base)}/"):
                return base + url.removeprefix(public(base))
    return url


def archive_urls(package: CondaPackage, channels: Sequence[Channel]) -> tuple[str, ...]:
    """Return where the archive of a locked package can be had: one URL per base URL of its channel.

    Args:
        package: A package with an archive.
        channels: The channels as written now, their credentials included; a channel that is none of them is
            looked up by its name.

    Raises:
        UsageError: Its channel is a path that is none of `channels`.
    """
    found = next((channel for channel in channels if channel.written == package.channel), None)
    if found is None:
        if is_of_project(package.channel):
            raise UsageError(f"the channel {package.channel} of {package.name} is not configured")
        found = resolve(package.channel, project=Path())
    return tuple(f"{base}/{package.subdir}/{quote(package.file, safe='!+')}" for base in found.urls)


def _known(name: str) -> tuple[str, ...]:
    """Return where conda looks for a channel of that name."""
    if name == DEFAULTS:
        return tuple(f"{_DEFAULT_HOST}/{part}" for part in _DEFAULT_CHANNELS)
    host = _DEFAULT_HOST if name.startswith("pkgs/") else _ALIAS
    return (f"{host}/{name}",)


def _is_name(text: str) -> bool:
    """Whether a channel is named: neither URL nor path."""
    return "://" not in text and not is_local(text)
