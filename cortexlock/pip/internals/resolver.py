"""pip's resolver for a target, on top of an image.

- The finder gets a `TargetPython`, the resolver `py_version_info`, markers the target's environment.
- The image's distributions are pip's *installed distributions*, so that pip keeps what satisfies and changes the rest.
- Versions of a previous lock come first among the index's candidates: a preference, never a constraint.
- Metadata of source trees comes from a callable of ours, never from a build under the host's interpreter.
- An index that does not answer is an error; pip itself goes on as if the project did not exist.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from json import JSONDecodeError
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from pip._internal import exceptions
from pip._internal.distributions.sdist import SourceDistribution
from pip._internal.index import collector
from pip._internal.index.package_finder import LinkEvaluator
from pip._internal.models import link as link_module
from pip._internal.models.link import Link
from pip._internal.models.search_scope import SearchScope
from pip._internal.operations import prepare
from pip._internal.operations.prepare import RequirementPreparer
from pip._internal.req import InstallRequirement
from pip._internal.resolution.resolvelib.candidates import EditableCandidate, LinkCandidate
from pip._internal.resolution.resolvelib.factory import Factory
from pip._internal.resolution.resolvelib.provider import PipProvider
from pip._internal.utils.temp_dir import global_tempdir_manager
from pip._vendor.cachecontrol.adapter import CacheControlAdapter
from pip._vendor.cachecontrol.controller import CacheController
from pip._vendor.packaging import markers as pip_markers
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.urllib3.exceptions import HTTPError

from cortexlock.errors import IntegrityError
from cortexlock.model.predictor import Distribution
from cortexlock.model.target import Target
from cortexlock.pip.internals import (
    candidate_metadata,
    download,
    fetcher,
    http_cache,
    index_pages,
    outcome,
    plain_links,
    prereleases,
    ranged_wheel,
    references,
    search,
    wheel_metadata,
)
from cortexlock.pip.internals.ahead import Ahead, Forecast
from cortexlock.pip.internals.failures import broken_answer, needs_itself, no_url, raise_network_error, translated
from cortexlock.pip.internals.observed import Observed
from cortexlock.pip.internals.replaced import replaced
from cortexlock.pip.internals.substitutes import (
    Trees,
    content_of_page,
    sized_link,
    source_metadata,
    unpack_file,
    update_editable,
)
from cortexlock.pip.internals.target import ImageResolver, TargetRepository, as_pip_distribution, preferring
from cortexlock.pip.resolution.likely import Guesses
from cortexlock.pip.resolution.values import Checkout, Preference, Resolved
from cortexlock.storage import whole_file
from cortexlock.storage.digests import file_digest

if TYPE_CHECKING:
    from typing_extensions import Self


class PipResolver:
    """pip's resolver for one target. Use it as a context manager; it can resolve several times."""

    def __init__(  # noqa: PLR0913 - what decides a resolution
        self,
        target: Target,
        *,
        project: Path,
        arguments: Sequence[str],
        cache: Path,
        trees: Trees,
        refresh: bool = False,
        since: float = inf,
    ) -> None:
        """Set pip up.

        Args:
            target: What to resolve for.
            project: The project's directory, that places in messages are relative to.
            arguments: Options of `pip install` that say where packages come from.
            cache: Directory of the HTTP cache.
            trees: Checks repositories out, and gives the METADATA of source trees for the target.
            refresh: Whether to ask for pages that the index has said to be good for longer.
            since: Pages that were asked for since then are not asked for again, in seconds since 1970.
        """
        self._target = target
        self._project = project
        self._arguments = [*arguments, "--cache-dir", str(cache), "--no-input", "--use-feature", "fast-deps"]
        self._trees = trees
        self._refresh = refresh
        self._since = since
        self._checkouts: dict[str, Checkout] = {}
        self._cache = cache
        self._stack = ExitStack()
        self._sizes: dict[str, int] = {}
        self._redirects: dict[str, str] = {}
        self._is_undated: Callable[[str], bool] = lambda _page: False
        self.observed = Observed()
        self._repository: TargetRepository

    def __enter__(self) -> Self:
        """Take over pip's process-wide state."""
        logging.getLogger("pip").setLevel(logging.WARNING)
        self._stack.enter_context(global_tempdir_manager())
        self._scratch = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cortexlock-metadata-")))
        environment = self._target.marker_environment
        wheels = wheel_metadata.WheelMetadata(self._cache / "metadata", self._trees, since=self._since)
        taking = search.taking(self._takes_undated, self._redirects, self.observed.leave_out)
        for owner, name, replacement in (
            (pip_markers, "default_environment", lambda: dict(environment)),
            (SourceDistribution, "prepare_distribution_metadata", source_metadata(self._trees, self._scratch)),
            (prepare, "unpack_vcs_link", self._unpack_vcs_link),
            (prepare, "unpack_file", unpack_file),
            (prepare, "dist_from_wheel_url", ranged_wheel.distribution),
            (InstallRequirement, "update_editable", update_editable(self._unpack_vcs_link)),
            (collector, "_handle_get_simple_fail", raise_network_error),
            (collector, "_make_index_content", content_of_page(self._redirects)),
            (LinkCandidate, "_prepare_distribution", candidate_metadata.read_by_us(LinkCandidate)),
            (EditableCandidate, "_prepare_distribution", candidate_metadata.read_by_us(EditableCandidate)),
            (Factory, "_make_base_candidate_from_link", references.with_places(self._project, self.observed.pass_over)),
            (Factory, "_make_requirements_from_install_req", references.for_the_target(self._project)),
            (LinkEvaluator, "evaluate_link", taking),
            (Link, "from_json", classmethod(sized_link(self._sizes))),
            (CacheController, "cache_response", http_cache.cache_response),
            (CacheControlAdapter, "send", http_cache.send),
            (CacheControlAdapter, "build_response", http_cache.build_response),
            (link_module, "_ensure_quoted_url", plain_links.quoted),
            (Link, "__init__", plain_links.make),
            (RequirementPreparer, "_fetch_metadata_only", wheels.stand_in()),
        ):
            self._stack.enter_context(replaced(owner, name, replacement))
        arguments = [*self._arguments, "--src", str(self._scratch / "src")]
        self._repository = TargetRepository(self._target, arguments, self._cache)
        self._pages = index_pages.of_finder(
            self._repository.finder, self._cache.parent / "pages", refresh=self._refresh, since=self._since
        )
        self._stack.enter_context(self._pages.take_over())
        tags = self._repository.finder.target_python.get_sorted_tags()
        guesses = Guesses(self._target.python_final, {str(tag): rank for rank, tag in enumerate(tags)}, environment)
        self._ahead = Ahead(self._repository.session, self._pages, wheels, guesses, self._trees)
        self._stack.callback(self._ahead.close)
        # Resolutions of build requirements run inside of others, whose preferences are none of theirs.
        self.in_order = self._find = self._finders_own = self._repository.finder.find_best_candidate
        self._facts = outcome.Facts(
            self._repository.session, self._sizes, self._redirects, self._checkouts, self._project
        )
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give pip's process-wide state back."""
        self._stack.close()

    @property
    def repository(self) -> TargetRepository:
        """The pip-tools repository: its finder, session and options serve the parser of requirements files."""
        return self._repository

    def look_at(
        self,
        index_urls: Sequence[str],
        find_links: Sequence[str],
        bound: Mapping[str, Sequence[str]] | None = None,
        is_undated: Callable[[str], bool] = lambda _page: False,
    ) -> None:
        """Look for packages at these indexes and pages only.

        Args:
            index_urls: The indexes, the primary one first; credentials may be in them.
            find_links: Pages and directories of files.
            bound: Names and patterns of projects that are looked for at one of the indexes only, by its URL.
            is_undated: Tells of a page whether the cut-off date does not hold for what it lists without an upload time.
        """
        session, finder = self._repository.session, self._repository.finder
        self._is_undated = is_undated
        urls = [] if finder.search_scope.no_index else list(index_urls)
        session.update_index_urls(urls)
        finder.search_scope = SearchScope.create(list(find_links), urls, no_index=finder.search_scope.no_index)
        everywhere, owners = finder.search_scope, dict(bound or {})
        search.bind(finder._link_collector, owners)  # noqa: SLF001 - the one place that knows a project's name
        self._scope = lambda name: search.scope(everywhere, name, owners)

    def _takes_undated(self, page: str) -> bool:
        return self._is_undated(page)  # as the last `look_at` says

    def pages(self, name: str) -> tuple[str, ...]:
        """Return the pages on the network that have files of a project for the target, sorted."""
        links = (candidate.link for candidate in self._repository.finder.find_all_candidates(name))
        found = {str(getattr(link.comes_from, "url", link.comes_from) or "") for link in links}
        return tuple(sorted({self._redirects.get(page, page) for page in found - {""}}))

    def releases(self, name: str) -> tuple[str, ...]:
        """Return the versions of a project that have a file for the target, oldest first, without yanked files."""
        found = {each.version for each in self._repository.finder.find_all_candidates(name) if not each.link.is_yanked}
        return tuple(str(version) for version in sorted(found))

    def resolve(
        self,
        requirements: Sequence[InstallRequirement],
        *,
        installed: Sequence[Distribution] = (),
        preferences: Mapping[str, Preference] | None = None,
        of_build: bool = False,
    ) -> tuple[Resolved, ...]:
        """Resolve requirements on top of what is installed.

        Args:
            requirements: What is asked for, constraints included.
            installed: What the image has.
            preferences: Versions that come first among an index's candidates, by normalized name.
            of_build: Whether a build requires them: only wheels will do then.

        Returns:
            What is chosen, what is kept of the image included, sorted by name.

        Raises:
            ImpossibleError: There is no solution.
            NetworkError: An index does not answer.
            IntegrityError: A file is not what its hash says.
        """
        finder = self._repository.finder
        if not of_build:  # what builds need is found by the same pip, which is not in their environments
            self._find = prereleases.as_in_image(finder, self._finders_own, installed, self._target.python)
        in_order = preferring(self._find, preferences or {}, self.observed.move)
        self.in_order = self.in_order if of_build else in_order
        self._repository.installed = {dist.name: as_pip_distribution(dist) for dist in installed}
        sdists = not of_build and not any(each.hash_options for each in requirements)  # no other files than hashed ones
        forecast = Forecast(
            self._ahead, self._scope, finder.format_control, installed, preferences or {}, sdists=sdists
        )
        if of_build or not fetcher.begin(self._ahead, forecast, requirements, self._redirects, self._stack):
            forecast.begin(requirements)
        PipProvider.is_satisfied_by.cache_clear()  # it holds candidates of resolutions before, whose metadata are gone
        resolver = ImageResolver(requirements, {}, self._repository, allow_unsafe=True)
        with replaced(finder, "find_best_candidate", in_order), self._in_our_terms():
            resolver.resolve()
            found = outcome.of(resolver.outcome, self._facts)
            outcome.check_hashes(requirements, found, self._repository.session, self._project)
        return found

    @contextmanager
    def _in_our_terms(self) -> Iterator[None]:
        """Raise errors of ours in place of those of pip and of the libraries below it."""
        try:
            yield
        except exceptions.PipError as error:
            raise translated(error, self._repository.finder, self._project, self.observed.unreadable) from error
        except (RequestException, HTTPError, JSONDecodeError, UnicodeDecodeError) as error:
            raise broken_answer(error) from error
        except LookupError as error:
            raise (needs_itself(error) or error) from error
        except ValueError as error:
            raise (no_url(error) or error) from error

    def download(self, resolved: Resolved, directory: Path) -> Path:
        """Fetch an artifact of the resolution and check its hash.

        Args:
            resolved: What to fetch.
            directory: Where to keep it; a file of its name that is there is taken, once its hash is checked.

        Raises:
            IntegrityError: The file has another hash than the index says.
            NetworkError: It does not come.
        """
        path = directory / resolved.sha256 / resolved.file
        if not path.is_file() or file_digest(path) != resolved.sha256:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._in_our_terms():
                content = download.content(Link(resolved.url), self._repository.session)
            found = hashlib.sha256(content).hexdigest()
            if found != resolved.sha256:
                raise IntegrityError(f"sha256 is {found}, the index says {resolved.sha256}", where=resolved.file)
            whole_file.write(path, content)
        return path

    def _unpack_vcs_link(self, link: Link, location: str, verbosity: int = 0) -> None:
        """Stand in for pip's checkout, which knows no tree hash and puts credentials into arguments."""
        del verbosity
        self._checkouts[link.url] = self._trees.check_out(link.url, Path(location))
