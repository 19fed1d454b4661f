"""Layers, one on top of the other, into a root file system: in one pass, and nothing is extracted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cortexlock.predictors.images import limits
from cortexlock.predictors.images.image_path import Look
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.images.store import Store
from cortexlock.predictors.images.streams import Blob
from cortexlock.predictors.images.tar_headers import DamagedTarError
from cortexlock.predictors.images.tar_members import Member, TarMembers
from cortexlock.predictors.images.tree import (
    Directory,
    Other,
    Parts,
    Stored,
    Symlink,
    Tree,
    UnreadFile,
    find,
    parts_of,
)
from cortexlock.predictors.images.wanted import is_named, is_wanted

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_DIRECTORIES = 4096  # whose parts are remembered
_META = ".wh..wh."  # what AUFS keeps for itself


class LayeredRoot:
    """The root file system of layers: a `FileSystem`."""

    def __init__(self, layers: Sequence[Blob], *, whiteouts: bool) -> None:
        """Read layers, the lowest first.

        Args:
            layers: The layers.
            whiteouts: Whether names that begin with `.wh.` are whiteouts; in a flat tar they are names like others.

        Raises:
            IntegrityError: One is damaged, or is not what its digest says, or the image is larger than images are.
        """
        if len(layers) > limits.LAYERS:
            raise damaged(f"it has {len(layers)} layers", "the image")
        self._layers = tuple(layers)
        self._whiteouts = whiteouts
        self._tree = Tree()
        self._store = Store()
        self._asked: dict[int, set[str]] = {}  # by layer: what is to be kept in the next pass over it
        self._found: dict[tuple[int, str], Stored] = {}  # what a pass found
        self._passes = 0
        try:
            for number, blob in enumerate(layers):
                self._tree.layer = number
                self._apply(number, blob)
        except BaseException:
            self.close()
            raise

    def look(self, parts: Parts) -> Look | None:
        """Return what lies in a place, or None."""
        node = self._tree.node(parts)
        if node is None:
            return None
        if isinstance(node, Symlink):
            return Look("symlink", node.target)
        if isinstance(node, Directory):
            return Look("directory")
        return Look("other" if isinstance(node, Other) else "file")

    def names(self, parts: Parts) -> list[str]:
        """Return the names in a directory, sorted."""
        directory = self._tree.directory(parts)
        return [] if directory is None else sorted(directory.children)

    def find(self, matches: Callable[[str, str], bool]) -> list[Parts]:
        """Return the paths, sorted, for which it holds that their last two parts match: directory and name."""
        return find(self._tree.root, matches)

    def read(self, parts: Parts) -> bytes:
        """Return the content of a file; what was not kept costs another pass over its layer.

        Raises:
            IntegrityError: It cannot be read, or this was done too often.
        """
        node = self._tree.node(parts)
        if isinstance(node, Stored):
            return self._store.read(node)
        if not isinstance(node, UnreadFile):
            raise damaged(f"/{'/'.join(parts)} is no file", "the image")
        key = (node.layer, node.name or "/".join(parts))
        if key not in self._found:
            self._asked.setdefault(key[0], set()).add(key[1])
            self._read_again(key[0])
        if key not in self._found:
            raise damaged(f"/{'/'.join(parts)!a} cannot be read", self._layers[node.layer].name)
        return self._store.read(self._found[key])

    def close(self) -> None:
        """Give the disk space back."""
        self._store.close()

    def _apply(self, number: int, blob: Blob) -> None:
        try:
            with blob.unpacked() as stream:
                tar = TarMembers(stream)
                paths = _MemberPaths(blob.name)
                unread = UnreadFile(number)
                for member in tar:
                    parts = paths.parts(member.name)
                    if parts is not None and not (self._whiteouts and self._is_whiteout(parts)):
                        self._put(tar, member, parts, unread)
        except DamagedTarError as error:
            raise damaged(f"the tar is damaged: {error}", blob.name) from None

    def _is_whiteout(self, parts: Parts) -> bool:
        """Apply a whiteout, if a member is one."""
        name = parts[-1]
        if not name.startswith(_WHITEOUT):
            return False
        if name == _OPAQUE:
            self._tree.hide_below(parts[:-1])
        elif not name.startswith(_META) and len(name) > len(_WHITEOUT):
            self._tree.hide((*parts[:-1], name[len(_WHITEOUT) :]))
        return True

    def _put(self, tar: TarMembers, member: Member, parts: Parts, unread: UnreadFile) -> None:
        layer = self._tree.layer
        if member.kind == "file":
            if not is_named(parts):
                self._tree.forget(parts)
            elif is_wanted(parts) and self._store.has_room(member.size):
                self._tree.put(parts, self._store.keep(layer, tar.content()))
            else:
                self._tree.put(parts, unread)
        elif member.kind == "directory":
            self._tree.put(parts, Directory(layer))
        elif member.kind == "symlink":
            self._tree.put(parts, Symlink(layer, member.target))
        elif member.kind == "hard-link":
            self._put_hard_link(parts, _parts(member.target, self._layers[layer].name) or ())
        else:
            self._tree.put(parts, Other(layer))

    def _put_hard_link(self, parts: Parts, target: Parts) -> None:
        """Put a second name of a file; what was not kept of it is asked for if this name tells that it is wanted."""
        layer = self._tree.layer
        there = self._tree.node(target)
        if isinstance(there, Stored):
            self._tree.put(parts, Stored(layer, there.offset, there.size))
        elif isinstance(there, Symlink):
            self._tree.put(parts, Symlink(layer, there.target))
        elif is_named(parts):
            of = there.layer if isinstance(there, UnreadFile) else layer
            name = there.name if isinstance(there, UnreadFile) and there.name else "/".join(target)
            self._tree.put(parts, UnreadFile(of, name))
            if is_wanted(parts):
                self._asked.setdefault(of, set()).add(name)
        else:
            self._tree.forget(parts)

    def _read_again(self, number: int) -> None:
        """Read a layer once more for the contents that are asked for of it."""
        self._passes += 1
        if self._passes > limits.REREADS:
            raise damaged("too many of its files are hard links to files of other names", self._layers[number].name)
        names = self._asked.pop(number)
        try:
            with self._layers[number].unpacked() as stream:
                tar = TarMembers(stream)
                for member in tar:
                    name = "/".join(parts_of(member.name))
                    if name in names and member.kind == "file" and self._store.has_room(member.size):
                        self._found[number, name] = self._store.keep(number, tar.content())
        except DamagedTarError as error:
            raise damaged(f"the tar is damaged: {error}", self._layers[number].name) from None


class _MemberPaths:
    """Paths of the members of a layer: those of one directory have most of it in common."""

    def __init__(self, layer: str) -> None:
        self._layer = layer
        self._directories: dict[str, Parts] = {}

    def parts(self, name: str) -> Parts | None:
        """Return the parts of a member's name, as `_parts` does."""
        above, _, last = name.rpartition("/")
        if last in {"", ".", ".."} or len(name) > limits.PATH_LENGTH:
            return _parts(name, self._layer)
        directory = self._directories.get(above)
        if directory is not None:
            return (*directory, last)
        parts = _parts(name, self._layer)
        if parts is not None:
            if len(self._directories) == _DIRECTORIES:
                self._directories.clear()
            self._directories[above] = parts[:-1]
        return parts


def _parts(name: str, layer: str) -> Parts | None:
    """Return the parts of a member's name; None: it is the root.

    Raises:
        IntegrityError: It leads out of the image, or is longer than a path can be.
    """
    parts = parts_of(name)
    if ".." in parts or len(name) > limits.PATH_LENGTH or len(parts) > limits.DEPTH:
        raise damaged(f"a member's path leads out of the image, or is too long: {name[:80]!a}", layer)
    return parts or None
