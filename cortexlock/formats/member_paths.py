"""Paths inside an archive: none may lead out of the directory that they are relative to, directly or through links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from cortexlock.patterns import pattern

_LONGEST_NAME = 255  # bytes of a part that file systems take
_LONGEST = 2048  # bytes of a path, so that there is room for the environment's own
_DEEPEST = 128  # parts of a path; the deepest of real archives have a third of it
_LINK_LIMIT = 40  # links in a row, as in Linux
_DRIVE = pattern(r"[A-Za-z]:")
_PLAIN = pattern(r"(?:[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,99}/){0,18}[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,99}")
"""What nearly all paths look like, and what is short enough for any system."""


class UnsafeError(Exception):
    """Why an archive must not be installed."""


def safe(path: str) -> str:
    """Return a path without `.` parts.

    Raises:
        UnsafeError: It is absolute, has a `..`, means something else on another system, or is too long for any.
    """
    if _PLAIN.fullmatch(path):  # archives have tens of thousands of them
        return path
    parts = PurePosixPath(path).parts
    if not parts or "\\" in path or "\0" in path or path.startswith("/") or ".." in parts or _DRIVE.match(path):
        raise UnsafeError(f"{path[:_LONGEST_NAME]!r} leads out of the environment")
    refuse_long(path)
    return "/".join(parts)


def refuse_long(path: str) -> None:
    """Refuse a path, or the target of a link, that file systems have no room for.

    Raises:
        UnsafeError: It is longer.
    """
    encoded = path.encode("utf-8", "surrogatepass")
    if len(encoded) > _LONGEST or any(len(part) > _LONGEST_NAME for part in encoded.split(b"/")):
        raise UnsafeError(f"the path {path[:60]!r}… is longer than a file's can be")
    if path.count("/") >= _DEEPEST:
        raise UnsafeError(f"the path {path[:60]!r}… has more than {_DEEPEST} parts")


def refuse_record(path: str) -> None:
    """Refuse a file that would become a record of the environment it is installed in.

    What conda, an interpreter or cortexlock reads there is acted upon later: packages do not bring it.

    Args:
        path: Relative to the environment, without `.` parts.

    Raises:
        UnsafeError: It is conda's, the interpreter's own, or cortexlock's.
    """
    first = path.partition("/")[0].casefold()
    if (
        first in {"conda-meta", "pyvenv.cfg"}
        or first.lstrip(".").startswith("cortexlock-")
        or first == ".cortexlock.lock"
    ):
        raise UnsafeError(f"{path} would be a record of the environment, which no package brings")


def check_links(names: Iterable[str], links: Mapping[str, str]) -> None:
    """Refuse links that lead out, and members that would be written through a link.

    Names that differ only in case mean the same where a file system says so: there, a member could be written through a
    link of another spelling. Files that differ only in case are no danger, and real (terminfo has many).

    Args:
        names: The paths of all members.
        links: The targets of the symbolic links among them, by path.

    Raises:
        UnsafeError: There is such a link.
    """
    folded = {name.casefold(): name for name in links}
    for name in names:
        for parent in (str(parent) for parent in PurePosixPath(name).parents):
            if parent in links or parent.casefold() in folded:
                raise UnsafeError(f"{name} would be written through the link {folded[parent.casefold()]}")
        if name not in links and name.casefold() in folded:
            raise UnsafeError(f"{name} and the link {folded[name.casefold()]} differ only in case")
    for name in links:
        _follow(name, links)


def _follow(name: str, links: Mapping[str, str]) -> None:
    """Follow a link to its end, through other links of the archive; raise if it leads out."""
    waiting = list(reversed(PurePosixPath(name).parts))
    place: list[str] = []
    hops = 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            if not place:
                raise UnsafeError(f"the link {name} -> {links[name]} leads out of the environment")
            place.pop()
            continue
        place.append(part)
        target = links.get("/".join(place))
        if target is not None:
            hops += 1
            if target.startswith("/") or "\\" in target or _DRIVE.match(target) or hops > _LINK_LIMIT:
                raise UnsafeError(f"the link {name} -> {links[name]} leads out of the environment")
            place.pop()
            waiting += reversed(PurePosixPath(target).parts)
