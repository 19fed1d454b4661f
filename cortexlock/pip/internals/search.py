"""Where pip looks for a project: everywhere, or at one index only, if the configuration binds its name to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pip._internal.models.search_scope import SearchScope

from cortexlock.model.project import covers

if TYPE_CHECKING:
    from pip._internal.index.collector import LinkCollector


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
