"""Aliases of package indexes and find-links pages: what a lockfile calls them, and where they are now.

A lockfile names an index by an alias, so that one made behind a mirror replays behind another. The primary index is
`default`; others have the names that `cortexlock.yaml` gives them, and those that only a requirements file has are
called `extra-1`, `extra-2`, … (indexes) and `links-1`, `links-2`, … (find-links), in their order there. Those of the
user's pip configuration, where it counts, are `pip-extra-1` and `pip-links-1` and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

from cortexlock.errors import NetworkError, UsageError
from cortexlock.inputs import credential_origins, url_secrets
from cortexlock.inputs.configuration import FILE_NAME as _FILE
from cortexlock.inputs.credential_origins import Origin
from cortexlock.model.index_alias import DEFAULT_INDEX, DeclaredIn, numbered
from cortexlock.model.project import Configuration, PipSettings
from cortexlock.network.urls import local_path, without_credentials
from cortexlock.pip.indexes.declarations import Declared

Kind: TypeAlias = Literal["index", "links"]
"""An index has a page for each project (PEP 503, PEP 691); find-links is one page or directory of files."""

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


@dataclass(frozen=True, slots=True)
class Location:
    """Where the files of an alias are.

    Attributes:
        alias: The name in lockfiles.
        url: A URL without credentials; an index's ends with a slash.
        kind: An index, or a find-links page or directory.
        credentials: User and password, or None. They belong into no message.
        origin: Where the credentials come from, or None.
        packages: Names and patterns of the projects that are looked for there and nowhere else.
        upload_times: Whether it must have upload times where there is a cut-off date.
    """

    alias: str
    url: str
    kind: Kind = "index"
    credentials: tuple[str, str] | None = None
    origin: Origin | None = None
    packages: tuple[str, ...] = ()
    upload_times: bool = True

    @property
    def is_undated(self) -> bool:
        """Whether a cut-off date does not hold for what has no upload time there."""
        return self.kind == "links" or not self.upload_times

    @property
    def hint(self) -> str:
        """What to do if the location refuses who asks."""
        if self.origin is not None:
            return self.origin.hint
        return "give user and password, or a token, in its URL: https://${TOKEN}@host/, the value in the environment"

    @property
    def url_with_credentials(self) -> str:
        """The URL for a program that takes credentials no other way; it belongs into no message either."""
        if self.credentials is None:
            return self.url
        parts = urlsplit(self.url)
        user_info = ":".join(quote(part, safe="") for part in self.credentials)
        return urlunsplit(parts._replace(netloc=f"{user_info}@{parts.netloc}"))

    def __repr__(self) -> str:
        """Leave the credentials out."""
        return f"Location({self.alias!r}, {self.url!r}, {self.kind!r})"


def locations(
    configuration: Configuration,
    declaration: Declared,
    *,
    environment: Mapping[str, str],
    index_url: str | None = None,
    default_url: str,
) -> tuple[Location, ...]:
    """Give every index and find-links location in force its alias, the primary one first.

    Args:
        configuration: The project's configuration, with names of indexes and perhaps the primary one.
        declaration: What the requirements file says.
        environment: Values of `${NAME}` in the configuration's URLs.
        index_url: The primary index as the command line names it, which goes before all others.
        default_url: The primary index if nobody names one: pip's own.

    Raises:
        UsageError: Two indexes of the configuration have one name, a URL is none, or a variable in it has no value.
    """
    configured = _configured_origins(configuration, environment)
    configuration = _with_values(configuration, environment)
    names: dict[str, str] = {}
    for index in configuration.indexes:
        if index.name == DEFAULT_INDEX or index.name in names.values():
            raise UsageError(
                f"the index name `{index.name}` is taken",
                where="cortexlock.yaml",
                hint="give each index a name of its own; `default` is the primary one, set by `index-url`",
            )
        names[_key(index.url)] = index.name
    settings = configuration.pip_settings or PipSettings()
    primary = index_url or configuration.index_url or declaration.index_url or settings.index_url or default_url
    found = [_location(DEFAULT_INDEX, primary, "index"), *_declared_locations(declaration, settings, names)]
    taken = {location.alias for location in found}
    found += [_location(each.name, each.url, "index") for each in configuration.indexes if each.name not in taken]
    known = (*configured, *declaration.origins)
    bound = {each.name: each.packages for each in configuration.indexes}
    undated = {each.name for each in configuration.indexes if not each.upload_times}
    return tuple(
        replace(
            location,
            origin=_origin(location, known),
            packages=bound.get(location.alias, ()),
            upload_times=location.alias not in undated,
        )
        for location in found
    )


def _declared_locations(declaration: Declared, settings: PipSettings, names: Mapping[str, str]) -> Iterator[Location]:
    """Yield what requirements files and pip's configuration name, with the names that the project has for it."""
    kinds: tuple[tuple[Kind, DeclaredIn, tuple[str, ...]], ...] = (
        ("index", "extra", declaration.extra_index_urls),
        ("index", "pip-extra", settings.extra_index_urls),
        ("links", "links", declaration.find_links),
        ("links", "pip-links", settings.find_links),
    )
    for kind, declared, urls in kinds:
        last = 0
        for url in urls:
            alias = names.get(_key(url))
            if alias is None:
                alias, last = numbered(declared, last + 1, names.values())
            yield _location(alias, url, kind)


