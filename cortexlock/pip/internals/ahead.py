"""Index pages and metadata, fetched side by side ahead of the resolver, which asks for one after the other.

What is asked for comes from the requirements, the image, and each METADATA that arrives. It is asked of the indexes
that pip would ask, by pip's own session, and no project is asked for that a directory or URL stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.exceptions import PipError
from pip._internal.models.link import Link
from pip._vendor.urllib3.exceptions import HTTPError

from cortexlock.model.predictor import Distribution
from cortexlock.pip.internals import connections, download
from cortexlock.pip.internals.index_pages import IndexPages, Page
from cortexlock.pip.internals.substitutes import Trees, archive_of
from cortexlock.pip.internals.wheel_metadata import WheelMetadata
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.resolution.likely import Guesses, Likely, Wish, foreseen
from cortexlock.pip.resolution.values import Preference

if TYPE_CHECKING:
    from pip._internal.models.format_control import FormatControl
    from pip._internal.models.search_scope import SearchScope
    from pip._internal.network.session import PipSession
    from pip._internal.req import InstallRequirement

CONNECTIONS = 12
"""Requests at one time, for what is foreseen."""

_ASKED = 2
"""Requests at one time for what the resolver has come to: it would wait for twelve guesses otherwise."""

_MOST_PROJECTS = 2000
_MOST_GUESSES = 3
"""Files of one project that are looked into ahead: what a resolution rejects more often, it asks for by itself."""

_MOST_SDISTS = 1
"""Guesses at a project after which no sdist of it is looked into ahead: a build runs its code, and the best candidate
by what is known first is the one that the resolver looks into first."""

_MOST_BYTES = 1 << 25
"""The size of an sdist that is fetched ahead."""

_GRACE = 0.5
"""Seconds that the end of a resolution waits for requests which are on their way."""


class Ahead:
    """Fetches for one resolver, by threads that end with it."""

    def __init__(
        self, session: PipSession, pages: IndexPages, wheels: WheelMetadata, guesses: Guesses, trees: Trees
    ) -> None:
        """Fetch into what the resolver reads.

        Args:
            session: Has credentials, certificates, proxies and retries; it has sent no request yet.
            pages: The pages.
            wheels: The metadata of wheels.
            guesses: Tells what the resolver will probably look at.
            trees: Looks into sdists.
        """
        connections.allow(session, CONNECTIONS + _ASKED + 1)
        self.session = session
        self.pages = pages
        self.wheels = wheels
        self.guesses = guesses
        self.trees = trees
        pages.wait = trees.wait
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="ahead")
        self._asked = ThreadPoolExecutor(_ASKED, thread_name_prefix="asked")
        self._running: set[Future[Any]] = set()
        self._lock = Lock()
        self._is_over = False

    def renew(self) -> None:
        """Leave the connections that are open to the process that this one is a copy of."""
        connections.renew(self.session, CONNECTIONS + _ASKED + 1)

    def submit(self, function: Callable[..., object], *arguments: Any, asked: bool = False) -> None:  # noqa: ANN401 - those of the function
        """Call a function in a thread, unless the resolver is done; `asked`: the resolver waits for it."""
        with self._lock:
            if self._is_over:
                return
            future = (self._asked if asked else self._pool).submit(function, *arguments)
            self._running.add(future)
        future.add_done_callback(self._done)

    def look_into_sdist(self, link: Link, name: str, then: Callable[[bytes], object]) -> None:
        """Begin to find out the METADATA of an sdist, as `Trees.look_ahead` does."""
        archive, session = archive_of(link), self.session

        def fetch(path: Path) -> None:
            try:
                download.copy(link, session, path, sha256=archive, most=_MOST_BYTES)
            except (PipError, HTTPError, ValueError) as error:
                raise OSError(f"{link.filename} does not come") from error

        self.trees.look_ahead(archive, name, fetch, then)

    def close(self) -> None:
        """Ask for nothing any more."""
        with self._lock:
            self._is_over = True
            running = set(self._running)
        for pool in (self._pool, self._asked):
            pool.shutdown(wait=False, cancel_futures=True)
        wait([each for each in running if not each.cancelled()], timeout=_GRACE)

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            self._running.discard(future)


class Forecast:
    """What one resolution will ask for, as far as that can be foreseen."""

    def __init__(  # noqa: PLR0913 - what decides a resolution
        self,
        ahead: Ahead,
        scope: Callable[[str], SearchScope],
        formats: FormatControl,
        installed: Sequence[Distribution],
        preferences: Mapping[str, Preference],
        *,
        sdists: bool = True,
    ) -> None:
        """Describe a resolution.

        Args:
            ahead: Fetches.
            scope: Tells where a project is looked for.
            formats: Tells which projects are to have no wheels.
            installed: What the image has.
            preferences: Versions that come first.
            sdists: Whether sdists are looked into ahead.
        """
        self._ahead = ahead
        self._formats = formats
        self._scope = scope
        self._installed = {distribution.name: distribution for distribution in installed}
        self._preferences = preferences
        self._wishes: dict[str, Wish] = {}
        self._sdists = sdists
        self._direct: set[str] = set()
        self._lock = Lock()

    def begin(self, requirements: Iterable[InstallRequirement]) -> None:
        """Foresee what requirements of the project, or of a build, lead to."""
        wanted = []
        for each in requirements:
            if each.link is not None or each.req is None:
                if not each.name:  # it can be any project, which no index is to be asked for then
                    return
                self._direct.add(canonicalize_name(each.name))
            elif each.match_markers():
                name = str(each.name)
                extras = f"[{','.join(sorted(each.extras))}]" if each.extras else ""
                requirement = Requirement(f"{name}{extras}{each.specifier}")
                if each.constraint:
                    self._wishes.setdefault(canonicalize_name(name), Wish()).add(requirement)
                else:
                    wanted.append(requirement)
        for name in {canonicalize_name(requirement.name) for requirement in wanted}:
            self._wishes.setdefault(name, Wish())
        for requirement in wanted:
            self._want(requirement)
        for name in foreseen({canonicalize_name(requirement.name) for requirement in wanted}, self._preferences):
            if name not in self._installed and name not in self._direct:
                self._ahead.submit(self._fetch_pages, name)

    def _want(self, requirement: Requirement) -> None:
        name = canonicalize_name(requirement.name)
        with self._lock:
            if requirement.url or name in self._direct or len(self._wishes) > _MOST_PROJECTS:
                return
            is_first = name not in self._wishes or not self._wishes[name].seen
            wish = self._wishes.setdefault(name, Wish())
            is_news = wish.add(requirement)
            wish.seen = True
        if not (is_first or is_news):
            return
        there = self._installed.get(name)
        if there is not None and wish.specifier.contains(there.version, prereleases=True):
            self._follow(name, there.requires, there.extras)
        else:
            self._ahead.submit(self._look_up, name)

    def _look_up(self, name: str) -> None:
        """Fetch the pages of a project, and the metadata of what is likely to be chosen."""
        pages = self._fetch_pages(name)
        with self._lock:
            wish = self._wishes[name]
            specifier = wish.specifier
        preference = self._preferences.get(name)
        files = [file for page in pages for file in page.files]
        likely = self._ahead.guesses.best(files, specifier, preference.version if preference else "")
        if likely is None:
            return
        with self._lock:
            wish.guessed.add(likely.version)
            if len(wish.guessed) > (_MOST_GUESSES if likely.wheel else _MOST_SDISTS):
                return
        url = next(page.url for page in pages if any(file is likely.file for file in page.files))
        self._look_into(likely, url, name)

    def _fetch_pages(self, name: str) -> list[Page]:
        locations = self._scope(name).get_index_urls_locations(name)
        links = [Link(location, cache_link_parsing=False) for location in locations]
        found = [self._ahead.pages.get(link) for link in links if link.scheme in {"http", "https"}]
        return [page for page in found if page is not None]

    def _look_into(self, likely: Likely, page: str, name: str) -> None:
        """Fetch the metadata of a file, and foresee what it leads to."""
        link = Link.from_json(dict(likely.file), page)
        formats = self._formats.get_allowed_formats(canonicalize_name(name))
        if link is None or ("binary" if likely.wheel else "source") not in formats:
            return
        if not likely.wheel:
            if self._sdists and archive_of(link):
                self._ahead.look_into_sdist(link, canonicalize_name(name), partial(self._read, name))
            return
        content = self._ahead.wheels.fetch(link, name, self._ahead.session)
        if content is not None:
            self._read(name, content)

    def _read(self, name: str, content: bytes) -> None:
        """Foresee what METADATA leads to."""
        metadata = core_metadata.read(core_metadata.decoded(content))
        self._follow(name, metadata.requires, metadata.extras)

    def _follow(self, name: str, requires: Sequence[str], provided: Sequence[str]) -> None:
        there = {canonicalize_name(extra) for extra in provided}
        with self._lock:
            extras = [extra for extra in sorted(self._wishes[name].extras) if canonicalize_name(extra) in there]
        for requirement in self._ahead.guesses.needed(requires, extras):
            self._want(requirement)
