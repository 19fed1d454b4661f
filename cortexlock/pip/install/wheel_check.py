"""Check a wheel before anything of it is installed: every path that it names, without unpacking it.

An old pip writes where a member's name says, outside of the environment too, and uv finds that out half-way. Only the
list of members, RECORD and `entry_points.txt` are read, so that large wheels take no time; what members hold is
covered by the wheel's own hash.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cortexlock.errors import IntegrityError
from cortexlock.formats.member_paths import UnsafeError, refuse_record, safe
from cortexlock.pip.prefix.recorded_files import RecordError, read_record

_DATA = re.compile(r"(?:\./+)*[^/]+\.data/+(?P<scheme>[^/]+)/(?P<rest>.*)", re.DOTALL)
_METADATA = re.compile(r"(?:.*site-packages/)?(?P<directory>[^/]+\.dist-info)(?:/.*)?", re.DOTALL | re.IGNORECASE)
_RECORD = re.compile(r"[^/]+\.dist-info/RECORD")
_ENTRY_POINTS = re.compile(r"[^/]+\.dist-info/entry_points\.txt")
_SMALL = re.compile(r"[^/]+\.dist-info/(?:METADATA|WHEEL|entry_points\.txt)")
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})
_READ_LIMIT = 1 << 27  # bytes of a file that is read into memory
_METADATA_LIMIT = 1 << 24  # bytes of metadata that installers read; RECORD can be longer
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"  # what a ZIP file begins with, and what its last record does
_LAST_SIZE = 22  # bytes of that record, before its comment
_UNPACKED_RATIO = 100  # how much more a wheel may unpack to; real ones stay below 20
_UNPACKED_ALWAYS = 1 << 26  # bytes that any wheel may unpack to


def check(wheel: Path) -> None:
    """Refuse a wheel that is unsafe to install.

    Args:
        wheel: The file, under any name.

    Raises:
        IntegrityError: It is no wheel, names a path that leads out of the environment, holds a link or a path twice, or
            unpacks to much more than wheels do.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = archive.infolist()
            _check_ends(wheel, archive.comment)
            _check_sizes(members, wheel.stat().st_size)
            _check_members(members)
            for member in members:  # what installers read is there as its list of members says
                if _SMALL.fullmatch(member.filename):
                    archive.read(member)
            checked = {member.filename for member in members}
            for path, _ in read_record(_text(archive, _RECORD)):
                if path not in checked:
                    _check_path(path)
            for command in _commands(_text(archive, _ENTRY_POINTS)):
                _check_command(command)
    except UnsafeError as error:
        raise _bad(wheel, str(error)) from None
    except RecordError as error:
        raise _bad(wheel, f"its RECORD cannot be read: {error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise _bad(wheel, f"the wheel is damaged: {error}") from None


def commands(wheel: Path) -> tuple[str, ...]:
    """Return the names of the commands that installers make of a wheel which was checked."""
    with zipfile.ZipFile(wheel) as archive:
        return tuple(_commands(_text(archive, _ENTRY_POINTS)))


def _bad(wheel: Path, what: str) -> IntegrityError:
    return IntegrityError(what, where=wheel.name, hint="the wheel is broken or was tampered with")


def _check_ends(wheel: Path, comment: bytes) -> None:
    """Refuse a file with more than the archive in it, which one reader overlooks and the next one does not."""
    with wheel.open("rb") as file:
        first = file.read(len(_FIRST))
        file.seek(-_LAST_SIZE - len(comment), os.SEEK_END)
        last = file.read(len(_LAST))
    if (first, last) != (_FIRST, _LAST):
        raise UnsafeError("there is something before or after the archive in it")


def _check_sizes(members: Sequence[zipfile.ZipInfo], size: int) -> None:
    """Refuse what unpacks to too much; members that share their bytes are how a small archive becomes a large one."""
    if sum(member.compress_size for member in members) > size:
        raise UnsafeError("its members are larger than the wheel")
    if sum(member.file_size for member in members) > _UNPACKED_ALWAYS + _UNPACKED_RATIO * size:
        raise UnsafeError("it unpacks to much more than wheels do")


def _check_members(members: Iterable[zipfile.ZipInfo]) -> None:
    files: set[str] = set()
    directories: set[str] = set()
    for member in members:
        path = _check_path(member.filename)
        if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise UnsafeError(f"{path} is neither file nor directory")
        if member.is_dir():
            directories.add(path)
        elif path in files:
            raise UnsafeError(f"{path} is there twice")
        else:
            files.add(path)
            _add_parents(path, directories)
        if _SMALL.fullmatch(path) and member.file_size > _METADATA_LIMIT:
            raise UnsafeError(f"{path} is too large to be read")
    both = sorted(files & directories)
    if both:
        raise UnsafeError(f"{both[0]} is a file and a directory")
    records = [path for path in files if _RECORD.fullmatch(path)]
    if len(records) != 1:
        raise UnsafeError("it has no RECORD, or more than one")
    own = records[0].partition("/")[0]
    for path in sorted(files):
        top = path.partition("/")[0]
        if top != own and top.casefold().endswith(".dist-info"):
            raise UnsafeError(f"{path} would be the metadata of another distribution")


def _add_parents(path: str, directories: set[str]) -> None:
    parent = path.rpartition("/")[0]
    while parent and parent not in directories:
        directories.add(parent)
        parent = parent.rpartition("/")[0]


def _check_path(path: str) -> str:
    """Return a path without `.` parts; what follows `NAME.data/<scheme>/` is a path of its own."""
    plain = safe(path)
    data = _DATA.fullmatch(path) if ".data/" in path else None
    if data and data["rest"]:
        rest = safe(data["rest"])
        if data["scheme"] == "data":
            refuse_record(rest)
        if _METADATA.fullmatch(rest):
            raise UnsafeError(f"{plain} would be the metadata of another distribution")
    return plain


def _text(archive: zipfile.ZipFile, name: re.Pattern[str]) -> str:
    """Return the text of a file, empty if there is none."""
    member = next((each for each in archive.infolist() if name.fullmatch(safe(each.filename))), None)
    if member is None:
        return ""
    if member.file_size > _READ_LIMIT:
        raise UnsafeError(f"{member.filename} is too large to be read")
    return archive.read(member).decode("utf-8", errors="surrogateescape")


def _commands(text: str) -> Iterator[str]:
    """Yield the names of the commands that installers make."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section in _SCRIPTS and line and line[0] not in "#;":
            yield line.partition("=")[0].strip()


def _check_command(name: str) -> None:
    if name in {"", ".", ".."} or any(each in name for each in "/\\\0"):
        raise UnsafeError(f"the entry point {name!r} is no command")