def check_directories(places: Iterable[Location]) -> None:
    """Check that indexes and find-links locations of this machine are there; pip takes others for empty ones.

    Raises:
        NetworkError: One is not, or a place is a directory of another machine.
    """
    for place in places:
        parts = urlsplit(place.url)
        if parts.scheme == "file" and parts.netloc not in {"", "localhost"}:
            what = f"`{place.alias}` is not there: a `file:` URL names a path of this machine, and no host"
            raise NetworkError(what, hint="mount it, and write file:///path")
        path = local_path(place.url)
        if place.kind == "links":
            if path is not None and not path.exists():
                what = f"`--find-links` names {place.url}, which is not there"
                raise NetworkError(what, hint="is its path right, from the file that names it, and is it mounted?")
        elif path is not None and not path.is_dir():
            what = f"the index `{place.alias}` is not there: {place.url} is no directory"
            raise NetworkError(what, hint="is its address right, and is it mounted?")


def _configured_origins(configuration: Configuration, environment: Mapping[str, str]) -> list[Origin]:
    # The primary one may be an option of the command line, which stands above the file.
    urls = [(index.url, _FILE) for index in configuration.indexes]
    urls += [(configuration.index_url, "index-url")] if configuration.index_url else []
    found = (credential_origins.origin(url, file=where, where=where, environment=environment) for url, where in urls)
    return [origin for origin in found if origin is not None]


def _origin(location: Location, known: Sequence[Origin]) -> Origin | None:
    """Return where the credentials come from, in force or missing; those of the command line come from no file."""
    return next((origin for origin in known if origin.url.rstrip("/") == location.url.rstrip("/")), None)


def _with_values(configuration: Configuration, environment: Mapping[str, str]) -> Configuration:
    """Return the configuration with the values of the variables in its URLs."""

    def value(url: str) -> str:
        expanded = url_secrets.expand(url, environment)
        missing = _VARIABLE.search(expanded)
        if missing:
            raise UsageError(
                f"the environment variable {missing[1]}, which the URL of an index needs, is not set",
                where="cortexlock.yaml",
                hint=f"set {missing[1]}, when locking as when installing",
            )
        return expanded

    return replace(
        configuration,
        index_url=configuration.index_url and value(configuration.index_url),
        indexes=tuple(replace(index, url=value(index.url)) for index in configuration.indexes),
    )


def _location(alias: str, url: str, kind: Kind) -> Location:
    bare, user_info = without_credentials(url)
    if user_info is not None and _VARIABLE.search(":".join(user_info)):  # of a variable without a value
        user_info = None
    missing = _VARIABLE.match(bare)
    if missing:
        raise UsageError(
            f"the environment variable {missing[1]}, which is the URL of the index `{alias}`, is not set",
            hint=f"set {missing[1]}, when locking as when installing",
        )
    if urlsplit(bare).scheme not in {"http", "https", "file"}:
        raise UsageError(
            f"the index `{alias}` has a URL that is neither http:, https: nor file:",
            hint="name an index by its URL, a directory by `file:///…`",
        )
    return Location(alias, bare.rstrip("/") + "/" if kind == "index" else bare, kind, user_info)


def _key(url: str) -> str:
    """Return what two spellings of one location have in common."""
    return without_credentials(url)[0].rstrip("/")
