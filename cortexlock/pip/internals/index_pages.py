"""Pages of indexes on their way to pip: each is fetched once, by whoever is first, and filtered before pip sees it.

pip decides as before: it evaluates what is left, in the order of the page.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import timezone
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pip._internal.index import collector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.link import Link

from cortexlock.formats import json_text
from cortexlock.inputs.url_secrets import without
from cortexlock.network import bounded_read
from cortexlock.pip.indexes import file_rows
from cortexlock.pip.indexes.kept_pages import KeptPage, KeptPages
from cortexlock.pip.indexes.page_filter import File, PageFilter, last_second
from cortexlock.pip.internals.failures import broken_answer, no_page
from cortexlock.pip.internals.replaced import replaced

if TYPE_CHECKING:
    from pip._internal.index.collector import IndexContent
    from pip._internal.index.package_finder import LinkEvaluator
    from pip._internal.models.candidate import InstallationCandidate
    from pip._internal.network.session import PipSession

_JSON = "application/vnd.pypi.simple.v1+json"
_PIECE = 1 << 16
_OK = 200
_NOT_MODIFIED = 304


class GoneError(Exception):
    """Another process does not say what it was asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its files that can be candidates, or, where it is not JSON, what pip makes of it."""

    url: str
    files: tuple[File, ...] = ()
    content: IndexContent | None = None

    def links(self) -> Iterator[Link]:
        """Make pip's links, in the order of the page.

        Raises:
            NetworkError: It is no HTML, or of an encoding that nobody knows.
        """
        if self.content is not None:
            try:
                yield from collector.parse_links(self.content)
            except (AssertionError, LookupError) as error:  # how `html.parser` refuses markup; a charset of no name
                raise broken_answer(error, self.content.url) from error
        for file in self.files:
            link = Link.from_json(dict(file), self.url)
            if link is not None:
                yield link


class IndexPages:
    """The pages of one resolver; its methods can be called from any thread."""

    def __init__(
        self, finder: PackageFinder, page_filter: PageFilter, kept: KeptPages, *, until: str, refresh: bool
    ) -> None:
        """Fetch pages through pip's session.

        Args:
            finder: Has the session with credentials, certificates, proxies and retries, and evaluates links.
            page_filter: What is wanted of a page.
            kept: Keeps pages for such a filter.
            until: The last second in which a candidate can have been published.
            refresh: Whether to ask even where the index has said that a page is good for longer.
        """
        self._finder = finder
        self._session = finder._link_collector.session  # noqa: SLF001 - the finder has no other way to it
        self._filter = page_filter
        self._kept = kept
        self._until = until
        self._refresh = refresh
        self._pages: dict[tuple[str, bool], Future[Page | None]] = {}
        self.elsewhere: Callable[[Link], Future[Page | None]] | None = None
        """What fetches pages in place of this process; `GoneError` where one does not come."""
        self.wait: Callable[[Future[Page | None]], object] = lambda _: None
        """Does something useful until a page is there."""
        self._lock = Lock()

    def get(self, link: Link) -> Page | None:
        """Return a page; None: the index has none. Whoever comes first fetches it, all others wait.

        Raises:
            NetworkError: The index does not answer.
            RequestException, HTTPError, ValueError: It does not answer as it should.
        """
        future = self._pages.get(_key(link)) or self._begin(link)
        self.wait(future)
        try:
            return future.result()
        except GoneError:
            return self._fetch_after(future, link)

    def forget_others(self) -> None:
        """Forget what others were asked for, and have this process fetch: it is a copy of the one that asked."""
        self.elsewhere = None
        self._pages = {key: future for key, future in self._pages.items() if future.done()}

    def _begin(self, link: Link) -> Future[Page | None]:
        """Look whether a page is at hand; if not, have it fetched elsewhere, or fetch it."""
        elsewhere, own = self.elsewhere, Future[Page | None]()
        coming = own
        if elsewhere is not None:
            page = self._at_hand(link)
            if page is not None:
                own.set_result(page)
            else:
                coming = elsewhere(link)
        with self._lock:
            found = self._pages.setdefault(_key(link), coming)
        if found is own and not own.done():
            self._fetch_into(own, link)
        return found

    def _at_hand(self, link: Link) -> Page | None:
        """Return a page that need not be asked for; None: it must be."""
        url = link.url_without_fragment
        if link.cache_link_parsing:
            return None
        is_of_now = self._kept.is_of_now(url)  # before it is read: who asks for it writes it first, and says so then
        if self._refresh and not is_of_now:
            return None
        kept, files = self._of_before(url)
        return Page(kept.url, files) if kept is not None and (is_of_now or kept.is_fresh(time.time())) else None

    def _fetch_after(self, gone: Future[Page | None], link: Link) -> Page | None:
        """Return a page that does not come from elsewhere."""
        key = _key(link)
        with self._lock:
            is_first = self._pages[key] is gone
            future = self._pages[key] = Future() if is_first else self._pages[key]
        if is_first:
            self._fetch_into(future, link)
        return future.result()

    def _fetch_into(self, future: Future[Page | None], link: Link) -> None:
        try:
            future.set_result(self._fetch_links(link) if link.cache_link_parsing else self._fetch(link))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the page gets it
            future.set_exception(error)

    @property
    def are_remote(self) -> bool:
        """Whether there is an index on the network."""
        return any(url.startswith(("https:", "http:")) for url in self._finder.search_scope.index_urls)

    def process_project_url(self, project_url: Link, link_evaluator: LinkEvaluator) -> list[InstallationCandidate]:
        """Stand in for the finder's own: it makes an object of each file of a page before it looks at any."""
        if project_url.is_file:  # a directory
            return PackageFinder.process_project_url(self._finder, project_url, link_evaluator)
        page = self.get(project_url)
        return [] if page is None else self._finder.evaluate_links(link_evaluator, page.links())

    def take_over(self) -> AbstractContextManager[None]:
        """Let the finder have its pages from here, for as long as the context lasts."""
        return replaced(self._finder, "process_project_url", self.process_project_url)

    def _fetch(self, link: Link) -> Page | None:
        with self._kept.turn(link.url_without_fragment):
            return self._fetch_in_turn(link)

    def _fetch_in_turn(self, link: Link) -> Page | None:
        url = link.url_without_fragment
        kept, files = self._of_before(url)
        is_good = self._kept.is_of_now(url) or (not self._refresh and kept is not None and kept.is_fresh(time.time()))
        if kept is not None and is_good:
            return Page(kept.url, files)
        asked = _Conditional(self._session, kept)
        try:
            content = collector._get_index_content(link, session=asked)  # type: ignore[arg-type]  # noqa: SLF001
        except _NotModifiedError:
            if kept is None or asked.response is None:
                raise AssertionError from None
            self._kept.keep(kept, asked.response.headers, kept)
            return Page(kept.url, files)
        if content is None:
            return None
        if not content.content_type.lower().startswith(_JSON):
            return Page(content.url, content=content)
        digest = hashlib.sha256(content.content).hexdigest()
        if kept is not None and (kept.sha256, kept.url) == (digest, content.url):
            found = kept
        else:
            found = KeptPage(content.url, url, file_rows.written(self._wanted(content)), digest)
            files = found.files(self._until)
        if asked.is_public:
            self._kept.keep(replace(found, etag=""), asked.response.headers, kept)
        return Page(found.url, files)

    def _of_before(self, url: str) -> tuple[KeptPage | None, tuple[File, ...]]:
        """Return what is kept of a page, and which of its files can be candidates."""
        kept = self._kept.find(url)
        try:
            return kept, kept.files(self._until) if kept is not None else ()
        except ValueError:  # of somebody else's making
            return None, ()

    def _fetch_links(self, link: Link) -> Page | None:
        """Fetch a page of find-links, of which nothing is left out or kept: it is for all projects."""
        asked: Any = _Conditional(self._session, None)
        content = collector._get_index_content(link, session=asked)  # noqa: SLF001
        return None if content is None else Page(content.url, content=content)

    def _wanted(self, content: IndexContent) -> list[File]:
        try:
            return self._filter.wanted(json_text.parsed(content.content))
        except ValueError as error:
            raise broken_answer(error, content.url) from error


