"""A package index as it was at a date, with every distribution reduced to its metadata.

`Index` reads the pages of the real index (PEP 691) once and keeps them on disk. `as_of` gives the files that had been
uploaded by a date and that the images' pip would have considered; where a version has no wheel for the image, its sdist
stands there as a wheel, whose metadata come from a real build under the image's Python (see `closure_builds`).
`stub` makes a wheel that holds a distribution's metadata and no code: enough for pip to decide and to record.
"""

from __future__ import annotations

import hashlib
import io
import json
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from packaging.tags import Tag

ACCEPT = "application/vnd.pypi.simple.v1+json"
SDIST_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2", ".tgz")
NOT_FOUND = 404
SECONDS = 60
"""Time-out of one request."""

PYTHON = (3, 6)
FIRST_WITHOUT_M = (3, 8)
"""From this Python on, the name of its ABI has no `m`."""

PLATFORM_TAGS = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64")
"""What pip 19.3 to 20.2 accept on the images' Ubuntu 18.04; the perennial tags came with 20.3."""

Builder = Callable[[str, Path, str], str]
"""Returns the METADATA text of an sdist: project, file, cut-off date."""


class File(NamedTuple):
    """A file of the index: where it is, what it is, since when; `fits`: a wheel that the image's pip accepts."""

    project: str
    name: str
    url: str
    sha256: str
    version: Version
    requires_python: str
    uploaded: datetime
    fits: bool

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; it is an sdist otherwise."""
        return self.name.endswith(".whl")

    @property
    def stub_name(self) -> str:
        """The name under which pip sees it: its own, or a universal wheel's in place of an sdist."""
        return self.name if self.is_wheel else f"{self.project.replace('-', '_')}-{self.version}-py3-none-any.whl"


class Index:
    """The real index, through a cache on disk, for a Python and the platforms that pip accepts wheels of."""

    def __init__(
        self, url: str, cache: Path, python: tuple[int, int] = PYTHON, platforms: Sequence[str] = PLATFORM_TAGS
    ) -> None:
        self._url = url.rstrip("/")
        self._cache = cache
        self._python = python
        self._tags = _image_tags(python, platforms)
        self._pages: dict[str, list[File]] = {}

    def files(self, project: str, cutoff: datetime) -> list[File]:
        """Return every wheel and sdist that had been uploaded by `cutoff`, in the index's order; empty: no project."""
        return [file for file in self._page(project) if file.uploaded <= cutoff]

    def as_of(self, project: str, cutoff: datetime) -> list[File]:
        """Return what pip in the image could have chosen at `cutoff`: wheels, and sdists of versions without one."""
        files = self.files(project, cutoff)
        wheels = [file for file in files if file.is_wheel and file.fits]
        having = {file.version for file in wheels}
        sdists = {file.version: file for file in files if not file.is_wheel and file.version not in having}
        return [*wheels, *sdists.values()]

    def newest(self, project: str, cutoff: datetime, *, limit: Version | None = None) -> File:
        """Return the newest final release up to `limit` that had a wheel by `cutoff` and admits the image's Python."""
        from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - of use here only

        python = ".".join(map(str, (*self._python, 9)))
        fitting = [
            file
            for file in self.as_of(project, cutoff)
            if file.is_wheel and not file.version.is_prerelease and python in SpecifierSet(file.requires_python)
        ]
        return max((file for file in fitting if limit is None or file.version <= limit), key=lambda file: file.version)

    def metadata(self, file: File, build: Builder, cutoff: str) -> str:
        """Return the METADATA text of a file; an sdist's is made by `build`."""
        kept = self._cache / "metadata" / file.sha256
        if not kept.exists():
            _write(kept, self._wheel_metadata(file) if file.is_wheel else self._built(file, build, cutoff))
        return kept.read_text(encoding="utf-8", errors="surrogateescape")

    def download(self, file: File) -> Path:
        """Return the file itself, downloaded and verified."""
        kept = self._cache / "files" / file.sha256 / file.name
        if not kept.exists():
            content = _get(file.url)
            if hashlib.sha256(content).hexdigest() != file.sha256:
                raise SystemExit(f"{file.name}: the hash differs from the index's")
            _write(kept, content)
        return kept

    def _wheel_metadata(self, file: File) -> bytes:
        try:
            return _get(f"{file.url}.metadata")  # PEP 658, where the index has it
        except urllib.error.HTTPError as error:
            if error.code != NOT_FOUND:
                raise
        with zipfile.ZipFile(self.download(file)) as archive:
            return archive.read(
                next(
                    name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
                )
            )

    def _built(self, file: File, build: Builder, cutoff: str) -> bytes:
        return build(file.project, self.download(file), cutoff).encode("utf-8", errors="surrogateescape")

    def _page(self, project: str) -> list[File]:
        if project not in self._pages:
            kept = self._cache / "pages" / f"{project}.json"
            if not kept.exists():
                _write(kept, self._fetch_page(project))
            entries = json.loads(kept.read_bytes())["files"]
            self._pages[project] = [file for entry in entries if (file := self._file(project, entry)) is not None]
        return self._pages[project]

    def _file(self, project: str, entry: dict[str, Any]) -> File | None:
        """Return a page's entry as a file, or None for what pip would not take, or what has no date."""
        name = entry["filename"]
        version = _version(project, name)
        if version is None or not entry.get("upload-time"):
            return None
        return File(
            project=project,
            name=name,
            url=entry["url"],
            sha256=entry["hashes"]["sha256"],
            version=version,
            requires_python=entry.get("requires-python") or "",
            uploaded=datetime.fromisoformat(entry["upload-time"].replace("Z", "+00:00")),
            fits=name.endswith(".whl") and bool(parse_wheel_filename(name)[3] & self._tags),
        )

    def _fetch_page(self, project: str) -> bytes:
        address = f"{self._url}/{project}/"
        try:
            page = json.loads(_get(address, ACCEPT))
        except urllib.error.HTTPError as error:
            if error.code != NOT_FOUND:
                raise
            page = {"files": []}
        for entry in page["files"]:
            entry["url"] = urllib.parse.urljoin(address, entry["url"])
        return json.dumps(page).encode()


