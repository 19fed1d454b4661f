"""A root file system as layers make it: names and what they are, each layer on top of those below it.

Whiteouts and opaque directories as the OCI image specification has them (layer.md, "Representing Changes"). Of source
files of Python nothing is kept, they are more than half of all files; contents are kept by their place only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cortexlock.predictors.images import limits
from cortexlock.predictors.images.limits import damaged

Parts: TypeAlias = tuple[str, ...]

_HOPS = 40  # links in a row, as in Linux


@dataclass(slots=True, eq=False)
class Directory:
    """A directory.

    Attributes:
        layer: The number of the last layer that names it.
        children: What is in it.
        clean: The number of the layer below which nothing is left in it.
    """

    layer: int
    children: dict[str, Node] = field(default_factory=dict)
    clean: int = -1


@dataclass(frozen=True, slots=True)
class Stored:
    """A file whose content is kept: where in the store, and how many bytes."""

    layer: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file whose content was not kept. Without a name it is that of the place where it lies, for memory's sake."""

    layer: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Symlink:
    """A symbolic link and its target, as written."""

    layer: int
    target: str


@dataclass(frozen=True, slots=True)
class Other:
    """A device, a pipe, a socket."""

    layer: int


Node: TypeAlias = Directory | Stored | UnreadFile | Symlink | Other

Place: TypeAlias = tuple[Directory, Parts]
"""A directory, and the path that led to it."""

_KNOWN = 4096  # paths of directories
_LEADING = (Directory, Symlink)  # what paths lead through


class Tree:
    """The file system.

    Attributes:
        root: Its root.
        layer: The number of the layer that is put into it.
        known: Directories by the path that led to them, as long as no directory and no link is replaced.
    """

    def __init__(self) -> None:
        """Begin with an empty root."""
        self.root = Directory(-1)
        self.layer = 0
        self.known: dict[str, Place] = {}
        self._names = 0

    def place(self, path: str, parts: Parts) -> Place:
        """Return the directory of a path, made where it is missing; `path` is how a layer writes it."""
        found = self.known.get(path)
        if found is None:
            directory = self._walk(parts, make=True)
            if not isinstance(directory, Directory):  # a link that leads nowhere, or through itself
                directory = Directory(self.layer, clean=self.layer)
            if len(self.known) == _KNOWN:
                self.known.clear()
            found = self.known[path] = (directory, parts)
        return found

    def put(self, directory: Directory, name: str, node: Node) -> None:
        """Put something into a directory, in place of what is there. A directory that is there keeps what is in it."""
        there = directory.children.get(name)
        if there is None:
            self._count()
        elif isinstance(there, _LEADING):
            if isinstance(there, Directory) and isinstance(node, Directory):
                there.layer = node.layer
                return
            self.known.clear()
        directory.children[name] = node

    def forget(self, directory: Directory, name: str) -> None:
        """Take out what is in a place: a file of which nothing is kept is there now."""
        if isinstance(directory.children.pop(name, None), _LEADING):
            self.known.clear()

    def hide(self, parts: Parts) -> None:
        """Apply a whiteout: take out what lower layers have there."""
        parent = self.directory(parts[:-1])
        there = None if parent is None else parent.children.get(parts[-1])
        if parent is None or there is None:
            return
        if isinstance(there, _LEADING):
            self.known.clear()
        if isinstance(there, Directory):
            self._clean(there)
        if there.layer < self.layer and not (isinstance(there, Directory) and there.children):
            del parent.children[parts[-1]]

    def hide_below(self, parts: Parts) -> None:
        """Apply an opaque whiteout: take out what lower layers have in a directory."""
        there = self.directory(parts)
        if there is not None:
            self.known.clear()
            self._clean(there)

    def directory(self, parts: Parts) -> Directory | None:
        """Return the directory of a path, through symbolic links; None: there is none."""
        found = self._walk(parts, make=False)
        return found if isinstance(found, Directory) else None

    def node(self, parts: Parts) -> Node | None:
        """Return what a path names, links among its directories followed, itself not; None: nothing."""
        if not parts:
            return self.root
        parent = self.directory(parts[:-1])
        return None if parent is None else parent.children.get(parts[-1])

    def _walk(self, parts: Parts, *, make: bool) -> Node | None:
        place = self.root
        for part in parts:
            there = place.children.get(part)
            if not isinstance(there, Directory):
                return self._walk_links(parts, make=make)
            place = there
        return place

    def _walk_links(self, parts: Parts, *, make: bool) -> Node | None:
        waiting = list(reversed(parts))
        place = [self.root]
        hops = 0
        while waiting:
            part = waiting.pop()
            if len(place) > limits.DEPTH:
                return None
            if part == "..":
                place = place[:-1] or place
                continue
            there = place[-1].children.get(part)
            if isinstance(there, Symlink):
                hops += 1
                if hops > _HOPS:
                    return None
                if there.target.startswith("/"):
                    place = place[:1]
                waiting += reversed(parts_of(there.target))
                continue
            if not isinstance(there, Directory):
                if not make:
                    return None
                self._count()
                there = place[-1].children[part] = Directory(self.layer, clean=self.layer)
            place.append(there)
        return place[-1]

    def _clean(self, directory: Directory) -> None:
        """Take out what is of lower layers; each directory is looked through once for each layer."""
        if directory.clean == self.layer:
            return
        for name, child in list(directory.children.items()):
            if isinstance(child, Directory):
                self._clean(child)
            if child.layer < self.layer and not (isinstance(child, Directory) and child.children):
                del directory.children[name]
        directory.clean = self.layer

    def _count(self) -> None:
        self._names += 1
        if self._names > limits.NAMES:
            raise damaged(f"it has more than {limits.NAMES} names", "the image")


def parts_of(path: str) -> Parts:
    """Return the parts of a path of an image, `..` among them; where it starts does not count."""
    return tuple(part for part in path.split("/") if part not in {"", "."})


def find(directory: Directory, matches: Callable[[str, str], bool]) -> list[Parts]:
    """Return the paths below a directory, sorted, whose last two parts match: the name of a directory, and a name."""
    found: list[Parts] = []
    waiting: list[tuple[Parts, Directory]] = [((), directory)]
    while waiting:
        place, there = waiting.pop()
        above = place[-1] if place else ""
        for name, child in there.children.items():
            if matches(above, name):
                found.append((*place, name))
            if isinstance(child, Directory):
                waiting.append(((*place, name), child))
    return sorted(found)
