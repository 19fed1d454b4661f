"""METADATA without archives: of wheels by hash, as fetching it takes several requests, of sdists as once built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from math import inf
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from packaging.utils import canonicalize_name
from pip._internal.exceptions import PipError
from pip._internal.metadata import BaseDistribution
from pip._internal.metadata.importlib._compat import BadMetadata
from pip._internal.models.wheel import Wheel
from pip._internal.network.lazy_wheel import HTTPRangeRequestUnsupported
from pip._internal.operations.prepare import RequirementPreparer
from pip._vendor.urllib3.exceptions import HTTPError

from cortexlock.pip.internals import metadata_in_memory, ranged_wheel
from cortexlock.pip.internals.candidate_metadata import text_of
from cortexlock.pip.internals.substitutes import Trees, archive_of
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError
from cortexlock.storage import whole_file
from cortexlock.storage.turns import Turns

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.network.session import PipSession
    from pip._internal.req import InstallRequirement

Fetch = Callable[[RequirementPreparer, "InstallRequirement"], BaseDistribution | None]


class WheelMetadata:
    """METADATA in a directory, one file per sha256 of a wheel; it can be fetched from any thread."""

    def __init__(self, directory: Path, trees: Trees, *, since: float = inf) -> None:
        """Keep what is fetched in a directory; `trees` knows what is kept of sdists, `since` is that of the pages."""
        self._directory = directory
        self._turns = Turns(directory, since)
        self._trees = trees
        self._coming: dict[Path, Event] = {}
        self._lock = Lock()
        self.elsewhere: Callable[[Link, str], object] | None = None
        """What fetches and keeps METADATA in place of this process, if it can."""

    def fetch(self, link: Link, name: str, session: PipSession) -> bytes | None:
        """Fetch the METADATA of a wheel ahead of pip, and keep it.

        Args:
            link: The wheel.
            name: The project whose page has it.
            session: Sends the requests.

        Returns:
            The METADATA; None where pip is to see for itself what is the matter.
        """
        path = _place(self._directory, link)
        if path is None:
            return None
        if self.elsewhere is not None and not path.is_file():
            self.elsewhere(link, name)
            return path.read_bytes() if path.is_file() else None
        if path.is_file():
            return path.read_bytes()
        with self._beginning(path) as is_first:
            if not is_first:
                return path.read_bytes() if path.is_file() else None
            return self._fetch(path, link, name, session)

    @contextmanager
    def _beginning(self, path: Path) -> Iterator[bool]:
        """Tell whether nobody else has begun to fetch what a path is for; if somebody has, wait for the end of that."""
        with self._lock:
            coming = self._coming.get(path)
            is_first = coming is None
            coming = self._coming.setdefault(path, coming or Event())
        if not is_first:
            coming.wait()
        try:
            with self._turns.turn(path.name) if is_first else nullcontext():
                yield is_first and not path.is_file()
        finally:
            coming.set()

    def _fetch(self, path: Path, link: Link, name: str, session: PipSession) -> bytes | None:
        try:
            content = _fetched(link, name, session)
            if content is not None:
                _keep(path, content)
        except (
            OSError,
            ValueError,
            PipError,
            HTTPError,
            HTTPRangeRequestUnsupported,
            BadZipFile,
        ):  # those of pip's requests are `OSError`s
            return None
        else:
            return content

    def stand_in(self) -> Fetch:
        """Make a stand-in for pip's fetch of metadata alone (PEP 658 or range requests) that keeps what it fetched."""
        fetch: Fetch = RequirementPreparer._fetch_metadata_only  # noqa: SLF001 - the one place all ways go through

        def fetch_metadata_only(self_: RequirementPreparer, requirement: InstallRequirement) -> BaseDistribution | None:
            self._trees.attend()
            link, name = requirement.link, requirement.name
            path = _place(self._directory, link)
            if self.elsewhere is not None and link and name and path is not None and not path.is_file():
                self.elsewhere(link, name)
            with nullcontext() if path is None else self._beginning(path):
                if path is not None and path.is_file():
                    return metadata_in_memory.of_content(path.read_bytes())
                kept = _of_sdist(self._trees, requirement) if path is None and not self_.require_hashes else None
                if kept is not None:
                    return kept
                content = _by_pip(fetch, self_, requirement)
                if content is None:
                    return None
                if path is not None:
                    _keep(path, content)
                return metadata_in_memory.of_content(content)

        return fetch_metadata_only


def _by_pip(fetch: Fetch, preparer: RequirementPreparer, requirement: InstallRequirement) -> bytes | None:
    """Return METADATA as pip fetches it; None where it does not.

    Raises:
        UnreadableSpecifierError: It cannot be read.
        PipError, OSError: It does not come.
    """
    try:
        found = fetch(preparer, requirement)
    except UnicodeDecodeError:
        raise UnreadableSpecifierError("its metadata is not UTF-8") from None
    except BadMetadata:
        raise UnreadableSpecifierError("its metadata has no name") from None
    return None if found is None else text_of(found).encode("utf-8")


def _fetched(link: Link, name: str, session: PipSession) -> bytes | None:
    """Return METADATA as the index gives it by itself (PEP 658), else as a part of the wheel.

    Raises:
        ValueError, OSError, PipError, HTTPError: It does not come, or cannot be read.
    """
    beside = link.metadata_link()
    if beside is None:
        url = link.url_without_fragment
        return text_of(ranged_wheel.distribution(Wheel(link.filename).name, url, session)).encode("utf-8")
    response = session.get(beside.url_without_fragment, headers={"Accept-Encoding": "identity"})
    response.raise_for_status()
    content: bytes = response.content
    hashes = beside.as_hashes()
    if hashes:
        hashes.check_against_chunks(iter((content,)))
    is_its_own = canonicalize_name(core_metadata.read(core_metadata.decoded(content)).name) == canonicalize_name(name)
    return content if is_its_own else None


def _of_sdist(trees: Trees, requirement: InstallRequirement) -> BaseDistribution | None:
    archive = archive_of(requirement.link)
    if requirement.req is None or requirement.link is None or requirement.link.is_wheel or not archive:
        return None
    content = trees.kept_metadata(archive, canonicalize_name(requirement.req.name))
    if content is None:
        return None
    return metadata_in_memory.of_ours(core_metadata.written(core_metadata.read(core_metadata.decoded(content))))


def _place(directory: Path, link: Link | None) -> Path | None:
    if link is None or not link.is_wheel or link.is_file or link.hash_name != "sha256" or not link.hash:
        return None
    return directory / link.hash[:2] / link.hash


def _keep(path: Path, content: bytes) -> None:
    """Write a cache entry whole or not at all: others may read and write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write(path, content)
