"""Check an archive of a conda package before anything of it is written: its bytes, and every path that it names.

What installs a package later trusts it: a path with `..` would be written outside of the environment, an absolute one
would end the installer. Formats: `.tar.bz2` (a tar) and `.conda` (a zip of two zstd tars), as conda's package
specification has them (CEP 35); what is below `info/` is for `package_metadata`.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cortexlock.conda import package_metadata
from cortexlock.conda.package_metadata import ListedPath
from cortexlock.errors import IntegrityError
from cortexlock.formats.member_paths import UnsafeError, check_links, refuse_record, safe
from cortexlock.model.package import CondaPackage
from cortexlock.patterns import pattern
from cortexlock.storage.digests import file_digest

_PIECE = 1 << 20
_INFO_LIMIT = 1 << 27  # bytes of a file below info/ that is read into memory
_UNPACKED_RATIO = 100  # how much more an archive may unpack to; real ones stay below 20
_UNPACKED_ALWAYS = 1 << 26  # bytes that any archive may unpack to
_BLOCK = 512  # bytes of a tar's header
_LONGEST = 255  # bytes of a file's name
_LINK_SCRIPT = pattern(r"bin/\.[^/]+-(pre-link|post-link|pre-unlink)\.sh")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a verified archive brings.

    Attributes:
        scripts: The scripts that conda would run when it links or unlinks the package, sorted.
        files: What is linked, sorted, as the archive has it.
        commands: The commands that are made for a package of pure Python, sorted.
        pure: Whether it is one: its files lie in `site-packages` and `python-scripts`, wherever these are.
        room: How many bytes the environment's path may have, where it is written into files of bytes; or None.
        info: The files below `info/` that the installer reads.
    """

    scripts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pure: bool = False
    room: int | None = None
    info: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def linked(self, python: str) -> Iterator[str]:
        """Yield where what it brings is linked, under a minor version of Python (`3.6`)."""
        places = {"site-packages": f"lib/python{python}/site-packages", "python-scripts": "bin"}
        for file in self.files:
            top, _, rest = file.partition("/")
            yield f"{places[top]}/{rest}" if self.pure and top in places else file
        yield from (f"bin/{command}" for command in self.commands)


def verify(path: Path, package: CondaPackage) -> Listing:
    """Check an archive against its lockfile entry, and its content against what an installer does with it.

    Args:
        path: The archive, under any name.
        package: What the lockfile says of it.

    Returns:
        What the archive brings.

    Raises:
        IntegrityError: The archive is another one, is damaged, or is unsafe to install.
    """
    _check_bytes(path, package)
    with path.open("rb") as file:
        try:
            content = _scan(file, package.file, limit=_UNPACKED_ALWAYS + _UNPACKED_RATIO * path.stat().st_size)
        except UnsafeError as error:
            raise _bad(package, str(error)) from None
        except _damages() as error:
            raise _bad(package, f"the archive is damaged: {error}") from None
    try:
        check_links(content.names, content.links)
        for name in content.names:
            refuse_record(name)
        _check_members(content)
        package_metadata.check_index(content.info, package)
        listed = package_metadata.listed(content.info)
        _check_complete(listed, content)
        commands, pure = package_metadata.commands(content.info)
    except UnsafeError as error:
        raise _bad(package, str(error)) from None
    scripts = tuple(sorted(name for name in content.names if _LINK_SCRIPT.fullmatch(name)))
    room = min(
        (len(os.fsencode(each.placeholder)) for each in listed if each.binary and each.placeholder), default=None
    )
    return Listing(scripts, tuple(sorted(each.path for each in listed)), commands, pure, room, content.info)


def index(path: Path, name: str) -> bytes:
    """Return `info/index.json` of a verified archive, which its file name tells the format of."""
    with path.open("rb") as file:
        for tar, member in _members(file, name):
            tar.members = []  # type: ignore[attr-defined]  # as below
            stream = tar.extractfile(member) if safe(member.name) == "info/index.json" else None
            if stream is not None:
                return stream.read()
    raise ValueError(f"{name} has no info/index.json")


@dataclass(frozen=True, slots=True)
class _Content:
    """What an archive holds: hashes of its files, targets of its symbolic and hard links, what is read of `info/`."""

    files: dict[str, str]
    links: dict[str, str]
    hard_links: dict[str, str]
    info: dict[str, bytes]

    def __contains__(self, path: str) -> bool:
        """Whether there is a member of this path."""
        return path in self.files or path in self.links or path in self.hard_links

    @property
    def names(self) -> set[str]:
        """The paths of all members."""
        return {*self.files, *self.links, *self.hard_links}


def _bad(package: CondaPackage, what: str) -> IntegrityError:
    """Make the error of an archive."""
    return IntegrityError(what, where=package.file, hint="the channel's archive is broken or was tampered with")


def _check_bytes(path: Path, package: CondaPackage) -> None:
    """Compare the hash, and the size where the channel said it."""
    size = path.stat().st_size
    if package.size and size != package.size:
        raise IntegrityError(f"the archive has {size} bytes, the lockfile says {package.size}", where=package.file)
    sha256 = file_digest(path)
    if sha256 != package.sha256:
        raise IntegrityError(
            f"the archive's sha256 is {sha256}, the lockfile says {package.sha256}", where=package.file
        )


