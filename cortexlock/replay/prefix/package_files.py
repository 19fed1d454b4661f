"""Which package lists which files of a prefix, and with which digest: hints, as published lists can be wrong."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cortexlock.conda import prefix_records
from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.prefix.file_digests import ABSENT, is_digest_of

if TYPE_CHECKING:
    from cortexlock.pip.prefix.distributions import InstalledDistribution
    from cortexlock.replay.prefix.state import State

_ALGORITHMS = ("sha256", "sha384", "sha512")
_BYTE_CODE = (".pyc", ".pyo")
_LISTS = ("RECORD", "installed-files.txt", "RECORD.jws", "RECORD.p7s")

Listing = Mapping[str, "ListedFile"]
"""The files of one package, by path relative to the prefix."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file that a package lists.

    Attributes:
        path: Where it is, relative to the prefix, POSIX separators.
        hint: The digest that the list has, as `FileDigests` writes it, or nothing.
        is_link: Whether it is a symbolic link of conda's, whose text counts and not what it leads to.
    """

    path: str
    hint: str = ""
    is_link: bool = False


def listings(state: State) -> dict[PackageKey, Listing]:
    """Return the files that each package of a prefix lists, by its key.

    Byte code is left out, which is nobody's difference, and so are the lists themselves, and what lies outside the
    prefix.
    """
    found: dict[PackageKey, Listing] = {}
    for name in state.distributions:
        files = [each for distribution in state.of_pip(name) for each in _of_distribution(distribution, state)]
        if state.of_pip(name):
            found[PackageKey("pip", name)] = _without_byte_code(files)
    for record in state.records.values():
        entries = prefix_records.entries(record)
        files = [
            ListedFile(
                entry["_path"],
                entry.get("sha256_in_prefix") or entry.get("sha256") or "",
                is_link=entry.get("path_type") == "softlink",
            )
            for entry in entries
            if entry.get("path_type") != "directory"
        ]
        found[PackageKey.of("conda", record["name"])] = _without_byte_code(files)
    return found


def odd_files(state: State) -> dict[PackageKey, dict[str, str]]:
    """Return the files that are not as their package's list has them, or of which it has no digest.

    Returns:
        By package and path the digest that the file has, `ABSENT` where it is not there, a link's text for links.
    """
    state.digests.read(full_path(state, file.path) for listing in state.listings.values() for file in listing.values())
    odd: dict[PackageKey, dict[str, str]] = {}
    for key, listing in state.listings.items():
        for file in listing.values():
            if not file.hint or file.is_link or not is_digest_of(file.hint, full_path(state, file.path), state.digests):
                odd.setdefault(key, {})[file.path] = digest_of(state, file)
    return odd


def digest_of(state: State, file: ListedFile) -> str:
    """Return the digest of a file as it is now; of a link, what it leads to."""
    path = full_path(state, file.path)
    if not file.is_link:
        return state.digests.of(path)
    try:
        return f"link:{os.readlink(path)}"  # noqa: PTH115 - a text
    except OSError:
        return "none" if os.path.lexists(path) else ABSENT


def full_path(state: State, path: str) -> str:
    """Return where a file of a prefix is."""
    return f"{state.prefix.root}/{path}"


def is_byte_code(path: str, others: Collection[str]) -> bool:
    """Whether a file is byte code that Python makes anew: in `__pycache__`, or beside its source among the others."""
    return path.endswith(_BYTE_CODE) and ("__pycache__/" in path or path[:-1] in others)


def relative_path(path: str, state: State) -> str | None:
    """Return a path relative to the prefix, without `..`; None where it leads out."""
    plain = os.path.normpath(path)
    inside = f"{state.prefix.root}/"
    return plain.removeprefix(inside) if plain.startswith(inside) else None


def _of_distribution(distribution: InstalledDistribution, state: State) -> Iterator[ListedFile]:
    lists = {relative_path(f"{distribution.metadata}/{name}", state) for name in _LISTS}
    for file in recorded(distribution) or ():
        path = relative_path(file.path, state)
        if path is not None and path not in lists:
            yield ListedFile(path, hint_of(file.hash))


def hint_of(digest: str) -> str:
    """Return a digest of a RECORD (`sha256=…`, base64) as `FileDigests` writes it; nothing for what is none."""
    algorithm, _, text = digest.partition("=")
    if algorithm not in _ALGORITHMS:
        return ""
    try:
        plain = base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)).hex()
    except (binascii.Error, ValueError):
        return ""
    return plain if algorithm == "sha256" else f"{algorithm}={plain}"


def _without_byte_code(files: Iterable[ListedFile]) -> Listing:
    by_path = {file.path: file for file in files}
    return {path: file for path, file in by_path.items() if not is_byte_code(path, by_path)}
