"""The package index of a day, on loopback: pages without what was uploaded later, wheels with their METADATA only.

What an old pip installs from it tells which packages it takes, without their gigabytes: each wheel is made when it is
asked for, of the metadata that the index has beside the real one (PEP 658). Sdists are the real ones.
"""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Collection, Mapping
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import requests

from tests.support.file_server import Answer, FileServer
from tests.support.index_server import JSON_TYPE

_TIMEOUT = 60


class IndexMirror(FileServer):
    """A view of an index: a context manager that serves from entry to exit."""

    def __init__(self, directory: Path, upstream: str, *, before: str, real: Collection[str] = ()) -> None:
        """Make a view.

        Args:
            directory: An empty directory.
            upstream: The index, with a final slash; it has JSON pages (PEP 691) with upload times (PEP 700).
            before: RFC 3339 date and time, UTC: later uploads are not there.
            real: Projects whose wheels are the real ones, because builds use them.
        """
        super().__init__(directory)
        self._upstream = upstream
        self._before = before
        self._real = frozenset(real)
        self._files: dict[str, Any] = {}

    @property
    def simple_url(self) -> str:
        """The URL of the index, with a final slash."""
        return f"{self.url}/simple/"

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002 - as the base class has it
        """Return a page or a file."""
        match path.strip("/").split("/"):
            case ["simple", project]:
                return self._page(project)
            case ["files", project, name]:
                return self._file(project, name)
            case _:
                return _missing()

    @cached_property
    def _session(self) -> requests.Session:
        return requests.Session()

    def _page(self, project: str) -> Answer:
        url = f"{self._upstream}{project}/"
        answer = self._session.get(url, headers={"Accept": JSON_TYPE}, timeout=_TIMEOUT)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return _missing()
        answer.raise_for_status()
        links = []
        for file in answer.json()["files"]:
            if file["upload-time"] >= self._before or file.get("yanked"):
                continue
            self._files[file["filename"]] = {**file, "url": urljoin(url, file["url"])}
            python = html.escape(file.get("requires-python") or "")
            attribute = f' data-requires-python="{python}"' if python else ""
            name = html.escape(file["filename"])
            links.append(f'<a href="/files/{project}/{quote(file["filename"])}"{attribute}>{name}</a><br>')
        return Answer("<!DOCTYPE html>\n{}\n".format("\n".join(links)).encode(), "text/html")

    def _file(self, project: str, name: str) -> Answer:
        file = self._files.get(name)
        if file is None:
            return _missing()
        if name.endswith(".whl") and project not in self._real and file.get("core-metadata"):
            return Answer(_stub(name, self._get(file["url"] + ".metadata")), "application/octet-stream")
        return Answer(self._get(file["url"]), "application/octet-stream")

    def _get(self, url: str) -> bytes:
        answer = self._session.get(url, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.content


def _stub(name: str, metadata: bytes) -> bytes:
    """Make a wheel of this file name, with this METADATA and nothing else."""
    distribution, version, *_, python, abi, platform = name.removesuffix(".whl").split("-")
    tags = "".join(
        f"Tag: {one}-{two}-{three}\n"
        for one in python.split(".")
        for two in abi.split(".")
        for three in platform.split(".")
    )
    directory = f"{distribution}-{version}.dist-info"
    files = {
        f"{directory}/METADATA": metadata,
        f"{directory}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n{tags}".encode(),
        f"{directory}/RECORD": "".join(f"{directory}/{each},,\n" for each in ("METADATA", "WHEEL", "RECORD")).encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()


def _missing() -> Answer:
    return Answer(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)
