"""Stand-ins for what pip would do on the host: prepare source trees, check repositories out, forget sizes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from packaging.utils import canonicalize_name
from pip._internal.index import collector
from pip._internal.models.link import Link

from cortexlock.formats import source_archive
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.resolution.values import Checkout, SourceTree

if TYPE_CHECKING:
    from pip._internal.distributions.sdist import SourceDistribution
    from pip._internal.req import InstallRequirement


class Trees(Protocol):
    """What the resolver asks about sources that are trees."""

    def check_out(self, url: str, directory: Path) -> Checkout:
        """Check a repository out into an empty directory; the URL has reference and credentials."""

    def metadata(self, tree: SourceTree) -> bytes:
        """Return the METADATA of a tree for the target."""

    def kept_metadata(self, archive: str, name: str) -> bytes | None:
        """Return the METADATA of an sdist, by its sha256, if it is known without looking into it."""

    def look_ahead(
        self, archive: str, name: str, fetch: Callable[[Path], object], then: Callable[[bytes], object]
    ) -> None:
        """Find out the METADATA of an sdist, by its sha256, in another thread, before it is needed."""

    def attend(self) -> None:
        """Do what such threads wait for."""

    def wait(self, coming: Future[Any]) -> None:
        """Do what such threads wait for until something is done, in the thread that resolves; others wait by it."""


def update_editable(unpack: Callable[[Link, str], None]) -> Callable[[InstallRequirement], None]:
    """Make a stand-in for pip's checkout of editable requirements; local trees need none."""

    def checked_out(self: InstallRequirement) -> None:
        if self.link is not None and self.link.is_vcs and self.source_dir is not None:
            unpack(self.link, self.source_dir)

    return checked_out


def source_metadata(trees: Trees, scratch: Path) -> Callable[..., None]:
    """Make a stand-in for pip's preparation of a source tree, which builds under the interpreter that runs pip."""

    def prepare_distribution_metadata(self: SourceDistribution, *_args: object, **_kwargs: object) -> None:
        requirement = self.req
        path = Path(requirement.unpacked_source_directory)
        local = requirement.link is not None and requirement.link.is_existing_dir()
        name = canonicalize_name(requirement.name) if requirement.name else ""
        content = trees.metadata(SourceTree(path, local=local, name=name, archive=archive_of(requirement.link)))
        metadata = core_metadata.read(core_metadata.decoded(content))
        name = canonicalize_name(metadata.name).replace("-", "_")
        directory = Path(tempfile.mkdtemp(dir=scratch), f"{name}-{metadata.version}.dist-info")
        directory.mkdir()
        (directory / "METADATA").write_bytes(core_metadata.written(metadata))
        requirement.metadata_directory = str(directory)
        if not requirement.name:
            requirement._set_requirement()  # noqa: SLF001 - what pip does after its own preparation
        else:
            requirement.warn_on_mismatching_name()
        requirement.assert_source_matches_version()

    return prepare_distribution_metadata


def unpack_file(filename: str, location: str, _content_type: str | None = None) -> None:
    """Stand in for pip's unpacking of a source archive, which trusts the filter of the Python that runs it.

    Raises:
        IntegrityError: The archive is unsafe.
    """
    source_archive.unpack_flat(Path(filename), Path(location))


def archive_of(link: Link | None) -> str:
    """Return the sha256 of the archive that a link names, if it says one, which pip compares with what it downloads."""
    if link is None or link.is_vcs or link.is_file or link.hash_name != "sha256":
        return ""
    return link.hash or ""


def sized_link(sizes: dict[str, int]) -> Callable[..., Link | None]:
    """Make a stand-in for `Link.from_json` that notes the sizes which the index gives (PEP 700)."""
    from_json: Any = vars(Link)["from_json"].__func__

    def sized(cls: type[Link], file_data: dict[str, Any], page_url: str) -> Link | None:
        link: Link | None = from_json(cls, file_data, page_url)
        size = file_data.get("size")
        if link is not None and isinstance(size, int):
            sizes[link.url_without_fragment] = size
        return link

    return sized


def content_of_page(redirects: dict[str, str]) -> Callable[..., object]:
    """Make a stand-in for the reading of an index page that notes where a page was asked for, if it is elsewhere."""
    make: Any = vars(collector)["_make_index_content"]

    def content(response: Any, **options: Any) -> object:  # noqa: ANN401 - a Response, and pip's own options
        if response.history:
            redirects[response.url] = response.history[0].url
        return make(response, **options)

    return content
