"""A package index on loopback: PEP 503 pages, PEP 691 JSON, PEP 658 metadata, and a find-links page."""

from __future__ import annotations

import hashlib
import html
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from tests.support.file_server import Answer, FileServer

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "application/vnd.pypi.simple.v1+html"
DEFAULT_UPLOAD_TIME = "2020-01-01T00:00:00Z"
_ARCHIVES = (".whl", ".tar.gz", ".zip")


@dataclass
class _Facts:
    upload_time: str | None = DEFAULT_UPLOAD_TIME
    yanked: str | None = None


class IndexServer(FileServer):
    """The wheels and sdists of a directory as an index; a context manager that serves from entry to exit.

    `url` is the server's; `simple_url` the index's; `find_links_url` a page with links to all files. A file lies at
    `{url}/files/{name}`, and `fail(name, …)` lets something go wrong with it; `fail(project, …)` does so with the
    page of a project. `metadata` and `json` false: an old index, without PEP 658 or PEP 691.
    """

    def __init__(
        self, directory: Path, *, auth: tuple[str, str] | None = None, json: bool = True, metadata: bool = True
    ) -> None:
        """Make an index of the files in `directory`; later files are seen, too."""
        super().__init__(directory, auth=auth)
        self._json = json
        self._metadata = metadata
        self._facts: dict[str, _Facts] = {}

    @property
    def simple_url(self) -> str:
        """The URL of the index, with a final slash, without credentials."""
        return f"{self.url}/simple/"

    @property
    def find_links_url(self) -> str:
        """The URL of a page with links to all files."""
        return f"{self.url}/find-links/"

    def file_url(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.url}/files/{quote(name)}"

    def upload(self, name: str, *, at: str | None = DEFAULT_UPLOAD_TIME) -> None:
        """Set the upload time of a file (RFC 3339); None: the index doesn't say."""
        self._facts.setdefault(name, _Facts()).upload_time = at

    def yank(self, name: str, reason: str = "") -> None:
        """Yank a file (PEP 592)."""
        self._facts.setdefault(name, _Facts()).yanked = reason

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Return a page, a file, or the metadata of a file."""
        match path.strip("/").split("/"):
            case ["simple"]:
                return self._projects(_wants_json(headers) and self._json)
            case ["simple", project]:
                return self._project(project, headers)
            case ["files", name] if name.endswith(".whl.metadata") and self._metadata:
                wheel = self.directory / name.removesuffix(".metadata")
                if wheel.is_file():
                    return Answer(_metadata_of(wheel), "application/octet-stream")
            case ["files", name] if name.endswith(_ARCHIVES):
                return self.file(self.directory, name)
            case ["find-links"]:
                links = [self._link(file, plain=True) for file in self._files()]
                return Answer(_page("files", links), "text/html")
            case _:
                pass
        return Answer(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)

    def _files(self) -> list[Path]:
        if not self.directory.is_dir():
            return []
        return sorted(path for path in self.directory.iterdir() if path.name.endswith(_ARCHIVES))

    def _projects(self, json_wanted: bool) -> Answer:  # noqa: FBT001 - private, and the name says what it is
        names = sorted({_project_of(path.name) for path in self._files()})
        if json_wanted:
            return _json({"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in names]})
        return Answer(_page("index", [f'<a href="/simple/{name}/">{name}</a>' for name in names]), HTML_TYPE)

    def _project(self, project: str, headers: Mapping[str, str]) -> Answer:
        name = canonicalize_name(project)
        files = [path for path in self._files() if _project_of(path.name) == name]
        if not files:
            return Answer(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)
        if not (_wants_json(headers) and self._json):
            # An old pip asks for text/html, and takes nothing else.
            kind = HTML_TYPE if HTML_TYPE in headers.get("accept", "") else "text/html"
            return Answer(_page(name, [self._link(path) for path in files]), kind)
        versions = sorted({_version_of(path.name) for path in files})
        entries = [self._entry(path) for path in files]
        return _json({"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": entries})

    def _entry(self, path: Path) -> dict[str, Any]:
        content = path.read_bytes()
        facts = self._facts.get(path.name, _Facts())
        entry: dict[str, Any] = {
            "filename": path.name,
            "url": f"/files/{quote(path.name)}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            "yanked": False if facts.yanked is None else facts.yanked or True,
        }
        if facts.upload_time is not None:
            entry["upload-time"] = facts.upload_time
        requires_python = _requires_python(path)
        if requires_python is not None:
            entry["requires-python"] = requires_python
        if path.suffix == ".whl" and self._metadata:
            entry["core-metadata"] = {"sha256": hashlib.sha256(_metadata_of(path)).hexdigest()}
        return entry

    def _link(self, path: Path, *, plain: bool = False) -> str:
        entry = self._entry(path)
        attributes = {"href": f"{entry['url']}#sha256={entry['hashes']['sha256']}"}
        if not plain and "requires-python" in entry:
            attributes["data-requires-python"] = entry["requires-python"]
        if not plain and "core-metadata" in entry:
            attributes["data-core-metadata"] = f"sha256={entry['core-metadata']['sha256']}"
        if not plain and entry["yanked"] is not False:
            attributes["data-yanked"] = "" if entry["yanked"] is True else entry["yanked"]
        written = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
        return f"<a {written}>{html.escape(path.name)}</a>"


def _wants_json(headers: Mapping[str, str]) -> bool:
    return JSON_TYPE in headers.get("accept", "")


def _json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), JSON_TYPE)


def _page(title: str, links: list[str]) -> bytes:
    body = "<br>\n".join(links)
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body>\n{body}\n</body></html>\n".encode()


def _project_of(file_name: str) -> str:
    if file_name.endswith(".whl"):
        return parse_wheel_filename(file_name)[0]
    return parse_sdist_filename(file_name)[0]


def _version_of(file_name: str) -> str:
    if file_name.endswith(".whl"):
        return str(parse_wheel_filename(file_name)[1])
    return str(parse_sdist_filename(file_name)[1])


def _metadata_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)


def _pkg_info_of(sdist: Path) -> bytes:
    with tarfile.open(sdist) as archive:
        for member in archive:
            if member.name.count("/") == 1 and member.name.endswith("/PKG-INFO"):
                file = archive.extractfile(member)
                if file is not None:
                    return file.read()
    return b""


def _requires_python(path: Path) -> str | None:
    text = _metadata_of(path) if path.suffix == ".whl" else _pkg_info_of(path)
    message: Message = Parser().parsestr(text.decode(errors="replace"), headersonly=True)
    value = message.get("Requires-Python")
    return None if value is None else str(value)
