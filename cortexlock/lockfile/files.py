"""Lockfiles on disk: read one, write all or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cortexlock.errors import Hint, InputError
from cortexlock.formats import content
from cortexlock.lockfile.text import MergeConflictError, loads, merged
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import in_order, label_of, lockfile_name
from cortexlock.model.predictor import PLATFORMS
from cortexlock.quick_dataclass import dataclass
from cortexlock.storage import whole_file

_NEW_FILE_MODE = 0o644
_BEGINNING = 4096


def read(path: Path, *, name: str) -> Lockfile:
    """Read a lockfile.

    Args:
        path: Where it is.
        name: How messages call it: relative to the project.

    Raises:
        InputError: It is not there, cannot be read, or is not a lockfile.
        IntegrityError: Its content does not have the hash that it says.
    """
    return loads(text_of(path, name=name), file=name)


def read_labelled(directory: Path, label: str) -> Lockfile:
    """Read a project's lockfile for a platform, or for the image of a name.

    Raises:
        InputError: As `read` does, or it was made for another one.
        IntegrityError: As `read` does.
    """
    name = lockfile_name(label)
    lockfile = read(directory / name, name=name)
    refuse_other_label(lockfile, label)
    return lockfile


def refuse_other_label(lockfile: Lockfile, label: str) -> None:
    """Refuse a lockfile whose file name says another platform, or name of an image, than itself.

    Raises:
        InputError: It was renamed or copied.
    """
    if lockfile.label != label:
        kind = "image" if lockfile.name else "platform"
        what = f"it was made for the {kind} {lockfile.label}: it was renamed or copied"
        raise InputError.at(lockfile_name(label), None, what, hint=Hint("run ", "lock"))


def labels(directory: Path) -> tuple[str, ...]:
    """Return which lockfiles a project has, by platform or name of image; a link to nothing counts as one.

    A file that has a lockfile's name by chance is none: `cortexlock.example.yaml`.
    """
    try:
        there = [label for entry in os.scandir(directory) if (label := label_of(entry.name)) is not None]
    except OSError:
        return ()
    return in_order(each for each in there if each in PLATFORMS or _begins_as_lockfile(directory / lockfile_name(each)))


def is_lockfile(written: str) -> bool:
    """Whether a text is meant to be a lockfile, by its first lines."""
    return "lockfile-version:" in written[:_BEGINNING]


def refuse_another_file(directory: Path, label: str) -> None:
    """Refuse to write a lockfile where another file has its name by chance: the name of an image is anybody's word.

    Raises:
        InputError: There is one, with something in it.
    """
    name = lockfile_name(label)
    path = directory / name
    if label not in PLATFORMS and path.is_file() and path.stat().st_size and not _begins_as_lockfile(path):
        what = "it is there and is no lockfile"
        raise InputError.at(name, None, what, hint="move it, or give the image another name in `images`")


def _begins_as_lockfile(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return is_lockfile(stream.read(_BEGINNING))
    except OSError:
        return path.is_symlink() or path.exists()  # why it cannot be read is said by who reads it


def read_for_versions(path: Path, *, name: str) -> tuple[Lockfile, bool]:
    """Read a lockfile for its versions and settings alone; one with conflict markers says what both of its sides do.

    Returns:
        What it says, and whether it has conflict markers.

    Raises:
        CortexlockError: As `read` does, or a side of the conflict cannot be read.
    """
    text = text_of(path, name=name)
    try:
        return loads(text, file=name), False
    except MergeConflictError:
        return merged(text, file=name), True


def text_of(path: Path, *, name: str) -> str:
    """Return what a file with a lockfile says; `name` is what messages call it.

    Raises:
        InputError: It is not there, cannot be read, or is not UTF-8.
    """
    try:
        raw = content.read(path)
    except FileNotFoundError:
        raise InputError.at(name, None, "there is no such lockfile", hint=Hint("run ", "lock")) from None
    except OSError as error:
        raise content.unreadable(name, error) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(name, line, "not a lockfile: not UTF-8", hint=Hint("run ", "lock")) from None


def write_all(texts: Mapping[Path, str]) -> None:
    """Write files, all or none: whatever fails before the last one is in place, the files are as they were.

    Each is written beside its destination, flushed to the disk, then renamed; an existing file keeps its mode, a new
    one gets 0644 whatever the umask. Where a file is a symbolic link, nothing is written: the link would be replaced.

    Raises:
        InputError: A destination is not a regular file, or cannot be written.
    """
    for path in texts:
        check_destination(path)
    prepared: list[_Prepared] = []
    try:
        for path, text in texts.items():
            prepared.append(_prepare(path, text.encode("utf-8")))
        for file in prepared:
            _put_in_place(file)
    except BaseException:  # an interrupt must not leave half of them either
        _roll_back(prepared)
        raise
    finally:
        for file in prepared:
            with suppress(OSError):
                file.temporary.unlink(missing_ok=True)
    for directory in {path.parent for path in texts}:
        _flush_directory(directory)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that is ready to be renamed, and what was at its destination (None: nothing)."""

    path: Path
    temporary: Path
    before: bytes | None
    mode: int


def check_destination(path: Path) -> None:
    """Check that a lockfile can stand there: nothing is there, or a regular file.

    Raises:
        InputError: Something else is there.
    """
    if path.is_symlink():
        raise InputError.at(path.name, None, "is a symbolic link", hint=Hint("remove the link, then run ", "lock"))
    if path.exists() and not path.is_file():
        raise InputError.at(path.name, None, "is not a regular file", hint="move it out of the way")


def _prepare(path: Path, new: bytes) -> _Prepared:
    try:
        before = path.read_bytes() if path.exists() else None
        mode = _NEW_FILE_MODE if before is None else stat.S_IMODE(path.stat().st_mode)
        return _Prepared(path, whole_file.prepare(path, new, mode=mode, durable=True), before, mode)
    except OSError as error:
        raise _not_writable(path, error) from None


def _put_in_place(file: _Prepared) -> None:
    try:
        file.temporary.replace(file.path)
    except OSError as error:
        raise _not_writable(file.path, error) from None


def _roll_back(files: list[_Prepared]) -> None:
    """Put back what was there, where the new file is in place already."""
    for file in files:
        if file.temporary.exists():
            continue
        if file.before is None:
            file.path.unlink(missing_ok=True)
        else:
            whole_file.write(file.path, file.before, mode=file.mode, durable=True)


def _flush_directory(directory: Path) -> None:
    """Make the renames last; where a directory cannot be opened (Windows), the system does so by itself."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _not_writable(path: Path, error: OSError) -> InputError:
    return InputError.at(
        path.name,
        None,
        f"cannot be written in {path.parent}: {error.strerror or error}",
        hint="nothing was changed; make the directory writable",
    )
