"""Files in site-packages that no package's list names: what Python may load, and nobody has installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cortexlock.formats import prefix_file
from cortexlock.formats.directory_walk import scanned
from cortexlock.pip.prefix.distributions import InstalledDistribution, metadata_of
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.prefix.state import State

_OF_EVERY_SITE = frozenset({"README.txt", "_virtualenv.py"})
_OF_DEVELOPMENT = frozenset({"easy-install.pth", "setuptools.pth"})
_PTH = {"_virtualenv.pth": b"import _virtualenv"}
_LOADED = (".py", ".pyc", ".pth", ".so")
_CUSTOMIZE = frozenset({"sitecustomize", "usercustomize"})
_EGGS = (".egg", ".egg-link")
_CACHE = "__pycache__/"
_UNCHECKED = 1  # of the flags' lowest bits: byte code that is taken without a look at its source (PEP 552)
_HAS_FLAGS = (3, 7)


def unlisted_files(state: State) -> dict[str, str]:
    """Find the files of a prefix's site-packages that no package lists.

    Byte code is its source's, but for such that is taken whatever the source says. Of distributions without a list of
    their files, what their metadata names is theirs; where it names nothing (distutils'), any module at the top may be.

    Args:
        state: The prefix.

    Returns:
        The sha256 of what Python loads, and nothing for other files, by path relative to site-packages; sorted.
    """
    site = state.prefix.site
    known = _known(state)
    paths = set(_paths(site))
    found = {}
    for path in sorted(paths):
        is_byte_code = path.endswith(".pyc") and path[:-1] in paths  # beside its source, which Python prefers
        if not is_byte_code and not _is_known(path, known, state):
            found[path] = state.digests.of(f"{site}/{path}") if path.endswith(_LOADED) else ""
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What is accounted for; all paths are relative to site-packages.

    Attributes:
        files: Listed by somebody.
        of_conda: Those of them that conda lists, with a hash.
        packages: Directories at the top of which some files are listed.
        tops: Names at the top that belong to distributions without a list.
        any_top: Whether there is a distribution that does not even tell its modules.
        eggs: Names at the top of eggs, and links to them, that distributions are in.
    """

    files: frozenset[str]
    of_conda: frozenset[str]
    packages: frozenset[str]
    tops: frozenset[str]
    any_top: bool
    eggs: frozenset[str]


def _known(state: State) -> _Known:
    site = state.prefix.site
    inside = f"{site.relative_to(state.prefix.root).as_posix()}/"
    of_conda = {path.removeprefix(inside) for path in state.conda_files if path.startswith(inside)}
    files = set(of_conda)
    tops: set[str] = set()
    any_top = False
    for distribution in (each for found in state.distributions.values() for each in found):
        listed = recorded(distribution)
        if listed is not None:
            paths = (os.path.normpath(file.path) for file in listed)
            files.update(path.removeprefix(f"{site}/") for path in paths if path.startswith(f"{site}/"))
        if not (distribution.metadata / "RECORD").is_file():
            tops |= _named(distribution)
            any_top |= distribution.metadata.is_file() and distribution.metadata.name not in of_conda
    names = {path.name for path in site.iterdir()} if site.is_dir() else set()
    packages = {path.partition("/")[0] for path in files if "/" in path}
    metadata = {each.metadata for found in state.distributions.values() for each in found}
    eggs = {name for name in names if name.endswith(_EGGS) and metadata_of(site / name) in metadata}
    return _Known(frozenset(files), frozenset(of_conda), frozenset(packages), frozenset(tops), any_top, frozenset(eggs))


def _named(distribution: InstalledDistribution) -> set[str]:
    """Return what the metadata of a distribution without RECORD names at the top: itself, and its modules."""
    found = {distribution.metadata.name}
    text = prefix_file.read_text(distribution.metadata / "top_level.txt") or ""
    if recorded(distribution) is None:
        found.update(line.partition("/")[0] for line in text.split())
    return found


def _paths(site: Path) -> Iterator[str]:
    """Yield all files and links below site-packages."""
    for inside, entries in scanned(site):
        yield from (f"{inside}{entry.name}" for entry in entries if not entry.is_dir(follow_symlinks=False))


def _is_known(path: str, known: _Known, state: State) -> bool:
    directory, _, name = path.rpartition("/")
    if f"{directory}/".endswith(_CACHE):
        return path in known.of_conda or not _is_unchecked(path, state)
    if path in known.files:
        return True
    top = path.partition("/")[0]
    if directory:
        return top in known.tops or top in known.eggs or (known.any_top and top not in known.packages)
    if name in _OF_EVERY_SITE or name in known.tops or name in known.eggs:
        return True
    if name.endswith(".pth"):
        is_developed = bool(known.eggs) and name in _OF_DEVELOPMENT
        return is_developed or (prefix_file.read(state.prefix.site / name) or b"").strip() == _PTH.get(name)
    module = name.partition(".")[0]
    return module in known.tops or (known.any_top and module not in _CUSTOMIZE)


def _is_unchecked(path: str, state: State) -> bool:
    """Whether byte code is taken without a look at its source."""
    if not path.endswith(".pyc") or tuple(map(int, state.prefix.python_minor.split("."))) < _HAS_FLAGS:
        return False
    try:  # there may be tens of thousands of them: no file objects
        descriptor = os.open(f"{state.prefix.site}/{path}", os.O_RDONLY | os.O_NONBLOCK)
        try:
            header = os.read(descriptor, 8)
        finally:
            os.close(descriptor)
    except OSError:
        return True
    return int.from_bytes(header[4:], "little") & 3 == _UNCHECKED
