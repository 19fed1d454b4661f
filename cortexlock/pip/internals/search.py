"""Where pip looks for a project: everywhere, or at one index only; and what it takes without an upload time."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from pip._internal.index.package_finder import LinkEvaluator, LinkType, PackageFinder
from pip._internal.models.search_scope import SearchScope

from cortexlock.formats.versions import is_version
from cortexlock.model.project import covers
from cortexlock.network import urls
from cortexlock.pip.metadata.core_metadata import python_requirement
from cortexlock.pip.resolution.values import PassedOver

if TYPE_CHECKING:
    from pip._internal.index.collector import LinkCollector
    from pip._internal.models.link import Link

_PLAIN = re.compile(r"\d+(?:\.\d+)*")  # nearly all versions are so, of thousands


def bind(collector: LinkCollector, bound: Mapping[str, Sequence[str]]) -> None:
    """Let a collector look for some projects at one index only, and at that index for nothing else.

    No other index is even asked for such a name: who sees the question learns it.

    Args:
        collector: Collects links; its search scope has all indexes.
        bound: Names and patterns of projects by the URL of their index.
    """
    collect = type(collector).collect_sources

    def collect_sources(project_name: str, candidates_from_page: Any) -> Any:  # noqa: ANN401 - pip's own types
        everywhere = collector.search_scope
        collector.search_scope = scope(everywhere, project_name, bound)
        try:
            return collect(collector, project_name, candidates_from_page)
        finally:
            collector.search_scope = everywhere

    vars(collector)["collect_sources"] = collect_sources


def scope(everywhere: SearchScope, name: str, bound: Mapping[str, Sequence[str]]) -> SearchScope:
    """Return where a project is looked for."""
    owners = [url for url in everywhere.index_urls if covers(bound.get(url, ()), name)]
    if owners:
        return SearchScope([], owners, no_index=everywhere.no_index)
    others = [url for url in everywhere.index_urls if not bound.get(url)]
    return SearchScope(everywhere.find_links, others, no_index=everywhere.no_index)


def taking(
    is_undated: Callable[[str], bool], redirects: Mapping[str, str], on_unversioned: Callable[[PassedOver], None]
) -> Callable[[LinkEvaluator, Link], tuple[Any, str]]:
    """Make a stand-in for pip's look at a link that takes what some pages list without an upload time.

    pip does so with directories of files; a page that only links to files has no upload times either. What a page says
    of the Python that a file needs is read as metadata is.

    Args:
        is_undated: Tells of the URL of a page whether it is one of them.
        redirects: The pages that were asked for, by URL of those that answered.
        on_unversioned: Told about each file that has no valid version in its name: pip passes over it.
    """
    evaluate = LinkEvaluator.evaluate_link

    def evaluate_link(self: LinkEvaluator, link: Link) -> tuple[Any, str]:
        if link.requires_python:
            link.requires_python = python_requirement(link.requires_python)
        page = str(getattr(link.comes_from, "url", link.comes_from) or "")
        cut_off = self._uploaded_prior_to
        if cut_off is not None and link.upload_time is None and is_undated(redirects.get(page, page)):
            self._uploaded_prior_to = None
        try:
            result, detail = evaluate(self, link)
        finally:
            self._uploaded_prior_to = cut_off
        if result == LinkType.candidate and not _PLAIN.fullmatch(detail) and not is_version(detail):
            reason = f"its version `{detail}` is none (PEP 440)"
            on_unversioned(PassedOver(canonicalize_name(self.project_name), detail, link.filename, reason))
        return result, detail

    return evaluate_link


def all_files(finder: PackageFinder, name: str) -> tuple[str, ...]:
    """Return the names of all files that the indexes have of a project up to the cut-off date, whatever they are for.

    The page is asked for anew: of the one that was filtered for the target nothing else is left. Directories are listed
    here, as pip does not even look at files there whose names it cannot read.
    """
    files: list[str] = []
    until = finder.uploaded_prior_to

    class Everything:
        """Stands for pip's evaluator of links: it takes down what there is, and takes none of it."""

        project_name = name

        def evaluate_link(self, link: Link) -> tuple[LinkType, str]:
            if until is None or link.upload_time is None or link.upload_time < until:
                files.append(link.filename)
            return LinkType.format_unsupported, ""

    collected = finder._link_collector.collect_sources(  # noqa: SLF001 - what the finder itself asks, and filters
        project_name=name,
        candidates_from_page=partial(
            PackageFinder.process_project_url, finder, link_evaluator=cast("LinkEvaluator", Everything())
        ),
    )
    for source in (*collected.find_links, *collected.index_urls):
        if source is not None:
            files += [link.filename for link in source.file_links()]
            deque(source.page_candidates(), maxlen=0)
    for place in finder.find_links:
        directory = urls.local_path(place) or Path(place)
        files += sorted(each.name for each in directory.iterdir()) if directory.is_dir() else []
    begins = f"{canonicalize_name(name)}-"
    return tuple(dict.fromkeys(each for each in files if canonicalize_name(each).startswith(begins)))


def without_version(name: str, files: Sequence[str]) -> tuple[PassedOver, ...]:
    """Return a project's files if none of them has a name that says a version, and so none can be installed.

    Args:
        name: The project's normalized name.
        files: What `all_files` returns.
    """
    archives = [each for each in files if each.endswith((".whl", ".tar.gz", ".zip"))]
    if any(_says_version(each) for each in archives):
        return ()
    return tuple(PassedOver(name, "", each, "its name has no version that is one (PEP 440)") for each in archives)


def _says_version(file: str) -> bool:
    try:
        parse_wheel_filename(file) if file.endswith(".whl") else parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return False
    return True
