"""What the files of packages are that were just installed: as their archives have them, whatever is there now."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.recorded_files import BroughtFile, brought
from cortexlock.replay.prefix.package_files import full_path, is_byte_code, relative_path
from cortexlock.replay.prefix.snapshot import Digests, Snapshot
from cortexlock.replay.prefix.state import State
from cortexlock.storage.digests import stream_digest


def of_wheels(wheels: Mapping[str, Path], state: State, now: Snapshot) -> dict[PackageKey, Digests]:
    """Return the files of installed wheels that are not as RECORD has them, with the digests that they must have.

    RECORD is a hint: where a file is what RECORD says, it is what the wheel holds, as an installer writes the one from
    the other. Where it is not, the member of the wheel tells what is right. What installers make (commands, their own
    notes) is taken as it is.

    Args:
        wheels: What was installed, by normalized name.
        state: The prefix after it.
        now: What it holds.
    """
    return {
        key: _of_wheel(wheel, state, state.listings.get(key, {}), now.files.get(key, {}))
        for name, wheel in wheels.items()
        for key in [PackageKey("pip", name)]
    }


def of_conda(keys: Iterable[PackageKey], state: State, now: Snapshot) -> dict[PackageKey, Digests]:
    """Return the same of conda packages that were linked: their archives have been compared with what they list."""
    found: dict[PackageKey, Digests] = {}
    for key in keys:
        listing = state.listings.get(key, {})
        odd = now.files.get(key, {})
        found[key] = {path: digest for path, digest in odd.items() if listing[path].is_link or not listing[path].hint}
    return found


def _of_wheel(wheel: Path, state: State, listing: Mapping[str, object], odd: Digests) -> dict[str, str]:
    found = dict(odd)
    files = brought(wheel, state.prefix)
    paths = {path: file for file in files for path in [relative_path(file.path, state)] if path is not None}
    with zipfile.ZipFile(wheel) as archive:
        for path, file in paths.items():
            if is_byte_code(path, paths) or file.is_script or file.is_list:
                continue
            if path in listing and path not in odd:
                continue
            right = _member_digest(archive, file)
            if path in odd or state.digests.of(full_path(state, path)) != right:
                found[path] = right
    return found


def _member_digest(archive: zipfile.ZipFile, file: BroughtFile) -> str:
    with archive.open(file.member) as member:
        return stream_digest(member)
