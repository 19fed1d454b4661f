"""The files of a distribution: as its RECORD lists them in a prefix, as a wheel will bring them (PEP 376, PEP 427)."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cortexlock.errors import DifferenceError, IntegrityError
from cortexlock.formats import prefix_file
from cortexlock.formats.directory_walk import scanned
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix

_ALGORITHMS = ("sha256", "sha384", "sha512")
_PIECE = 1 << 20
_SIZE = re.compile(r"\d{0,18}", re.ASCII)
_RECORD = re.compile(r"[^/]+\.dist-info/RECORD")


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a distribution: path as recorded, and where it is, perhaps with `..`; hash as `sha256=…`, or empty."""

    recorded: str
    path: str  # no `Path`: there are tens of thousands of them
    hash: str = ""


def recorded(distribution: InstalledDistribution) -> tuple[RecordedFile, ...] | None:
    """Return the files of a distribution, or None where it has no list of them.

    The list is RECORD, or the `installed-files.txt` of an old pip.

    Raises:
        DifferenceError: The list cannot be read.
    """
    record = distribution.metadata / "RECORD"
    text = prefix_file.read_text(record, errors="surrogateescape")
    if text is not None:
        try:
            site = str(distribution.site)
            return tuple(
                RecordedFile(path, os.path.join(site, path), digest)  # noqa: PTH118 - as above
                for path, digest in read_record(text)
                # Copied from a wheel that does not hold it: see `brought`.
                if not path.partition("/")[0].endswith(".data")
            )
        except RecordError as error:
            raise prefix_file.damaged(record, f"the list of files cannot be read: {error}") from None
    text = prefix_file.read_text(distribution.metadata / "installed-files.txt", errors="surrogateescape")
    if text is None:
        return None
    lines = (line for line in text.splitlines() if line and "\0" not in line)
    return tuple(RecordedFile(line, os.path.join(distribution.metadata, line)) for line in lines)  # noqa: PTH118


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """A file that a wheel brings.

    Attributes:
        member: The member of the archive.
        path: Where it goes, perhaps with `.` and empty parts.
        hash: As the wheel's RECORD has it, `sha256=…`, or empty.
        is_script: Whether installers rewrite its first line.
        is_list: Whether it is RECORD, which installers write themselves.
    """

    member: str
    path: str
    hash: str = ""
    is_script: bool = False
    is_list: bool = False


