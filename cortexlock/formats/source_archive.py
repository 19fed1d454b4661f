"""Archives of source trees (sdists, zip files of a repository), unpacked member by member.

Each path is checked here, before anything is written and whatever the Python that runs this makes of an archive: the
`data` filter of `tarfile` has let links lead out of the directory (CVE-2025-4517). Links are made last, so that nothing
is written through one.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from cortexlock.errors import IntegrityError
from cortexlock.formats.member_paths import UnsafeError, check_links, refuse_long, safe

_UNPACKED_RATIO = 200  # how much more an archive may unpack to: sources are text, real ones stay below 30
_UNPACKED_ALWAYS = 1 << 26  # bytes that any archive may unpack to
_MOST = 200_000  # members
_BLOCK = 512  # bytes that a member takes by itself
_COMPRESSED = {b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ": lzma.LZMAFile}
"""What reads a compressed file, by the bytes that it begins with."""
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
"""Numbers of errors that are not the archive's fault."""


class DamagedArchiveError(IntegrityError):
    """A file that is no archive, or one that ends too early."""

    id = "damaged-archive"


def unpack(archive: Path, directory: Path) -> Path:
    """Unpack an archive, and return the root of the source tree that it holds.

    Args:
        archive: The file; what it is tells its content.
        directory: Where to: made if it is not there, and it must be empty.

    Raises:
        IntegrityError: It is damaged, has members or links that lead out of it, is of more than one root, or unpacks to
            much more than archives do.
    """
    limit = _limit(archive)
    directory.mkdir(parents=True, exist_ok=True)
    with _refusing(archive):
        found = _checked(archive, limit)
        with _opened(archive, limit) as members:
            for member in members:
                member.write(directory)
        for path, target in found.links.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).symlink_to(target)
    return _root(archive, directory)


def check(archive: Path) -> None:
    """Refuse an archive that `unpack` refuses, writing nothing.

    Raises:
        IntegrityError: As `unpack`, but for the roots, which are counted when it is unpacked.
    """
    with _refusing(archive):
        _checked(archive, _limit(archive))


def _limit(archive: Path) -> int:
    return _UNPACKED_ALWAYS + _UNPACKED_RATIO * archive.stat().st_size


@contextmanager
def _refusing(archive: Path) -> Iterator[None]:
    """Make one error of what is wrong with an archive, but for what the disk is at fault of."""
    try:
        yield
    except UnsafeError as error:
        raise _bad(archive, str(error)) from None
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        hint = "the archive is broken or was tampered with"
        raise DamagedArchiveError(f"the archive is damaged: {error}", where=archive.name, hint=hint) from None
    except (OSError, NotImplementedError, RuntimeError, ValueError, LookupError) as error:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise _bad(archive, f"the archive cannot be unpacked: {what}") from None


def unpack_flat(archive: Path, directory: Path) -> None:
    """Unpack an archive, the content of its root right into an existing directory, which is empty.

    Raises:
        IntegrityError: As `unpack`.
    """
    root = unpack(archive, directory)
    if root == directory:
        return
    away = root.rename(directory / f".{root.name[:100]}.root")  # a member may have the name of the root
    for entry in list(away.iterdir()):
        entry.rename(directory / entry.name)
    away.rmdir()


