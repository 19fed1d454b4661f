"""METADATA without archives: of wheels by hash, as fetching it takes several requests, of sdists as once built."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from pip._internal.metadata import BaseDistribution, get_metadata_distribution
from pip._internal.metadata.importlib._compat import BadMetadata
from pip._internal.operations.prepare import RequirementPreparer

from cortexlock.pip.internals.candidate_metadata import text_of
from cortexlock.pip.internals.substitutes import Trees, archive_of
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.metadata.specifiers import UnreadableError

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.req import InstallRequirement

Fetch = Callable[[RequirementPreparer, "InstallRequirement"], BaseDistribution | None]


def cached(directory: Path, trees: Trees) -> Fetch:
    """Make a stand-in for pip's fetch of metadata alone (PEP 658 or range requests) that keeps what it fetched.

    Args:
        directory: Where to keep it, one file per sha256 of a wheel.
        trees: Knows what is kept of sdists.
    """
    fetch: Fetch = RequirementPreparer._fetch_metadata_only  # noqa: SLF001 - the one place all ways go through

    def fetch_metadata_only(self: RequirementPreparer, requirement: InstallRequirement) -> BaseDistribution | None:
        path = _place(directory, requirement.link)
        if path is not None and path.is_file():
            return _distribution(path.read_bytes(), requirement)
        if path is None and not self.require_hashes:
            kept = _of_sdist(trees, requirement)
            if kept is not None:
                return kept
        try:
            found = fetch(self, requirement)
        except UnicodeDecodeError:
            raise UnreadableError("its metadata is not UTF-8") from None
        except BadMetadata:
            raise UnreadableError("its metadata has no name") from None
        if found is None:
            return None
        content = text_of(found).encode("utf-8")
        if path is not None:
            _keep(path, content)
        return _distribution(content, requirement)

    return fetch_metadata_only


def _of_sdist(trees: Trees, requirement: InstallRequirement) -> BaseDistribution | None:
    archive = archive_of(requirement.link)
    if requirement.req is None or requirement.link is None or requirement.link.is_wheel or not archive:
        return None
    content = trees.kept_metadata(archive, canonicalize_name(requirement.req.name))
    if content is None:
        return None
    written = core_metadata.written(core_metadata.read(core_metadata.decoded(content)))
    return get_metadata_distribution(written, requirement.link.filename, requirement.req.name)


def _place(directory: Path, link: Link | None) -> Path | None:
    if link is None or not link.is_wheel or link.is_file or link.hash_name != "sha256" or not link.hash:
        return None
    return directory / link.hash[:2] / link.hash


def _distribution(content: bytes, requirement: InstallRequirement) -> BaseDistribution:
    if requirement.req is None or requirement.link is None:  # pragma: no cover - pip fetches for named links only
        raise AssertionError
    return get_metadata_distribution(content, requirement.link.filename, requirement.req.name)


def _keep(path: Path, content: bytes) -> None:
    """Write a cache entry whole or not at all: others may read and write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