def stub(name: str, version: str, metadata: str, tag: str = "py3-none-any") -> bytes:
    """Return a wheel that holds metadata only, the same bytes for the same arguments."""
    folder = f"{name}-{version}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: cortexlock\nRoot-Is-Purelib: true\nTag: {tag}\n"
    members = {f"{folder}/METADATA": metadata, f"{folder}/WHEEL": wheel}
    members[f"{folder}/RECORD"] = "".join(f"{member},,\n" for member in [*members, f"{folder}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member), text.encode("utf-8", errors="surrogateescape"))
    return buffer.getvalue()


def _image_tags(python: tuple[int, int], platforms: Sequence[str]) -> frozenset[Tag]:
    interpreter = f"cp{python[0]}{python[1]}"
    abi = f"{interpreter}m" if python < FIRST_WITHOUT_M else interpreter
    return frozenset(
        [*cpython_tags(python, [abi], platforms), *compatible_tags(python, interpreter, platforms)],
    )


def _version(project: str, filename: str) -> Version | None:
    """Return the version in a file name, or None for what pip would not take: eggs, installers, odd names."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        suffix = next((suffix for suffix in SDIST_SUFFIXES if filename.endswith(suffix)), None)
        if suffix is None:
            return None
        stem = filename[: -len(suffix)]
        dashes = [place for place, letter in enumerate(stem) if letter == "-"]
        found = [stem[place + 1 :] for place in dashes if canonicalize_name(stem[:place]) == project]
        return Version(found[0]) if found else None
    except (InvalidWheelFilename, InvalidVersion):
        return None


def same_version(one: str, other: str) -> bool:
    """Tell whether two spellings are the same version."""
    return canonicalize_version(one) == canonicalize_version(other)


def _get(url: str, accept: str = "*/*") -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - the index's own links
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
        content: bytes = answer.read()
    return content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)