@dataclass(slots=True)
class _Found:
    """What an archive holds: files, directories, and targets of symbolic links, by path."""

    files: set[str] = field(default_factory=set)
    directories: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of either kind of archive.

    Attributes:
        path: Its path, checked.
        kind: `file`, `directory`, `link`, or `copy` of an earlier file.
        target: What a link or a copy leads to.
        executable: Whether it is a program.
        size: Bytes that it says it has.
        open: Gives its content.
    """

    path: str
    kind: str
    target: str
    executable: bool
    size: int
    open: Callable[[], IO[bytes] | None]

    def write(self, directory: Path) -> None:
        """Write a file or make a directory; links come last."""
        place = directory / self.path
        if self.kind == "directory":
            place.mkdir(parents=True, exist_ok=True)
        if self.kind not in {"file", "copy"}:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        if self.kind == "copy":
            shutil.copyfile(directory / self.target, place, follow_symlinks=False)
            place.chmod((directory / self.target).stat().st_mode & 0o777)
            return
        source = self.open()
        with place.open("xb") as file:
            if source is not None:
                shutil.copyfileobj(source, file)
        place.chmod(0o755 if self.executable else 0o644)


def _bad(archive: Path, what: str) -> IntegrityError:
    return IntegrityError(what, where=archive.name, hint="the archive is broken or was tampered with")


def _checked(archive: Path, limit: int) -> _Found:
    """Look at all members before anything is written.

    Raises:
        UnsafeError: One leads out of the directory, or there is too much.
    """
    found, total = _Found(), 0
    with _opened(archive, limit) as members:
        for count, member in enumerate(members):
            total += _BLOCK + member.size
            if total > limit or count > _MOST:
                raise UnsafeError(f"it unpacks to much more than archives do, at {member.path}")
            if member.path in found.files or member.path in found.links:
                raise UnsafeError(f"{member.path} is there twice")
            if member.kind == "directory":
                found.directories.add(member.path)
                continue
            if member.kind == "copy" and member.target not in found.files:
                raise UnsafeError(f"the hard link {member.path} leads to what is no file before it")
            if member.kind == "link":
                refuse_long(member.target)
                found.links[member.path] = member.target
            else:
                found.files.add(member.path)
    names = {*found.files, *found.links, *found.directories}
    check_links(names, found.links)
    found.directories |= {str(parent) for name in names for parent in PurePosixPath(name).parents}
    both = sorted(found.directories & (found.files | found.links.keys()))
    if both:
        raise UnsafeError(f"{both[0]} is a file and a directory")
    return found


@contextmanager
def _opened(archive: Path, limit: int) -> Iterator[Iterator[_Member]]:
    """Yield the members of an archive in their order."""
    with archive.open("rb") as file:
        start = file.read(6)
    reader = next((reader for magic, reader in _COMPRESSED.items() if start.startswith(magic)), None)
    if reader is None and zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield _zip_members(zipped, archive.stat().st_size)
        return
    with reader(archive, "rb") if reader else archive.open("rb") as stream:
        bounded: Any = _Bounded(cast("IO[bytes]", stream), limit)
        with tarfile.open(fileobj=bounded, mode="r|") as tar:
            yield _tar_members(tar)


def _tar_members(tar: tarfile.TarFile) -> Iterator[_Member]:
    for member in tar:
        tar.members = []  # type: ignore[attr-defined]  # not documented; else a streaming tar keeps them all
        target = ""
        if member.isdir():
            kind = "directory"
        elif member.issym():
            kind, target = "link", member.linkname
        elif member.islnk():
            kind, target = "copy", safe(member.linkname)
        elif member.isreg() and not member.issparse():
            kind = "file"
        else:
            raise UnsafeError(f"{member.name} is neither file nor link")
        if kind == "directory" and PurePosixPath(member.name).parts == ():
            continue  # `./`
        yield _Member(
            safe(member.name),
            kind,
            target,
            bool(member.mode & stat.S_IXUSR),
            max(member.size, 0) if kind == "file" else 0,
            lambda member=member: tar.extractfile(member),  # type: ignore[misc]
        )


def _zip_members(zipped: zipfile.ZipFile, size: int) -> Iterator[_Member]:
    members = zipped.infolist()
    if sum(member.compress_size for member in members) > size:
        raise UnsafeError("its members are larger than the archive")
    for member in members:
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise UnsafeError(f"{member.filename} is neither file nor directory")
        yield _Member(
            safe(member.filename),
            "directory" if member.is_dir() else "file",
            "",
            bool(mode & stat.S_IXUSR),
            member.file_size,
            lambda member=member: zipped.open(member),  # type: ignore[misc]
        )


class _Bounded:
    """A stream that ends in an error where it gives more bytes than it may: headers are read into memory whole."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._left = limit + (1 << 20)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise UnsafeError("it unpacks to much more than archives do")
        return piece


def _root(archive: Path, directory: Path) -> Path:
    entries = list(directory.iterdir())
    roots = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    if len(roots) == 1 and len(entries) == 1:
        return roots[0]
    if any((directory / name).is_file() for name in ("pyproject.toml", "setup.py")):
        return directory
    raise IntegrityError("the archive is no source tree: it has more than one root", where=archive.name)
