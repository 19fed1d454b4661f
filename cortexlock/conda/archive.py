"""Check an archive of a conda package before anything of it is written: its bytes, and every path that it names.

What installs a package later trusts it: a path with `..` would be written outside of the environment, an absolute one
would end the installer. Formats: `.tar.bz2` (a tar) and `.conda` (a zip of two zstd tars), with `info/paths.json` or
the older `info/files`, `info/link.json` and `info/index.json`, as conda's package specification has them (CEP 35).
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cortexlock.errors import IntegrityError
from cortexlock.formats.member_paths import UnsafeError, check_links, safe
from cortexlock.model.package import CondaPackage

_PIECE = 1 << 20
_INFO_LIMIT = 1 << 27  # bytes of a file below info/ that is read into memory
_UNPACKED_RATIO = 100  # how much more an archive may unpack to; real ones stay below 20
_UNPACKED_ALWAYS = 1 << 26  # bytes that any archive may unpack to
_BLOCK = 512  # bytes of a tar's header
_NEEDED = frozenset({"info/index.json", "info/paths.json", "info/files", "info/link.json"})
_LINK_SCRIPT = re.compile(r"bin/\.[^/]+-(pre-link|post-link|pre-unlink)\.sh")
_COMMAND = re.compile(r"[^\s=/\\]+")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a verified archive brings.

    Attributes:
        scripts: The scripts that conda would run when it links or unlinks the package, sorted.
        files: What is linked, sorted, as the archive has it.
        commands: The commands that are made for a package of pure Python, sorted.
        pure: Whether it is one: its files lie in `site-packages` and `python-scripts`, wherever these are.
    """

    scripts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pure: bool = False

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
        _check_index(_json(content.info, "info/index.json"), package)
        files = _check_listed(content)
        link = _json(content.info, "info/link.json")
        commands = _check_commands(link)
    except UnsafeError as error:
        raise _bad(package, str(error)) from None
    scripts = tuple(sorted(name for name in content.names if _LINK_SCRIPT.fullmatch(name)))
    noarch = link.get("noarch")
    pure = (noarch.get("type") if isinstance(noarch, dict) else noarch) == "python"
    return Listing(scripts, tuple(sorted(files)), tuple(sorted(commands)), pure)


@dataclass(frozen=True, slots=True)
class _Content:
    """What an archive holds: hashes of its files, targets of its symbolic and hard links, what is read of `info/`."""

    files: dict[str, str]
    links: dict[str, str]
    hard_links: dict[str, str]
    info: dict[str, bytes]

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
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != package.sha256:
        raise IntegrityError(
            f"the archive's sha256 is {digest.hexdigest()}, the lockfile says {package.sha256}", where=package.file
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
        if member.isdir():
            continue
        if path in found.files or path in found.links or path in found.hard_links:
            raise tarfile.TarError(f"{path} is there twice")
        if (member.issym() or member.islnk()) and not member.linkname:
            raise tarfile.TarError(f"the link {path} has no target")
        if member.issym():
            found.links[path] = member.linkname
        elif member.islnk():
            found.hard_links[path] = safe(member.linkname)
        elif member.isreg():
            found.files[path], content = _read(tar, member, keep=path in _NEEDED)
            if path in _NEEDED:
                found.info[path] = content
        else:
            raise tarfile.TarError(f"{path} is neither file nor link")
    return found


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

    return (tarfile.TarError, zipfile.BadZipFile, EOFError, LookupError, OSError, package_streaming.zstd.ZstdError)


def _json(info: Mapping[str, bytes], name: str) -> Mapping[str, Any]:
    """Return a JSON object of the archive, empty where there is no such file."""
    try:
        found = json.loads(info.get(name, b"{}"))
    except ValueError:
        raise UnsafeError(f"{name} is no JSON") from None
    if not isinstance(found, dict):
        raise UnsafeError(f"{name} is no JSON object")
    return found


def _check_index(index: Mapping[str, Any], package: CondaPackage) -> None:
    """Check that the archive is the package that it is named for: the installer records what it finds inside."""
    for key in ("name", "version", "build"):
        if str(index.get(key)) != getattr(package, key):
            raise UnsafeError(f"its info/index.json has the {key} {index.get(key)!r}, not {getattr(package, key)!r}")
    site_packages = index.get("python_site_packages_path")
    if site_packages is not None:
        _listed(site_packages)


def _check_listed(content: _Content) -> list[str]:
    """Check the paths that the installer goes by, and what it records of them without looking; return them."""
    if "info/paths.json" not in content.info:
        lines = content.info.get("info/files", b"").decode("utf-8", "replace").splitlines()
        files = [_listed(line) for line in lines if line]
        _check_complete(files, content)
        return files
    entries = _json(content.info, "info/paths.json").get("paths")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnsafeError("info/paths.json has no list of paths")
    pairs = [(_listed(entry.get("_path")), entry) for entry in entries]
    members = [(path, entry) for path, entry in pairs if entry.get("path_type") != "directory"]
    _check_complete([path for path, _ in members], content)
    for path, entry in members:
        expected = entry.get("sha256")
        is_file = path in content.files
        if is_file and entry.get("path_type") == "softlink":
            raise UnsafeError(f"{path} is a file, info/paths.json says that it is a link")
        if is_file and expected and content.files[path] != expected:
            raise UnsafeError(f"the sha256 of {path} is {content.files[path]}, info/paths.json says {expected}")
    return [path for path, _ in members]


def _check_complete(listed: Sequence[str], content: _Content) -> None:
    """Check that listed paths are in the archive, and each once."""
    if len(listed) != len(set(listed)):
        raise UnsafeError("info/paths.json names a path twice")
    missing = sorted(set(listed) - content.names)
    if missing:
        raise UnsafeError(f"info/paths.json names {missing[0]}, which is not in the archive")


def _listed(path: object) -> str:
    """Return a path that a file of the archive names, or raise if it leads out."""
    if not isinstance(path, str):
        raise UnsafeError(f"{path!r} is no path")
    return safe(path)


def _check_commands(link: Mapping[str, Any]) -> list[str]:
    """Check the names of the commands that are made for a package of pure Python; return them."""
    noarch = link.get("noarch")
    points = noarch.get("entry_points", []) if isinstance(noarch, dict) else []
    commands = []
    for point in points if isinstance(points, list) else [points]:
        command = str(point).partition("=")[0].strip()
        commands.append(command)
        if not _COMMAND.fullmatch(command) or command in {".", ".."}:
            raise UnsafeError(f"the entry point {point!r} is no command")
    return commands
