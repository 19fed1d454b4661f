"""A resolution for tests in a worker, which imports this module, and no pytest with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.pip.internals import fetcher
from cortexlock.pip.internals.index_pages import IndexPages, Page
from cortexlock.process_copy import Channel, ProcessCopy
from tests.support.resolution import resolve, versions

if TYPE_CHECKING:
    from pip._internal.models.link import Link


def lock(what: tuple[Path, str, str, float], _say: Callable[[str], None]) -> tuple[dict[str, str], list[str], int]:
    """Resolve in a worker; return the versions, the pages that it fetched by itself, and how many copies it made."""
    project, url, trouble, since = what
    by_itself, fetch = list[str](), IndexPages._fetch
    copies, begin = list[ProcessCopy](), ProcessCopy.__init__

    def counted(self: ProcessCopy, serve: Callable[[Channel], None], *, may_copy: bool = False) -> None:
        copies.append(self)
        begin(self, serve, may_copy=may_copy)

    def noted(self: IndexPages, link: Link) -> Page | None:
        by_itself.append(link.filename)
        return fetch(self, link)

    def end(*_: object) -> None:
        os._exit(1)

    if trouble == "the copy ends":
        fetcher._Serving.serve = end  # type: ignore[assignment, method-assign]
    assert ProcessCopy.is_possible()
    IndexPages._fetch = noted  # type: ignore[method-assign]
    ProcessCopy.__init__ = counted  # type: ignore[method-assign]
    found = versions(resolve(project, "a\n", index_url=url, since=since))
    return found, sorted(by_itself), len(copies)