def brought(wheel: Path, prefix: Prefix) -> tuple[BroughtFile, ...]:
    """Return the files that a wheel brings into a prefix: what it holds, whatever its RECORD says.

    Wheels have been published that list what they do not hold (xgboost 1.0.2).

    Raises:
        IntegrityError: The wheel is damaged, or has no RECORD.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member.filename for member in archive.infolist() if not member.is_dir()]
            names = [name for name in members if _RECORD.fullmatch(name)]
            text = archive.read(names[0]).decode("utf-8", errors="surrogateescape")
        digests = dict(read_record(text))
    except (zipfile.BadZipFile, IndexError, RecordError) as error:
        raise IntegrityError("the file is not a wheel that can be read", where=wheel.name) from error
    site, root = str(prefix.site), str(prefix.root)
    places = {"purelib": site, "platlib": site, "scripts": f"{root}/bin", "data": root}
    found = []
    for member in members:
        first, _, rest = member.partition("/")
        scheme, _, inner = rest.partition("/")
        digest = digests.get(member, "")
        if not first.endswith(".data"):
            found.append(BroughtFile(member, f"{site}/{member}", digest, is_list=member in names))
        elif scheme in places:  # where headers go, and what they are called there, differs between installers
            found.append(BroughtFile(member, f"{places[scheme]}/{inner}", digest, is_script=scheme == "scripts"))
    return tuple(found)


class RecordError(ValueError):
    """What is wrong with a RECORD."""


def read_record(text: str) -> Iterator[tuple[str, str]]:
    """Yield path and hash (`sha256=…`, or empty) of each row of a RECORD.

    Raises:
        RecordError: It is no table, or holds what can be no path.
    """
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            if row and row[0]:
                if "\0" in row[0]:
                    raise RecordError("a path has a NUL")
                yield row[0], row[1] if len(row) > 1 else ""
    except csv.Error as error:
        raise RecordError(str(error)) from None


def is_removable(distribution: InstalledDistribution) -> bool:
    """Whether installers can read its RECORD, a stricter table for them than for us; or it has another list."""
    content = prefix_file.read(distribution.metadata / "RECORD")
    if content is None:
        return True
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return all(len(row) == len(("path", "hash", "size")) and _SIZE.fullmatch(row[2]) for row in rows)


def check_inside(distribution: InstalledDistribution, prefix: Prefix) -> None:
    """Refuse a list of files that leads out of the prefix: whoever removes the distribution goes by it.

    Raises:
        DifferenceError: The list cannot be read.
        IntegrityError: It names files outside the prefix.
    """
    inside = _Inside(prefix, distribution)
    for file in recorded(distribution) or ():
        inside(file.path)


def remove(
    distribution: InstalledDistribution, prefix: Prefix, *, keep: Collection[Path] = frozenset()
) -> tuple[str, ...]:
    """Remove a distribution by its list of files, byte code and directories that become empty included.

    Args:
        distribution: What to remove.
        prefix: Where it is.
        keep: Files that others have, too, and that stay.

    Returns:
        The paths that were removed, relative to the prefix, sorted.

    Raises:
        DifferenceError: It has no list of its files.
        IntegrityError: The list names files outside the prefix; nothing is removed then.
    """
    files = recorded(distribution)
    if files is None:
        raise DifferenceError(
            "the pre-installed distribution has no list of its files and cannot be removed",
            where=f"{distribution.name} {distribution.version}",
            hint="remove it from the image, or let the project not replace it",
        )
    inside = _Inside(prefix, distribution)
    paths = {inside(file.path) for file in files}
    paths -= set(keep)
    if distribution.metadata.is_relative_to(prefix.site):
        paths |= {inside(path) for path in _below(distribution.metadata)}
    paths |= {inside(path) for path in _compiled(paths)}
    removed = []
    for path in sorted(paths, key=lambda each: (_rank(each, distribution), str(each)), reverse=True):
        with suppress(FileNotFoundError, IsADirectoryError):
            path.unlink()
            removed.append(path.relative_to(prefix.root).as_posix())
    directories = {path.parent for path in paths}
    for directory in sorted({each for parent in directories for each in (parent, *parent.parents)}, reverse=True):
        if directory.is_relative_to(prefix.site) and directory != prefix.site:
            with suppress(OSError):  # not empty, or gone
                directory.rmdir()
    return tuple(sorted(removed))


def _rank(path: Path, distribution: InstalledDistribution) -> int:
    """Return how soon a file is removed: what tells the name and the files last, as a removal may be killed."""
    if path.parent.name != distribution.metadata.name:
        return 2
    return {"METADATA": 1, "PKG-INFO": 1, "RECORD": 0, "installed-files.txt": 0}.get(path.name, 2)


def discard(metadata: Path) -> None:
    """Remove the metadata of a distribution; of a link, the link alone.

    Raises:
        OSError: It cannot be removed.
        DifferenceError: Its directories are nested deeper than those of any package.
    """
    if metadata.is_symlink() or metadata.is_file():
        metadata.unlink()
        return
    try:
        shutil.rmtree(metadata)
    except RecursionError:
        raise prefix_file.damaged(metadata, "its directories are nested too deep to be removed") from None


class _Inside:
    """Paths of a prefix, each directory resolved once: there may be hundreds of thousands of files."""

    def __init__(self, prefix: Prefix, distribution: InstalledDistribution) -> None:
        self._prefix = prefix
        self._distribution = distribution
        self._root = str(prefix.root.resolve()).rstrip("/")
        self._places: dict[Path, str] = {}

    def __call__(self, path: str | Path) -> Path:
        """Return a path with its directory resolved.

        Raises:
            IntegrityError: It is outside the prefix.
        """
        file = Path(path)
        place = self._places.get(file.parent)
        if place is None:
            place = self._places[file.parent] = str(file.parent.resolve()).rstrip("/")
        resolved = f"{place}/{file.name}"
        if file.name == ".." or not f"{resolved}/".startswith(f"{self._root}/"):
            raise IntegrityError(
                f"the list of its files names `{file}`, which is outside the prefix",
                where=f"{self._distribution.name} {self._distribution.version}",
            )
        return self._prefix.root / resolved[len(self._root) + 1 :]


def _below(metadata: Path) -> Iterator[Path]:
    """Yield a file itself, or all files of a directory."""
    if not metadata.is_dir():
        yield metadata
        return
    for inside, entries in scanned(metadata):
        yield from (metadata / inside / entry.name for entry in entries if not entry.is_dir())


def _compiled(paths: Collection[Path]) -> Iterator[Path]:
    """Yield the byte code beside sources; each directory is looked through once."""
    stems: dict[Path, set[str]] = {}
    for path in paths:
        if path.suffix == ".py":
            stems.setdefault(path.parent / "__pycache__", set()).add(path.stem)
    for directory, modules in stems.items():
        for compiled in directory.glob("*.pyc"):
            parts = compiled.name.split(".")[:-1]
            if any(".".join(parts[:number]) in modules for number in range(1, len(parts))):
                yield compiled