def _key(link: Link) -> tuple[str, bool]:
    return link.url_without_fragment, link.cache_link_parsing


class _NotModifiedError(Exception):
    """The page is as it is kept."""


class _Conditional:
    """pip's session as far as pages need it: it tells the index which state of a page is kept."""

    def __init__(self, session: PipSession, kept: KeptPage | None) -> None:
        self._session = session
        self._etag = kept.etag if kept is not None else ""
        self.response: Any = None

    def get(self, url: str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - a Response of pip's requests
        condition = {"If-None-Match": self._etag} if self._etag else {}
        # pip would keep the whole page, too, and read it from the disk each time.
        self.response = self._session.get(url, headers={**headers, **condition}, stream=True)
        if self.response.status_code == _NOT_MODIFIED and self._etag:
            self.response.close()
            raise _NotModifiedError
        if self.response.ok and self.response.status_code != _OK:
            self.response.close()  # pip takes any such answer for an empty page
            raise no_page(self.response, without(url))
        # In larger pieces than `content` takes: these pages have megabytes.
        with closing(self.response):
            pieces = self.response.iter_content(_PIECE)
            self.response._content = bounded_read.read(pieces, where=without(url))  # noqa: SLF001 - as `content` sets it
        return self.response

    def head(self, url: str, **options: Any) -> Any:  # noqa: ANN401 - as above
        return self._session.head(url, **options)

    @property
    def is_public(self) -> bool:
        """Whether no credentials were sent."""
        answers = (self.response, *self.response.history)
        return not any("Authorization" in each.request.headers for each in answers)


def of_finder(finder: PackageFinder, directory: Path, *, refresh: bool, since: float) -> IndexPages:
    """Return the pages for a finder, its target and its cut-off date, kept in a directory; see `IndexPages`."""
    wanted, cut_off = PageFilter(map(str, finder.target_python.get_sorted_tags())), finder.uploaded_prior_to
    until = last_second(cut_off.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if cut_off else None)
    return IndexPages(finder, wanted, KeptPages(directory, wanted.key, since=since), until=until, refresh=refresh)
