"""Paths of a root file system that is not this machine's: links stay within it, whatever they say.

They have what is used of `pathlib.Path`, so that one reader serves an environment of this machine and one of an image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal, Protocol, TypeAlias

Parts: TypeAlias = tuple[str, ...]

_HOPS = 40  # links in a row, as in Linux


@dataclass(frozen=True, slots=True)
class Look:
    """What lies in a place; of a symbolic link its target, too."""

    kind: Literal["file", "directory", "symlink", "other"]
    target: str = ""


class FileSystem(Protocol):
    """A root file system. Paths are given as parts from its root, and no directory among them is a link."""

    def look(self, parts: Parts) -> Look | None:
        """Return what lies in a place, links not followed; None: nothing."""
        ...

    def names(self, parts: Parts) -> list[str]:
        """Return the names in a directory, sorted."""
        ...

    def find(self, matches: Callable[[str, str], bool]) -> list[Parts]:
        """Return the paths, sorted, for which it holds that their last two parts match: directory and name."""
        ...

    def read(self, parts: Parts) -> bytes:
        """Return the content of a file.

        Raises:
            OSError: It cannot be read.
            IntegrityError: As before, of an archive.
        """
        ...


@dataclass(frozen=True, slots=True, order=True)
class ImagePath:
    """A path of a root file system; it need not be there."""

    parts: Parts
    system: FileSystem

    def __truediv__(self, other: str) -> ImagePath:
        """Join; an absolute path starts at the root of the image."""
        start = () if other.startswith("/") else self.parts
        return ImagePath((*start, *(part for part in other.split("/") if part not in {"", "."})), self.system)

    def __str__(self) -> str:
        """Return the path as the image has it."""
        return "/" + "/".join(self.parts)

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1] if self.parts else ""

    @property
    def suffix(self) -> str:
        """The end of the name from its last dot on."""
        return PurePosixPath(self.name).suffix

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def parent(self) -> ImagePath:
        """The directory that it lies in."""
        return ImagePath(self.parts[:-1], self.system)

    def resolve(self) -> ImagePath:
        """Return the path without links; from where nothing is there on, as it is written."""
        real = _real(self.system, self.parts)
        return ImagePath(self.parts if real is None else real, self.system)

    def is_dir(self) -> bool:
        """Whether it is a directory, through links."""
        return self._kind() == "directory"

    def is_file(self) -> bool:
        """Whether it is a file, through links."""
        return self._kind() == "file"

    def iterdir(self) -> Iterator[ImagePath]:
        """Yield what is in the directory; nothing where it is none."""
        real = _real(self.system, self.parts)
        for name in () if real is None else self.system.names(real):
            yield ImagePath((*self.parts, name), self.system)

    def glob(self, pattern: str) -> Iterator[ImagePath]:
        """Yield what is in the directory, and matches a pattern without a slash."""
        return (path for path in self.iterdir() if fnmatchcase(path.name, pattern))

    def read_bytes(self) -> bytes:
        """Return the content of the file.

        Raises:
            OSError: It cannot be read.
            IntegrityError: As before, of an archive.
        """
        real = _real(self.system, self.parts)
        if real is None:
            raise FileNotFoundError(f"{self} is not there")
        return self.system.read(real)

    def _kind(self) -> str:
        real = _real(self.system, self.parts)
        look = None if real is None else self.system.look(real)
        return look.kind if look is not None else ""


def root_of(system: FileSystem) -> ImagePath:
    """Return the root of a file system."""
    return ImagePath((), system)


def _real(system: FileSystem, parts: Parts) -> Parts | None:
    """Follow all links of a path; None: it leads nowhere. What is missing at its end stays as it is."""
    waiting = list(reversed(parts))
    place: list[str] = []
    hops = 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            if place:
                place.pop()
            continue
        look = system.look((*place, part))
        if look is None or look.kind != "symlink":
            place.append(part)
            continue
        hops += 1
        if hops > _HOPS:
            return None
        if look.target.startswith("/"):
            place.clear()
        waiting += reversed([each for each in look.target.split("/") if each not in {"", "."}])
    return tuple(place)
