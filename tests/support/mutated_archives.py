"""Damage to archives, at random: to their bytes, to what they are when unpacked, and to single members."""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import json
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.support.mutations import mutated

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_NAMES = (
    "../../outside/secret",
    "/etc/cortexlock-was-here",
    "conda-meta/demo-1.0-0.json",
    "pyvenv.cfg",
    "demo",
    "x" * 300,
    "a\\b:c",
    "é\n",
    ".",
    "",
)
_KINDS = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, b"x", b"?")


@dataclass(frozen=True)
class _Member:
    name: str
    content: bytes
    kind: bytes = tarfile.REGTYPE
    target: str = ""
    mode: int = 0o644


_Members = Sequence[_Member]


def mutated_archive(whole: bytes, suffix: str, chosen: random.Random) -> bytes:
    """Return another archive, or what is none any more.

    Args:
        whole: The archive.
        suffix: How its file is called at its end: `.whl`, `.tar.gz`, `.tar.bz2`, `.conda`.
        chosen: Says how.
    """
    if chosen.randrange(3) == 0:
        return mutated(whole, chosen)
    if suffix == ".whl":
        return _zip(_with_record(_changed(_of_zip(whole), chosen), chosen))
    if suffix == ".tar.gz":
        return gzip.compress(_changed_tar(gzip.decompress(whole), chosen), 1)
    if suffix == ".tar.bz2":
        return bz2.compress(_changed_tar(bz2.decompress(whole), chosen), 1)
    members = _of_zip(whole)
    at = chosen.randrange(len(members))
    one = members[at]
    if one.name.endswith(".zst"):
        members[at] = replace(one, content=zstd.compress(_changed_tar(zstd.decompress(one.content), chosen)))
        return _zip(members)
    return _zip(_changed(members, chosen))


def _changed_tar(whole: bytes, chosen: random.Random) -> bytes:
    if chosen.randrange(3) == 0:
        return mutated(whole, chosen)
    return _tar(_with_paths(_changed(_of_tar(whole), chosen), chosen))


def _changed(members: _Members, chosen: random.Random) -> list[_Member]:
    """Have one member be another one, be missing, or be there twice."""
    found = list(members)
    at = chosen.randrange(len(found))
    one = found[at]

    def another_content() -> list[_Member]:
        return [replace(one, content=mutated(one.content, chosen))]

    def another_name() -> list[_Member]:
        return [replace(one, name=chosen.choice((*_NAMES, chosen.choice(found).name + chosen.choice(("", "/x")))))]

    def another_kind() -> list[_Member]:
        target = chosen.choice((*_NAMES, chosen.choice(found).name, one.name))
        return [replace(one, kind=chosen.choice(_KINDS), target=target, content=b"", mode=chosen.randrange(0o10000))]

    ways: tuple[Callable[[], list[_Member]], ...] = (
        another_content,
        another_content,
        another_content,
        another_name,
        another_kind,
        list,
        lambda: [one, *another_content()],
    )
    return [*found[:at], *chosen.choice(ways)(), *found[at + 1 :]]


def _with_record(members: _Members, chosen: random.Random) -> list[_Member]:
    """Have the wheel's RECORD list what is there now, every second time."""
    at = next((each.name for each in members if each.name.endswith(".dist-info/RECORD")), None)
    if at is None or chosen.randrange(2):
        return list(members)
    rows = [
        f"{each.name},sha256={base64.urlsafe_b64encode(hashlib.sha256(each.content).digest()).rstrip(b'=').decode()},"
        f"{len(each.content)}\n"
        for each in members
        if each.name != at
    ]
    record = "".join([*rows, f"{at},,\n"]).encode()
    return [replace(each, content=record) if each.name == at else each for each in members]


def _with_paths(members: _Members, chosen: random.Random) -> list[_Member]:
    """Have a conda package's list of files say what is there now, every second time."""
    if chosen.randrange(2) or not any(each.name == "info/paths.json" for each in members):
        return list(members)
    paths = [
        {
            "_path": each.name,
            "path_type": "softlink" if each.kind == tarfile.SYMTYPE else "hardlink",
            "sha256": hashlib.sha256(each.content).hexdigest(),
            "size_in_bytes": len(each.content),
        }
        for each in members
        if not each.name.startswith("info/")
    ]
    written = json.dumps({"paths": paths, "paths_version": 1}).encode()
    return [replace(each, content=written) if each.name == "info/paths.json" else each for each in members]


def _of_zip(whole: bytes) -> list[_Member]:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return [_Member(info.filename, archive.read(info)) for info in archive.infolist()]


def _zip(members: _Members) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for each in members:
            info = zipfile.ZipInfo(each.name)
            info.create_system = 3
            kind = 0o120000 if each.kind == tarfile.SYMTYPE else 0o100000
            info.external_attr = (kind | each.mode) << 16
            archive.NameToInfo.clear()  # a name that is there twice is what is wanted
            archive.writestr(info, each.target or each.content)
    return content.getvalue()


def _of_tar(whole: bytes) -> list[_Member]:
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        found = []
        for info in archive:
            stream = archive.extractfile(info) if info.isreg() else None
            content = b"" if stream is None else stream.read()
            found.append(_Member(info.name, content, info.type, info.linkname, info.mode))
        return found


def _tar(members: _Members) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for each in members:
            info = tarfile.TarInfo(each.name)
            info.type, info.linkname, info.mode, info.size = each.kind, each.target, each.mode, len(each.content)
            archive.addfile(info, io.BytesIO(each.content))
    return content.getvalue()
