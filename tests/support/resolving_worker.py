"""A resolution for tests in a worker, which imports this module, and no pytest with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.pip.internals import fetcher
from cortexlock.pip.internals.index_pages import IndexPages, Page
from cortexlock.process_copy import ProcessCopy
from tests.support.resolution import resolve, versions

if TYPE_CHECKING:
    from pip._internal.models.link import Link


def lock(what: tuple[Path, str, str], _say: Callable[[str], None]) -> tuple[dict[str, str], list[str]]:
    """Resolve in a worker; return the versions, and the pages that the worker fetched by itself."""
    project, url, trouble = what
    by_itself, fetch = list[str](), IndexPages._fetch

    def noted(self: IndexPages, link: Link) -> Page | None:
        by_itself.append(link.filename)
        return fetch(self, link)

    def end(*_: object) -> None:
        os._exit(1)

    if trouble == "the copy ends":
        fetcher._Serving.serve = end  # type: ignore[assignment, method-assign]
    assert ProcessCopy.is_possible()
    IndexPages._fetch = noted  # type: ignore[method-assign]
    found = versions(resolve(project, "a\n", index_url=url))
    return found, sorted(by_itself)
