"""The content-addressed cache of artifacts; no entry is used unverified.

Layout: `artifacts/sha256/<first two digits>/<hash>/<file name>` below the cache directory. Further directories of the
same layout, which are only read, can stand behind it: a cache that cannot be written, or what `cortexlock fetch` made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import IO

from cortexlock.errors import IntegrityError
from cortexlock.formats import regular_file
from cortexlock.replay.supply import cache_errors, partial_files
from cortexlock.storage.digests import file_digest

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Expected:
    """The bytes that are expected: file name, hashes (hexadecimal; md5 may be empty), size (0: not known)."""

    file: str
    sha256: str
    md5: str = ""
    size: int = 0


class Cache:
    """Verified files by their sha256.

    Attributes:
        directory: Where files are stored.
        also: Further directories that files are looked for in.
    """

    def __init__(self, directory: Path, also: Sequence[Path] = ()) -> None:
        """Use a directory, which is made when the first file is stored."""
        self.directory = directory
        self.also = tuple(also)

    def path(self, expected: Expected) -> Path:
        """Return where a file is, or would be.

        Raises:
            IntegrityError: Its name or hash would lead out of the cache.
        """
        if PurePath(expected.file).name != expected.file or not expected.sha256.isalnum():
            raise IntegrityError("the lockfile has a file name or hash that is none", where=repr(expected.file))
        return self.directory / relative_path(expected)

    def get(self, expected: Expected) -> Path | None:
        """Return the path of a file if it is there with the right bytes; throw a bad entry away."""
        return self.look_up(expected)[0]

    def look_up(self, expected: Expected) -> tuple[Path | None, str]:
        """Return the path of a file that is there with the right bytes, and what is wrong with one that has others."""
        own = self.path(expected)
        problem = ""
        for path in (own, *(directory / relative_path(expected) for directory in self.also)):
            try:
                with regular_file.opened(path) as file:
                    wrong = _wrong(expected, iter(partial(file.read, _PIECE), b""))
                    read = os.fstat(file.fileno())
            except OSError:
                continue
            if not wrong:
                return path, problem
            problem = problem or wrong
            if path == own:
                with suppress(OSError):
                    if os.path.samestat(path.stat(), read):  # else another process has just put it right
                        path.unlink()
        return None, problem

    def size_there(self, expected: Expected) -> int:
        """Return how many bytes of a file are there, without a look at them: of the whole, or of a part."""
        own = self.path(expected)
        places = [
            own,
            *(directory / relative_path(expected) for directory in self.also),
            *partial_files.left(own.parent),
        ]
        return max((path.stat().st_size for path in places if path.is_file()), default=0)

    def put(self, expected: Expected, pieces: Iterable[bytes]) -> Path:
        """Store a file, verified while it is written, then renamed into its place.

        Raises:
            IntegrityError: The bytes are not the expected ones; nothing is kept of them.
            StepError: The cache cannot be written.
        """
        return self._store(expected, lambda _there: pieces, adopt=False)

    def resume(self, expected: Expected, rest: Callable[[int], Iterable[bytes]]) -> Path:
        """Store a file as `put` does, but begin with the part that an earlier try left, if there is one.

        Args:
            expected: The file.
            rest: Yields what follows after that many bytes. What it raises ends the try; the part is kept for the next.

        Raises:
            IntegrityError: The bytes are not the expected ones; nothing is kept of them.
            StepError: The cache cannot be written.
        """
        return self._store(expected, rest, adopt=True)

    def _store(self, expected: Expected, rest: Callable[[int], Iterable[bytes]], *, adopt: bool) -> Path:
        path = self.path(expected)
        try:
            with partial_files.opened(path.parent, adopt=adopt) as part:
                wrong = _fill(part.file, expected, rest)
                if wrong and part.adopted:  # perhaps the part was not of this file
                    wrong = _fill(part.empty(), expected, rest)
                if wrong:
                    part.discard()
                    raise IntegrityError(wrong, where=expected.file)
                part.commit(path)
        except OSError as error:
            raise cache_errors.unwritable(cache_errors.reason_of(error), path.parent) from error
        return path


@contextmanager
def opened(directory: Path, also: Sequence[Path] = ()) -> Iterator[Cache]:
    """Yield a cache that can be written: one that cannot be is read, and what is new lasts as long as the block.

    Args:
        directory: The cache directory.
        also: Further directories to read.
    """
    existing = next(parent for parent in (directory, *directory.parents) if parent.exists())
    if os.access(existing, os.W_OK | os.X_OK) or not existing.is_dir():
        yield Cache(directory, also)
        return
    with TemporaryDirectory(prefix="cortexlock-cache-") as temporary:
        yield Cache(Path(temporary), (directory, *also))


def relative_path(expected: Expected) -> Path:
    """Return where a file is below a cache directory."""
    return Path("artifacts", "sha256", expected.sha256[:2], expected.sha256, expected.file)


def verified_copy(path: Path, sha256: str, directory: Path) -> Path:
    """Copy a file and verify the copy, which nobody else writes to: what was verified long before may have changed.

    Args:
        path: The file.
        sha256: What is expected of it.
        directory: An existing directory that is this process's own.

    Raises:
        IntegrityError: It has other bytes, or is gone.
        OSError: The copy cannot be written.
    """
    copy = directory / path.name
    try:
        file = regular_file.opened(path)
    except OSError:
        raise _altered(path) from None
    with file, copy.open("wb") as target:
        shutil.copyfileobj(file, target, _PIECE)
    if file_digest(copy) == sha256:
        return copy
    raise _altered(path)


def refuse_altered(files: Iterable[tuple[Path, str]]) -> None:
    """Refuse files that are not what they were when they were verified.

    Args:
        files: Paths, and the sha256 of each.

    Raises:
        IntegrityError: One has other bytes, or is gone.
    """
    for path, sha256 in files:
        with suppress(OSError):
            if file_digest(path) == sha256:
                continue
        raise _altered(path)


def _altered(path: Path) -> IntegrityError:
    return IntegrityError(
        "the file was changed after it was verified",
        where=path.name,
        hint="let nobody else write to the cache, the project's script included, and install again",
    )


def _fill(file: IO[bytes], expected: Expected, rest: Callable[[int], Iterable[bytes]]) -> str:
    """Write what a part lacks; return what is wrong with the whole, or nothing.

    It is not forced to the disk: what a power failure loses is found by the hash when the file is used.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    there = iter(partial(file.read, _PIECE), b"")
    # A part that has all bytes already is one of a process that was killed just before it renamed it.
    missing = rest(size) if not expected.size or size < expected.size else ()
    wrong = _wrong(expected, chain(there, _written(missing, file)))
    file.flush()
    return wrong


def _written(pieces: Iterable[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        file.write(piece)
        yield piece


def _wrong(expected: Expected, pieces: Iterable[bytes]) -> str:
    """Return what is wrong with bytes, or nothing."""
    sha256 = hashlib.sha256()
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    for piece in pieces:
        sha256.update(piece)
        if expected.md5:
            md5.update(piece)
        size += len(piece)
        if expected.size and size > expected.size:
            return f"it has more than the {expected.size} bytes that are locked"
    if expected.size and size != expected.size:
        return f"it has {size} bytes, {expected.size} are locked"
    if sha256.hexdigest() != expected.sha256:
        return f"its sha256 is {sha256.hexdigest()}, {expected.sha256} is locked"
    if expected.md5 and md5.hexdigest() != expected.md5:
        return f"its md5 is {md5.hexdigest()}, {expected.md5} is locked"
    return ""
