"""Digests of a prefix's files, each file read once as long as it stays what it is."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cortexlock.workers import processors

ABSENT = ""
"""What stands for the digest of a file that is not there."""

_OTHER = "none"
"""What stands for the digest of what is no regular file, cannot be read, or is too large."""

_LARGEST = 1 << 36
_PIECE = 1 << 20
_SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Digests of files, kept with the signature (inode, size, times) that the file had when it was read.

    Within one run that tells whether a file was written since: nothing but the kernel sets the time of a change.
    """

    _kept: dict[tuple[str, str], tuple[tuple[int, ...], str]] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> None:
        """Take the digests of many files side by side, so that later questions for them cost nothing."""
        ordered = list(paths)
        workers = min(8, processors())
        with ThreadPoolExecutor(workers) as executor:  # hashing does not hold the interpreter's lock
            list(executor.map(self._read, (ordered[start::workers] for start in range(workers))))

    def _read(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.of(path)

    def of(self, path: str, algorithm: str = _SHA256) -> str:
        """Return the digest of a file, hexadecimal, with `ALGORITHM=` before it where that is not sha256.

        Returns:
            `ABSENT` for what is not there, and what is no digest for what is no file that can be read.
        """
        try:
            found = os.stat(path)  # noqa: PTH116 - tens of thousands of them: no objects
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except (OSError, ValueError):
            return _OTHER
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            return _OTHER
        signature = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        kept = self._kept.get((path, algorithm))
        if kept is not None and kept[0] == signature:
            return kept[1]
        digest = _digest(path, algorithm, found.st_size)
        self._kept[path, algorithm] = (signature, digest)
        return digest


def is_digest_of(digest: str, path: str, digests: FileDigests) -> bool:
    """Whether a digest, as `FileDigests.of` writes it, is the one of a file."""
    algorithm = digest.partition("=")[0] if "=" in digest else _SHA256
    return digests.of(path, algorithm) == digest


def _digest(path: str, algorithm: str, size: int) -> str:
    """Hash a file; most have few bytes, for which a piece is not made as large as for the others."""
    hasher = hashlib.new(algorithm)
    length = min(size + 1, _PIECE)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            while piece := os.read(descriptor, length):
                hasher.update(piece)
        finally:
            os.close(descriptor)
    except OSError:
        return _OTHER
    return hasher.hexdigest() if algorithm == _SHA256 else f"{algorithm}={hasher.hexdigest()}"
