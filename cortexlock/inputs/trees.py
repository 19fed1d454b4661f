"""Local trees (`.`, `./pkg`): which files a build gets to see, and a hash over them.

What a working copy gathers by being used is left out: version control, caches, build results, virtual environments, and
cortexlock's own lockfiles, which would otherwise change their own hash.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cortexlock.errors import InputError
from cortexlock.model.lockfile_name import label_of
from cortexlock.storage.digests import file_digest

_DIRECTORIES = frozenset({
    ".git", ".hg", ".svn", ".bzr", "CVS", "_darcs", ".jj",
    "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".venv",
    ".ipynb_checkpoints", ".eggs", ".idea", ".vscode",
})  # fmt: skip
_REPOSITORIES = frozenset({".git"})
_TOP_DIRECTORIES = frozenset({"build", "dist"})
_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_SUFFIXES = (".pyc", ".pyo", ".swp", "~")
_BLOCK = 1 << 20


def tree_files(directory: Path, *, checkout: bool = False) -> tuple[Path, ...]:
    """Return what belongs to a tree: regular files and symbolic links, relative to it, sorted by POSIX path.

    Args:
        directory: The tree.
        checkout: Whether it is a fresh checkout of a commit, where all that is there belongs to it but `.git`.

    Raises:
        InputError: The directory is not there or cannot be listed.
    """
    if not directory.is_dir():
        raise InputError.at(directory.name, None, "there is no such directory", hint="put it there, and commit it")
    found = _walk(directory, checkout=checkout)
    return tuple(sorted(found, key=lambda path: os.fsencode(path.as_posix())))


def tree_hash(directory: Path, *, checkout: bool = False) -> str:
    """Return the SHA-256, hexadecimal, over a tree's paths, executable bits, contents and link targets.

    Bytes are bytes: a checkout with other line ends is another tree, as what is built of it differs.

    Args:
        directory: The tree.
        checkout: As for `tree_files`.

    Raises:
        InputError: The directory is not there, or something in it cannot be read.
    """
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which a project without trees does without

    digest = hashlib.sha256()
    for path in tree_files(directory, checkout=checkout):
        for part in (os.fsencode(path.as_posix()), *_described(directory / path)):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _walk(root: Path, *, checkout: bool) -> Iterator[Path]:
    """Yield what belongs to a tree, in no order; however deep it is."""
    left = [Path()]
    while left:
        relative = left.pop()
        for entry in _entries(root / relative):
            path = relative / entry.name
            if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                if not _is_file_left_out(entry.name, checkout=checkout):
                    yield path
            elif entry.is_dir(follow_symlinks=False):
                is_top = relative == Path()
                left_out = entry.name in _REPOSITORIES if checkout else _is_left_out(root / path, top=is_top)
                left += [] if left_out else [path]


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as found:
            return list(found)
    except OSError as error:
        raise InputError.at(directory.name, None, f"cannot be listed: {error.strerror}") from None


def _is_file_left_out(name: str, *, checkout: bool) -> bool:
    if checkout:
        return name in _REPOSITORIES  # a submodule's `.git` is a file
    return name in _FILES | _DIRECTORIES or name.endswith(_SUFFIXES) or label_of(name) is not None


def _is_left_out(directory: Path, *, top: bool) -> bool:
    return (
        directory.name in _DIRECTORIES
        or directory.name.endswith(".egg-info")
        or (top and directory.name in _TOP_DIRECTORIES)
        or (directory / "pyvenv.cfg").is_file()
    )


def _described(path: Path) -> tuple[bytes, bytes]:
    """Return what kind of entry it is, and the hash of its content or the target of the link."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return b"link", os.fsencode(path.readlink().as_posix())
        digest = file_digest(path)
    except OSError as error:
        raise InputError.at(path.name, None, f"cannot be read: {error.strerror}") from None
    return (b"executable" if status.st_mode & stat.S_IXUSR else b"file"), digest.encode("ascii")
