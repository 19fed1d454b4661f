"""An archive of an image, opened where it lies: which form it has, and which of its images is meant.

Forms: `docker save`, an OCI layout as a directory or a tar, and a flat tar of a root file system (`docker export`).
What is compressed as a whole, or comes through a pipe, is first unpacked into a file without a name.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from cortexlock.errors import UsageError
from cortexlock.predictors.images import limits, manifests, store, unpacking
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.images.manifests import Described, Find
from cortexlock.predictors.images.streams import Blob, PlainStream
from cortexlock.predictors.images.tar_headers import DamagedTarError
from cortexlock.predictors.images.tar_members import TarMembers
from cortexlock.predictors.images.tree import parts_of

_START = 512
_MAGIC, _MAGIC_AT = b"ustar", 257  # of a tar's headers, POSIX and GNU
_COPY = 1 << 20
_TOP_LEVEL = frozenset({"bin", "boot", "dev", "etc", "home", "lib", "opt", "proc", "root", "sbin", "usr", "var"})
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_PLATFORM = re.compile(r"(?:linux/)?([a-z0-9_]+)(?:/v[0-9]+)?")
_KINDS = "`docker save`, an OCI layout, or the tar of a root file system"


class SeveralPlatformsError(UsageError):
    """An image is in an archive for several platforms, and nobody said which is meant."""


@contextmanager
def open_image(source: Path | IO[bytes], *, name: str | None, platform: str | None) -> Iterator[tuple[Described, bool]]:
    """Open an archive.

    Args:
        source: A file, the directory of an OCI layout, or an open stream.
        name: What the image is called, where there are several: its name, with or without registry and tag.
        platform: Which platform of it, where there are several: `linux/arm64`.

    Yields:
        The image, and whether its layers have whiteouts. A flat tar is an image of one layer, without name and digest.

    Raises:
        UsageError: There is no such file, it is no archive of an image, or it has several and none was chosen.
        IntegrityError: It is damaged.
    """
    where = str(source) if isinstance(source, Path) else "standard input"
    with ExitStack() as stack:
        try:
            if isinstance(source, Path) and source.is_dir():
                find = _of_directory(source, stack)
                if not is_layout(source) and find("index.json") is None:
                    raise UsageError("this is no archive of an image", where=where, hint=f"what is read: {_KINDS}")
            else:
                file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
                file = _seekable(file, where, stack)
                found = _members(file, where)
                if found is None:
                    _refuse_choice(name, platform, where)
                    size = file.seek(0, os.SEEK_END)
                    yield Described((), "", "", "", (Blob(file, 0, size, where),)), False
                    return
                find = found
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror or error}", where=where) from None
        images = manifests.of_layout(find) if find("index.json") else manifests.of_docker(find)
        image = _chosen(images, name, platform, where)
        if image.missing is not None:
            raise image.missing
        yield image, True


def is_archive(path: Path) -> bool:
    """Whether a path is an archive of an image, by its beginning: no text begins so."""
    if path.is_dir():
        return is_layout(path)
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError:
        return False
    packed = unpacking.is_compressed(start) or bool(unpacking.other_compression(start))
    return packed or start[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC


def is_layout(directory: Path) -> bool:
    """Whether a directory is an OCI layout, or what `docker save` wrote, unpacked."""
    return any((directory / each).is_file() for each in ("oci-layout", "manifest.json"))


def _of_directory(directory: Path, stack: ExitStack) -> Find:
    """Return what finds the files of a layout in a directory."""

    def find(path: str) -> Blob | None:
        parts = parts_of(path)
        place = directory.joinpath(*parts)
        if ".." in parts or not parts or not place.is_file():
            return None
        file = stack.enter_context(place.open("rb"))
        return Blob(file, 0, os.fstat(file.fileno()).st_size, path)

    return find


def _seekable(file: IO[bytes], where: str, stack: ExitStack) -> IO[bytes]:
    """Return a file that can be read from anywhere, and is not compressed as a whole."""
    start = file.read(_START)
    if not start:
        raise UsageError("it is empty", where=where, hint="did what writes it end well?")
    other = unpacking.other_compression(start)
    if other:
        what = f"an archive that is compressed with {other} is not read"
        raise UsageError(what, where=where, hint="unpack it, or compress it with gzip, zstd, bzip2 or xz")
    compressed = unpacking.is_compressed(start)
    if not file.seekable():
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it
        stack.callback(store.close, copy)
        store.write(copy, chain((start,), iter(lambda: file.read(_COPY), b"")))
        file = copy
    if not compressed:
        return file
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it
    stack.callback(store.close, unpacked)
    size = file.seek(0, os.SEEK_END)
    with Blob(file, 0, size, where).unpacked() as stream:
        store.write(unpacked, iter(stream.piece, b""))
    return unpacked


def _members(file: IO[bytes], where: str) -> Find | None:
    """Return what finds the members of an archive of archives; None: it is the tar of a root file system."""
    found: dict[str, tuple[int, int]] = {}
    links: dict[str, str] = {}
    tar = TarMembers(PlainStream(Blob(file, 0, file.seek(0, os.SEEK_END), where)))
    try:
        for number, (path, kind, length, target) in enumerate(tar):
            parts = parts_of(path)
            if (parts and parts[0] in _TOP_LEVEL) or number > limits.OUTER_MEMBERS:
                return None
            if kind == "file":
                found["/".join(parts)] = (tar.position, length)
            elif kind in {"symlink", "hard-link"}:  # one layer in the place of another, as Docker had it
                above = parts[:-1] if kind == "symlink" else ()
                links["/".join(parts)] = os.path.normpath("/".join((*above, target)))
    except DamagedTarError as error:
        if found:
            raise damaged(f"the tar is damaged: {error}", where) from None
        raise UsageError("this is no archive of an image", where=where, hint=f"what is read: {_KINDS}") from None
    if "index.json" not in found and "manifest.json" not in found:
        return None

    def find(path: str) -> Blob | None:
        name = "/".join(parts_of(path))
        place = found.get(links.get(name, name))
        return None if place is None else Blob(file, *place, path)

    return find


def _refuse_choice(name: str | None, platform: str | None, where: str) -> None:
    """A flat tar is one image: it has no others to choose from. Its name in lockfiles can be said."""
    del name
    if platform is not None:
        what = "the tar of a root file system has one platform"
        raise UsageError(what, where=where, hint="leave --image-platform out")


def _chosen(images: Sequence[Described], name: str | None, platform: str | None, where: str) -> Described:
    """Return the image that is meant.

    Raises:
        UsageError: None is, or more than one.
    """
    if not images:
        raise UsageError("there is no image in it whose manifest is there", where=where)
    named = [image for image in images if name and any(_is_called(each, name) for each in image.names)]
    there = named or list(images)
    if platform is not None:
        there = [image for image in there if _same_platform(image.platform, platform)]
    if len(there) == 1:
        return there[0]
    platforms = sorted({image.platform for image in (there or named or images)})
    names = sorted({each for image in images for each in image.names})
    if not there:
        raise UsageError(
            f"no image in it is for {platform}", where=where, hint=f"--image-platform: {' or '.join(platforms)}"
        )
    if len(platforms) > 1:
        raise SeveralPlatformsError(
            f"the image is there for {len(platforms)} platforms",
            where=where,
            hint=f"say which: --image-platform {' or '.join(platforms)}",
        )
    what = f"{len(there)} images are in it" + (f", none of which is called {name}" if name and not named else "")
    raise UsageError(what, where=where, hint=f"say which: --image {' or '.join(names)}")


def _is_called(name: str, said: str) -> bool:
    """Whether a name is what was said: with or without registry and organization, with or without tag."""
    short = name.rpartition("/")[2]
    return said in {name, short, name.rpartition(":")[0], short.partition(":")[0]}


def _same_platform(platform: str, said: str) -> bool:
    match = _PLATFORM.fullmatch(said)
    return match is not None and platform == f"linux/{_MACHINES.get(match[1], match[1])}"
