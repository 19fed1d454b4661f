"""Channels whose repodata py-rattler refuses for one record's sake: copies without what it cannot read.

conda reads what rattler does not: a time stamp with a fraction, an empty hash. So such values are mended, and a record
that cannot be is passed over. Only here is a whole channel parsed in Python.
"""

from __future__ import annotations

import bz2
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import Version
from rattler.exceptions import InvalidVersionError

from cortexlock.conda.channels import public

_GROUPS = ("packages", "packages.conda")
_ENDINGS = (".tar.bz2", ".conda")
_HASHES = {"md5": 32, "sha256": 64}  # hexadecimal digits
_MOST = 1 << 30  # bytes of one file
_TIMEOUT = 60  # seconds without a byte


class MalformedChannelError(Exception):
    """A channel's repodata are none; the message says where and why."""


def mend(urls: Iterable[str], subdirs: Iterable[str], directory: Path) -> dict[str, str]:
    """Write channels anew, without the records that cannot be read.

    Args:
        urls: The channels' base URLs, with credentials.
        subdirs: Their parts that are wanted.
        directory: An empty directory.

    Returns:
        The base URL of each copy, and that of the channel that it is of, without credentials.

    Raises:
        MalformedChannelError: Nothing of a channel can be read.
    """
    copies = {}
    for number, url in enumerate(urls):
        copy = directory / f"channel-{number}"
        for subdir in subdirs:
            repodata = _repodata(f"{url}/{subdir}")
            (copy / subdir).mkdir(parents=True)
            document = {"info": {"subdir": subdir}, **{group: _readable(repodata.get(group)) for group in _GROUPS}}
            (copy / subdir / "repodata.json").write_text(json.dumps(document), encoding="utf-8")
        copies[copy.as_uri()] = public(url)
    return copies


def _repodata(address: str) -> Mapping[str, Any]:
    """Return the repodata of a subdir; a subdir that is not there has none."""
    readers: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
        ("repodata.json", bytes),
        ("repodata.json.zst", _zstd),
        ("repodata.json.bz2", bz2.decompress),
    )
    for name, unpack in readers:
        content = _content(f"{address}/{name}")
        if content is None:
            continue
        try:
            found = json.loads(unpack(content))
        except (ValueError, OSError, RecursionError) as error:
            raise MalformedChannelError(f"{public(address)}/{name} is malformed: {error}") from None
        if not isinstance(found, dict):
            raise MalformedChannelError(f"{public(address)}/{name} is malformed: it is no JSON object")
        return found
    return {}


def _zstd(content: bytes) -> bytes:
    import zstandard  # noqa: PLC0415 - rarely needed

    try:
        return bytes(zstandard.ZstdDecompressor().decompress(content, max_output_size=_MOST))
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None


def _content(address: str) -> bytes | None:
    """Return what is at an address; None where nothing is."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        path = Path(url2pathname(parts.path))
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _MOST else None
    import requests  # noqa: PLC0415 - heavy, and rarely needed

    try:
        with requests.get(address, stream=True, timeout=_TIMEOUT) as response:
            if not response.ok:
                return None
            pieces, size = [], 0
            for piece in response.iter_content(1 << 20):
                pieces.append(piece)
                size += len(piece)
                if size > _MOST:
                    return None
            return b"".join(pieces)
    except requests.RequestException:
        return None


def _readable(group: object) -> dict[str, Any]:
    """Return the records of a group that can be read, mended where that is how."""
    if not isinstance(group, dict):
        return {}
    mended = {file: _mended(file, record) for file, record in group.items()}
    return {file: record for file, record in mended.items() if record is not None}


def _mended(file: str, record: object) -> dict[str, Any] | None:
    """Return a record as rattler reads it; None where it cannot be read."""
    if not isinstance(record, dict) or not file.endswith(_ENDINGS) or file.count("-") <= 1:
        return None
    if not all(isinstance(record.get(key), str) for key in ("name", "version", "build")):
        return None
    found = {key: value for key, value in record.items() if value is not None}
    for key, digits in _HASHES.items():
        if not _is_hexadecimal(found.get(key), digits):
            found.pop(key, None)
    for key in ("timestamp", "build_number", "size"):
        if isinstance(found.get(key, 0), float):
            found[key] = int(found[key])
        elif not isinstance(found.get(key, 0), int):
            return None
    lists = [found.setdefault(key, []) for key in ("depends", "constrains")]
    if not all(isinstance(each, list) and all(isinstance(spec, str) for spec in each) for each in lists):
        return None
    try:
        Version(record["version"])
    except InvalidVersionError:
        return None
    return found | {"build_number": found.get("build_number", 0)}


def _is_hexadecimal(text: object, digits: int) -> bool:
    return isinstance(text, str) and len(text) == digits and not set(text.lower()) - set("0123456789abcdef")
