"""The files of a distribution: as its RECORD lists them in a prefix, as a wheel will bring them (PEP 376, PEP 427)."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cortexlock.errors import DifferenceError, IntegrityError
from cortexlock.formats import prefix_file
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix

_ALGORITHMS = ("sha256", "sha384", "sha512")
_PIECE = 1 << 20
_RECORD = re.compile(r"[^/]+\.dist-info/RECORD")


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a distribution: path as recorded, and where it is; hash as `sha256=…`, or empty."""

    recorded: str
    path: Path
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
            return tuple(
                RecordedFile(path, distribution.site / path, digest)
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
    return tuple(RecordedFile(line, distribution.metadata / line) for line in lines)


def brought(wheel: Path, prefix: Prefix) -> tuple[RecordedFile, ...]:
    """Return the files that a wheel brings into a prefix, scripts without a hash: installers rewrite their first line.

    Raises:
        IntegrityError: The wheel is damaged, or has no RECORD.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = set(archive.namelist())
            names = [name for name in archive.namelist() if _RECORD.fullmatch(name)]
            text = archive.read(names[0]).decode("utf-8", errors="surrogateescape")
    except (zipfile.BadZipFile, IndexError) as error:
        raise IntegrityError("The file is not a wheel that can be read", where=wheel.name) from error
    places = {
        "purelib": prefix.site,
        "platlib": prefix.site,
        "scripts": prefix.root / "bin",
        "data": prefix.root,
    }
    found = []
    for path, digest in read_record(text):
        if path not in members:
            continue  # wheels have been published that list what they do not hold (xgboost 1.0.2)
        first, _, rest = path.partition("/")
        scheme, _, inner = rest.partition("/")
        if not first.endswith(".data"):
            found.append(RecordedFile(path, prefix.site / path, digest))
        elif scheme in places:  # where headers go, and what they are called there, differs between installers
            found.append(RecordedFile(path, places[scheme] / inner, "" if scheme == "scripts" else digest))
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
            "The pre-installed distribution has no list of its files and cannot be removed",
            where=f"{distribution.name} {distribution.version}",
            hint="remove it from the image, or let the project not replace it",
        )
    paths = {_inside(file.path, prefix, distribution) for file in files}
    paths -= set(keep)
    paths |= {path for path in _below(distribution.metadata) if distribution.metadata.is_relative_to(prefix.site)}
    for path in list(paths):
        if path.suffix == ".py":
            paths |= set((path.parent / "__pycache__").glob(f"{_escaped(path.stem)}.*.pyc"))
    removed = []
    for path in sorted(paths, reverse=True):
        with suppress(FileNotFoundError):
            path.unlink()
            removed.append(path.relative_to(prefix.root).as_posix())
    for directory in sorted({parent for path in paths for parent in path.parents}, reverse=True):
        if directory.is_relative_to(prefix.site) and directory != prefix.site:
            with suppress(OSError):  # not empty, or gone
                directory.rmdir()
    return tuple(sorted(removed))


def differing_files(files: Iterable[RecordedFile]) -> Iterator[tuple[RecordedFile, str]]:
    """Yield each file that is not what its hash says, with `is missing` or `differs`; without a hash it need be there.

    Compiled byte code may be missing: it is made anew.
    """
    for file in files:
        if not os.path.isfile(file.path):  # noqa: PTH113 - Path.is_file raises for a name that is too long
            if not file.recorded.endswith(".pyc"):
                yield file, "is missing"
            continue
        algorithm, _, digest = file.hash.partition("=")
        if algorithm in _ALGORITHMS and _digest(file.path, algorithm) != digest.rstrip("="):
            yield file, "differs"


def _digest(path: Path, algorithm: str) -> str:
    hasher = hashlib.new(algorithm)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            hasher.update(piece)
    return base64.urlsafe_b64encode(hasher.digest()).rstrip(b"=").decode()


def _inside(path: Path, prefix: Prefix, distribution: InstalledDistribution) -> Path:
    """Return a path with its directory resolved; refuse one outside the prefix."""
    resolved = path.parent.resolve() / path.name
    root = prefix.root.resolve()
    if ".." in (path.name, *PurePosixPath(resolved).parts) or not resolved.is_relative_to(root):
        raise IntegrityError(
            f"The list of its files names `{path}`, which is outside the prefix",
            where=f"{distribution.name} {distribution.version}",
        )
    return prefix.root / resolved.relative_to(root)


def _below(metadata: Path) -> Iterator[Path]:
    """Yield a file itself, or all files of a directory."""
    if not metadata.is_dir():
        yield metadata
        return
    for directory, _, names in os.walk(metadata):
        yield from (Path(directory, name) for name in names)


def _escaped(stem: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", stem)
