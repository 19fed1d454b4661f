"""Pages of package indexes: the URL of a file of which the name is known (PEP 503, PEP 691, find-links)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import requests
from packaging.utils import canonicalize_name

from cortexlock.errors import NetworkError
from cortexlock.network import bounded_read
from cortexlock.network.urls import local_path
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.indexes.page_filter import is_file

if TYPE_CHECKING:
    from pypi_simple import ProjectPage

_PIECE = 1 << 16
_TIMEOUT = (10, 60)
"""Seconds to connect and to wait for the next bytes."""


def locate(location: Location, name: str, file: str, session: requests.Session) -> str:
    """Return the URL of a file.

    Args:
        location: The index, or the find-links page or directory.
        name: The project's name.
        file: The file's name.
        session: Sends the requests, with the location's credentials.

    Returns:
        An absolute URL without fragment, `file:` for local files.

    Raises:
        NetworkError: The location does not answer, gives no usable page, or has no such file.
    """
    where = f"{name} ({file})"
    directory = local_path(location.url)
    if directory is None:
        page = _remote_page(location, name, file, session)
    else:
        direct = directory / name / file if location.kind == "index" else directory / file
        if direct.is_file():
            return direct.as_uri()
        page = _local_page(location, directory / name if location.kind == "index" else directory, name, where)
    for package in page.packages if page is not None else ():
        if file in (package.filename, _file_of(package.url)):
            return package.url.partition("#")[0]
    raise NetworkError(
        f"the index `{location.alias}` does not have the file",
        where=where,
        hint="name an index that has it with --index-url or in cortexlock.yaml, or lock anew",
    )


def _file_of(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _remote_page(location: Location, name: str, file: str, session: requests.Session) -> ProjectPage | None:
    """Read a page of an index, or one with links; of files in JSON only those of that name."""
    from pypi_simple import ACCEPT_ANY, ProjectPage  # noqa: PLC0415 - slow, and most replays read no page

    where = f"{name} ({file})"
    url = location.url + canonicalize_name(name) + "/" if location.kind == "index" else location.url
    try:
        with session.get(url, headers={"Accept": ACCEPT_ANY}, timeout=_TIMEOUT, stream=True) as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return None
            if not response.ok:
                what = f"the index `{location.alias}` answers {response.status_code}"
                raise NetworkError(what, where=where, url=location.url, status=response.status_code)
            content = bounded_read.read(response.iter_content(_PIECE), where=f"{where}, the index `{location.alias}`")
            with _parsing(location, where):
                is_json = response.headers.get("Content-Type", "").partition(";")[0].strip().endswith("json")
                content = _narrowed(content, file) if is_json else content
                response._content = content  # noqa: SLF001 - as `content` sets it
                return ProjectPage.from_response(response, name)
    except (requests.RequestException, ValueError) as error:  # ValueError: it redirects to what is no URL
        raise NetworkError(
            f"the index `{location.alias}` cannot be reached ({type(error).__name__})",
            where=where,
            hint="check the network, or name a mirror with --index-url",
        ) from error


def _narrowed(page: bytes, file: str) -> bytes:
    """Return a page in JSON (PEP 691) with one file: to check and to describe thousands of others takes seconds."""
    document = json.loads(page)
    document["files"] = [
        each
        for each in document["files"]
        if is_file(each) and file in (each.get("filename"), _file_of(each.get("url", "")))
    ]
    return json.dumps(document).encode()


@contextmanager
def _parsing(location: Location, where: str) -> Iterator[None]:
    """Make one error of whatever the parsers of HTML and JSON, and what is above them, say of a page that is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a newer minor version of the protocol, which is no harm
            yield
    except Exception as error:
        raise NetworkError(
            f"the index `{location.alias}` gives no page that can be read ({type(error).__name__})",
            where=where,
            hint="name the URL under which the index has its simple pages (PEP 503)",
        ) from error


def _local_page(location: Location, path: Path, name: str, where: str) -> ProjectPage | None:
    """Read a page of a local index, or an HTML file with links."""
    from pypi_simple import ProjectPage  # noqa: PLC0415 - as above

    page = path / "index.html" if path.is_dir() else path
    if not page.is_file():
        return None
    with _parsing(location, where):
        return ProjectPage.from_html(name, page.read_bytes(), page.as_uri())