def _scan(file: IO[bytes], name: str, *, limit: int) -> _Content:
    """Read an archive once, and no more than `limit` bytes of what is in it."""
    found = _Content({}, {}, {}, {})
    for tar, member in _members(file, name):
        tar.members = []  # type: ignore[attr-defined]  # not documented; else a streaming tar keeps them all
        limit -= _BLOCK + max(member.size, 0)
        if limit < 0:  # before its content is read
            raise UnsafeError(f"it unpacks to much more than archives do, at {member.name}")
        path = safe(member.name)
        if not member.isdir():
            _add(found, path, tar, member)
    return found


def _add(found: _Content, path: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Add a member that is no directory."""
    if path in found:
        raise tarfile.TarError(f"{path} is there twice")
    if (member.issym() or member.islnk()) and not member.linkname:
        raise tarfile.TarError(f"the link {path} has no target")
    if member.issym():
        found.links[path] = member.linkname
    elif member.islnk():
        target = safe(member.linkname)
        if target not in found:
            raise tarfile.TarError(f"the hard link {path} comes before what it leads to")
        found.hard_links[path] = target
    elif member.isreg():
        found.files[path], content = _read(tar, member, keep=path in package_metadata.NEEDED)
        if path in package_metadata.NEEDED:
            found.info[path] = content
    else:
        raise tarfile.TarError(f"{path} is neither file nor link")


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo, *, keep: bool) -> tuple[str, bytes]:
    """Return the hash of a file, and its content if it is to be kept."""
    stream = tar.extractfile(member)
    if stream is None or (keep and member.size > _INFO_LIMIT):
        raise tarfile.TarError(f"{member.name} cannot be read")
    digest, pieces = hashlib.sha256(), []
    while piece := stream.read(_PIECE):
        digest.update(piece)
        if keep:
            pieces.append(piece)
    return digest.hexdigest(), b"".join(pieces)


def _members(file: IO[bytes], name: str) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Yield the members of an archive, piece by piece; its format follows from its name."""
    # It also reads .conda where the standard library has no zstd; imported here because it takes its time.
    from conda_package_streaming import package_streaming  # type: ignore[import-untyped]  # noqa: PLC0415 - as said

    if not name.endswith(".conda"):
        yield from package_streaming.stream_conda_component(name, file)
        return
    stem = name.removesuffix(".conda")
    with ExitStack() as stack:
        outer = stack.enter_context(zipfile.ZipFile(file))
        found = sorted(outer.namelist())
        if found != ["info-" + stem + ".tar.zst", "metadata.json", "pkg-" + stem + ".tar.zst"]:
            raise zipfile.BadZipFile(f"it holds {', '.join(found)}")
        for component in ("info", "pkg"):
            yield from package_streaming.stream_conda_component(name, file, component, zf=outer)


def _damages() -> tuple[type[Exception], ...]:
    """Return what reading a damaged archive raises."""
    from conda_package_streaming import package_streaming  # noqa: PLC0415 - as above

    refusals = (RuntimeError, package_streaming.zstd.ZstdError)  # RuntimeError: ways to compress that nobody knows
    return (tarfile.TarError, zipfile.BadZipFile, EOFError, LookupError, OSError, *refusals)


def _check_complete(listed: Sequence[ListedPath], content: _Content) -> None:
    """Check that what is listed is in the archive, and what the installer records of it without looking."""
    for each in listed:
        if each.path not in content:
            raise UnsafeError(f"it names {each.path}, which is not in the archive")
        is_file = each.path in content.files
        if is_file and each.kind == "softlink":
            raise UnsafeError(f"{each.path} is a file, info/paths.json says that it is a link")
        if each.kind == "hardlink" and each.path in content.links and not _leads_to_file(each.path, content):
            raise UnsafeError(f"{each.path} is a link, info/paths.json says that it is a file")
        if is_file and each.sha256 and content.files[each.path] != each.sha256:
            raise UnsafeError(
                f"the sha256 of {each.path} is {content.files[each.path]}, info/paths.json says {each.sha256}"
            )


def _leads_to_file(path: str, content: _Content) -> bool:
    """Whether a link leads to a file of the archive; `check_links` has seen that it leads nowhere else."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), content.links[path]))
    return target in content.files or target in content.hard_links


def _check_members(content: _Content) -> None:
    """Check that the members can be unpacked, and that what the installer reads of `info/` is what was read here."""
    names = content.names
    directories = set()
    for name in names:
        if any(len(os.fsencode(part)) > _LONGEST for part in name.split("/")):
            raise UnsafeError(f"the name {name[:_LONGEST]}… is longer than a file's can be")
        parent = name.rpartition("/")[0]
        while parent and parent not in directories:
            directories.add(parent)
            parent = parent.rpartition("/")[0]
    for name in directories & names:
        raise UnsafeError(f"{name} is a file and a directory")
    for name in package_metadata.NEEDED & names - content.files.keys():
        raise UnsafeError(f"{name} is a link")
