"""The newest release of a package that an image can have, whatever the project's lines admit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from packaging.version import Version

from cortexlock.model.newest import Newest
from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.internals.resolver import PipResolver
from cortexlock.pip.queries.resolve import arguments_of, look_at, places_of
from cortexlock.pip.resolution.request import PipRequest
from cortexlock.pip.resolution.values import Checkout, SourceTree


def newest(request: PipRequest, locked: Mapping[str, str]) -> dict[str, Newest]:
    """Return the newest releases of packages for the target. Changes process-wide state, as a resolution does.

    A release counts that has a file for the target that is not yanked; a pre-release only where one is locked.

    Args:
        request: Target, indexes and cut-off date; nothing is resolved.
        locked: The locked versions, by normalized name.

    Raises:
        CortexlockError: As a resolution's errors of files and indexes.
    """
    with_cut_off = arguments_of(request)
    before = _newest(request, with_cut_off, locked)
    if not request.configuration.exclude_newer:
        return {name: Newest(version, version) for name, version in before.items()}
    ever = _newest(request, with_cut_off[2:], locked)
    return {name: Newest(before[name], ever[name]) for name in locked}


def _newest(request: PipRequest, arguments: Collection[str], locked: Mapping[str, str]) -> dict[str, str]:
    places = places_of(request)
    with PipResolver(
        request.target,
        project=request.project,
        arguments=list(arguments),
        cache=request.cache / "http",
        trees=_NoTrees(),
        refresh=request.refresh,
    ) as resolver:
        pip_requirements.of_request(request, resolver.repository)  # the options of the file count
        look_at(resolver, places)
        return {name: _last(resolver.releases(name), locked[name]) for name in locked}


def _last(releases: Collection[str], locked: str) -> str:
    takes_all = Version(locked).is_prerelease
    return next((each for each in reversed(list(releases)) if takes_all or not Version(each).is_prerelease), "")


class _NoTrees:
    """Stands in for source trees: releases are looked up by their files' names, and nothing is built."""

    def check_out(self, url: str, directory: Path) -> Checkout:
        raise AssertionError((url, directory))

    def metadata(self, tree: SourceTree) -> bytes:
        raise AssertionError(tree)

    def kept_metadata(self, archive: str, name: str) -> bytes | None:
        raise AssertionError((archive, name))

    def look_ahead(
        self, archive: str, name: str, fetch: Callable[[Path], object], then: Callable[[bytes], object]
    ) -> None:
        raise AssertionError((archive, name, fetch, then))

    def attend(self) -> None:
        raise AssertionError

    def wait(self, coming: Future[Any]) -> None:
        pass
