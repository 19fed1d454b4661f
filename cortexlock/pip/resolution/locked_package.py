"""From what a resolution chose to what a lockfile says of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cortexlock.errors import NoSolutionError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.package import (
    Action,
    FromArchive,
    FromDirectory,
    FromGit,
    FromIndex,
    FromUrl,
    PipPackage,
    Replaced,
    Source,
)
from cortexlock.network.urls import local_path, without_credentials
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.resolution.values import Resolved, Root


@dataclass(frozen=True, slots=True)
class Context:
    """What a package is locked in.

    Attributes:
        before: Versions in the image, by normalized name.
        roots: What the project asks for.
        project: The project's directory.
        file: The requirements file's name, relative to it.
        places: Indexes and find-links locations with their aliases.
    """

    before: Mapping[str, str]
    roots: Sequence[Root]
    project: Path
    file: str
    places: Sequence[Location]


def locked_package(found: Resolved, context: Context) -> PipPackage:
    """Say what a chosen distribution does to the image, and where its artifact is.

    Raises:
        NoSolutionError: Its artifact is where a lockfile cannot name it.
    """
    files = {root.file for root in context.roots if found.name == root.name or (not root.name and found.source)}
    by = tuple(sorted(set(found.parents) | (files or {context.file} if found.requested else set())))
    if found.installed:
        return PipPackage(found.name, found.version, action="keep", by=by)
    before = context.before.get(found.name)
    action: Action = "change" if before else "add"
    replaces = (Replaced("pip", before),) if before else ()
    source = _source(found, context)
    if found.checkout or found.directory:
        sha256 = found.checkout.sha256 if found.checkout else tree_hash(Path(found.directory))
        return PipPackage(
            found.name, found.version, action=action, replaces=replaces, by=by, source=source, sha256=sha256
        )
    return PipPackage(
        found.name,
        found.version,
        action=action,
        replaces=replaces,
        by=by,
        source=source,
        file=found.file,
        sha256=found.sha256,
        size=found.size,
        yanked=found.yanked,
    )


def _source(found: Resolved, context: Context) -> Source:
    checkout = found.checkout
    if checkout:
        return FromGit(
            checkout.url,
            checkout.commit,
            checkout.reference,
            checkout.subdirectory,
            found.editable,
            checkout.tags,
        )
    if found.directory:
        return FromDirectory(_relative(Path(found.directory), context.project, found.name), found.editable)
    if found.page or not _is_direct(found, context.places):
        return FromIndex(alias(found, context.places))
    local = local_path(found.url)
    return FromArchive(_relative(local, context.project, found.name)) if local else FromUrl(found.url)


def alias(found: Resolved, places: Sequence[Location]) -> str:
    """Return the alias of the index or page that lists an artifact: of the longest URL that its page begins with.

    Raises:
        NoSolutionError: It comes from none of them.
    """
    place = place_of(found.page or found.url, places)
    if place is None:
        raise NoSolutionError("it comes from none of the indexes that the project names", where=found.file)
    return place.alias


def place_of(page: str, places: Sequence[Location]) -> Location | None:
    """Return the index or find-links location that a page belongs to, None if it is none of them."""
    bare = without_credentials(page)[0]
    matching = [place for place in places if _is_below(bare, place)]
    return max(matching, key=lambda place: len(place.url), default=None)


def _is_direct(found: Resolved, places: Sequence[Location]) -> bool:
    """Whether an artifact without an index page is a direct reference, not a file of a find-links directory."""
    return not any(place.kind == "links" and _is_below(found.url, place) for place in places)


def _is_below(url: str, place: Location) -> bool:
    return f"{url.rstrip('/')}/".startswith(f"{place.url.rstrip('/')}/")


def _relative(path: Path, project: Path, name: str) -> str:
    relative = Path(os.path.relpath(path, project))
    if relative.parts[:1] == (os.pardir,):
        raise NoSolutionError(
            f"it is outside the project: {relative.as_posix()}", where=name, hint="move it into the project"
        )
    return relative.as_posix()
