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
    Node,
    Other,
    Parts,
    Place,
    Stored,
    Symlink,
    Tree,
    UnreadFile,
    find,
    parts_of,
)
from cortexlock.predictors.images.wanted import is_named, is_wanted, may_be_wanted

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_META = ".wh..wh."  # what AUFS keeps for itself
_NO_NAMES = frozenset({"", ".", ".."})


class LayeredRoot:
    """The root file system of layers: a `FileSystem`."""

    def __init__(self, layers: Sequence[Blob], *, whiteouts: bool) -> None:
        """Read layers, the lowest first.

        Args:
            layers: The layers.
            whiteouts: Whether names that begin with `.wh.` are whiteouts; in a flat tar they are names like others.

        Raises:
            IntegrityError: One is damaged, or is not what its digest says, or has neither a digest nor an end, or the
                image is larger than images are.
        """
        if len(layers) > limits.LAYERS:
            raise damaged(f"it has {len(layers)} layers", "the image")
        self._layers = tuple(layers)
        self._whiteouts = whiteouts
        self._named: set[str] = set()  # names of source files that are asked for
        self._passes = 0
        self._read_layers()

    def _read_layers(self) -> None:
        self._tree = Tree()
        self._store = Store()
        self._asked: dict[int, set[str]] = {}  # by layer: what is to be kept in the next pass over it
        self._found: dict[tuple[int, str], Stored] = {}  # what a pass found
        try:
            for number, blob in enumerate(self._layers):
                self._tree.layer = number
                self._apply(number, blob)
        except BaseException:
            self.close()
            raise

    def look(self, parts: Parts) -> Look | None:
        """Return what lies in a place, or None. A source file, whose name was not kept, costs another pass."""
        node = self._tree.node(parts)
        if node is None:
            return self.look(parts) if parts and self._kept_now(parts[-1]) else None
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
            if self._kept_now(key[1].rpartition("/")[2]):  # a hard link to a source file of a lower layer
                return self.read(parts)
            raise damaged(f"/{'/'.join(parts)!a} cannot be read", self._layers[node.layer].name)
        return self._store.read(self._found[key])

    def close(self) -> None:
        """Give the disk space back."""
        self._store.close()

    def _kept_now(self, name: str) -> bool:
        """Read all layers again for source files of a name, as none is kept; False: they were, or would have been."""
        if is_named(name) or name in self._named:
            return False
        self._named.add(name)
        self._passed("the image")
        self.close()
        self._read_layers()
        return True

    def _apply(self, number: int, blob: Blob) -> None:
        known, unread = self._tree.known, UnreadFile(number)
        special, longest = _WHITEOUT if self._whiteouts else (), limits.PATH_LENGTH
        try:
            with blob.unpacked() as stream:
                tar = TarMembers(stream)
                for member in tar:
                    path, kind, size, _ = member
                    above, _, name = path.rpartition("/")
                    place = known.get(above)
                    if place is None or name in _NO_NAMES or name.startswith(special) or len(path) > longest:
                        place, name = self._place(path, blob.name)
                    if place is None:
                        continue
                    if kind == "file":
                        self._put_file(tar, size, place, name, unread)
                    else:
                        self._put_other(member, place, name)
            if not tar.ended and not blob.digest and not blob.unpacked_digest:
                raise damaged("it is cut: the end of the tar is missing", blob.name)
        except DamagedTarError as error:
            raise damaged(f"the tar is damaged: {error}", blob.name) from None

    def _place(self, path: str, layer: str) -> tuple[Place | None, str]:
        """Return the directory of a member, and its name there; no directory: it is the root, or a whiteout."""
        parts = _parts(path, layer)
        if not parts or (self._whiteouts and self._is_whiteout(parts)):
            return None, ""
        above = path.rpartition("/")[0] if path.endswith(parts[-1]) else "/".join(parts[:-1])
        return self._tree.place(above, parts[:-1]), parts[-1]

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

    def _put_file(self, tar: TarMembers, size: int, place: Place, name: str, unread: UnreadFile) -> None:
        directory, above = place
        asked = name in self._named
        if not (asked or is_named(name)):
            self._tree.forget(directory, name)
        elif (asked or (may_be_wanted(name) and is_wanted((*above, name)))) and self._store.has_room(size):
            self._tree.put(directory, name, self._store.keep(unread.layer, tar.content()))
        else:
            self._tree.put(directory, name, unread)

    def _put_other(self, member: Member, place: Place, name: str) -> None:
        layer = self._tree.layer
        directory, above = place
        path, kind, _, target = member
        if len(target) > limits.PATH_LENGTH:
            raise damaged(f"a link leads to a path that is too long: {path[:80]!a}", self._layers[layer].name)
        node: Node | None
        if kind == "directory":
            node = Directory(layer, clean=layer)
        elif kind == "symlink":
            node = Symlink(layer, target)
        elif kind == "hard-link":
            node = self._hard_link((*above, name), _parts(target, self._layers[layer].name) or ())
        else:
            node = Other(layer)
        if node is None:
            self._tree.forget(directory, name)
        else:
            self._tree.put(directory, name, node)

    def _hard_link(self, parts: Parts, target: Parts) -> Node | None:
        """Return a second name of a file; what was not kept of it is asked for if this name tells that it is wanted."""
        layer = self._tree.layer
        there = self._tree.node(target)
        if isinstance(there, Stored):
            return Stored(layer, there.offset, there.size)
        if isinstance(there, Symlink):
            return Symlink(layer, there.target)
        if not is_named(parts[-1]):
            return None
        of = there.layer if isinstance(there, UnreadFile) else layer
        name = there.name if isinstance(there, UnreadFile) and there.name else "/".join(target)
        if is_wanted(parts):
            self._asked.setdefault(of, set()).add(name)
        return UnreadFile(of, name)

    def _passed(self, layer: str) -> None:
        """Count a pass that is made for files that were not kept."""
        self._passes += 1
        if self._passes > limits.REREADS:
            what = "too many of its files are hard links to files of other names, or hold constraints in source files"
            raise damaged(what, layer)

    def _read_again(self, number: int) -> None:
        """Read a layer once more for the contents that are asked for of it."""
        self._passed(self._layers[number].name)
        names = self._asked.pop(number)
        last = {name.rpartition("/")[2] for name in names}
        try:
            with self._layers[number].unpacked() as stream:
                tar = TarMembers(stream)
                for path, kind, size, _ in tar:
                    name = "/".join(parts_of(path)) if kind == "file" and path.rpartition("/")[2] in last else ""
                    if name in names and self._store.has_room(size):
                        self._found[number, name] = self._store.keep(number, tar.content())
        except DamagedTarError as error:
            raise damaged(f"the tar is damaged: {error}", self._layers[number].name) from None


def _parts(name: str, layer: str) -> Parts | None:
    """Return the parts of a member's name; None: it is the root.

    Raises:
        IntegrityError: It leads out of the image, or is longer than a path can be.
    """
    parts = parts_of(name)
    if ".." in parts or len(name) > limits.PATH_LENGTH or len(parts) > limits.DEPTH:
        raise damaged(f"a member's path leads out of the image, or is too long: {name[:80]!a}", layer)
    return parts or None
