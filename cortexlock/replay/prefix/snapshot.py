"""What a prefix holds at one moment, and which of it later replays still take for known.

Files of an environment can be altered together with the lists that name them. What the replay itself left is therefore
kept in the receipt: the hash of each such list, the versions that were there beside what is locked, and the files that
nobody lists. It is carried from replay to replay, and changes by what the steps do, never by what happens between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cortexlock.conda import prefix as conda_prefix
from cortexlock.formats import prefix_file
from cortexlock.inputs.trees import hash_of_file
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.unlisted_files import strays

_LISTS = ("RECORD", "installed-files.txt")
_Key = TypeVar("_Key", bound="str | PackageKey")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a prefix holds.

    Attributes:
        packages: Versions by name, of `conda` and of `pip`.
        records: The hash of the list of files of each package, by its key.
        strays: The hash of each file that nobody lists; see `strays.strays`.
    """

    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[PackageKey, str] = field(default_factory=dict)
    strays: Mapping[str, str] = field(default_factory=dict)


def take(state: State) -> Snapshot:
    """Look at all of a prefix."""
    return Snapshot(state.summary(), records_of(state), strays(state))


def records_of(state: State) -> dict[PackageKey, str]:
    """Return the hashes of the lists of files: RECORD of pip's, and conda's records with where links lead."""
    found: dict[PackageKey, str] = {}
    for name in state.distributions:
        digests = [
            hash_of_file(each.metadata / file)
            for each in state.of_pip(name)
            for file in _LISTS
            if (each.metadata / file).is_file()
        ]
        if digests:
            found[PackageKey("pip", name)] = "+".join(digests)
    for path, record in conda_prefix.records(state.prefix.root).items():
        digest = hashlib.sha256(prefix_file.read(path) or b"")
        for entry in (record.get("paths_data") or {}).get("paths") or ():
            if entry.get("path_type") == "softlink":
                digest.update(_target(state.prefix.root / entry["_path"]))
        found[PackageKey.of("conda", record["name"])] = digest.hexdigest()
    return dict(sorted(found.items()))


def after_step(
    known: Snapshot,
    before: Snapshot,
    after: Snapshot,
    *,
    script_of: Lockfile | None = None,
    installed: Collection[PackageKey] = (),
) -> Snapshot:
    """Return what is known after a step.

    Args:
        known: What was known before it.
        before: What was there before it.
        after: What is there after it.
        script_of: The lockfile whose script the step was. A script may install what is in no lockfile, and what it does
            to what is locked is not known; what other steps install is locked.
        installed: What the step installed, be it as a replay that was killed had left it already.
    """
    packages = {
        manager: _carried(
            known.packages.get(manager, {}),
            before.packages.get(manager, {}),
            after.packages.get(manager, {}),
            add=script_of is not None,
        )
        for manager in sorted({*known.packages, *after.packages})
    }
    records = _carried(known.records, before.records, after.records)
    if script_of is not None:
        records = _merged(records, known.records, script_of)
    records |= {key: after.records[key] for key in installed if key in after.records}
    return Snapshot(packages, dict(sorted(records.items())), _carried(known.strays, before.strays, after.strays))


def accepted(known: Snapshot, now: Snapshot, lockfile: Lockfile) -> Snapshot:
    """Return what is known where all that is there is accepted; what is locked is still what a replay left."""
    return Snapshot(now.packages, _merged(now.records, known.records, lockfile), now.strays)


def _merged(
    now: Mapping[PackageKey, str], known: Mapping[PackageKey, str], lockfile: Lockfile
) -> dict[PackageKey, str]:
    """Return the records that are there, but for those of what is locked, which are what they were known to be."""
    locked = lockfile.installed_keys
    others = {key: digest for key, digest in now.items() if key not in locked}
    return dict(sorted((others | {key: digest for key, digest in known.items() if key in locked}).items()))


def _carried(
    known: Mapping[_Key, str], before: Mapping[_Key, str], after: Mapping[_Key, str], *, add: bool = True
) -> dict[_Key, str]:
    """Apply to what is known what differs between before and after."""
    found = dict(known)
    for key in {*before, *after}:
        if before.get(key) == after.get(key):
            continue
        if key not in after:
            found.pop(key, None)
        elif add or key in found:
            found[key] = after[key]
    return dict(sorted(found.items()))


def _target(link: Path) -> bytes:
    try:
        return f"\0{link}\0{link.readlink()}".encode("utf-8", "surrogateescape")
    except OSError:
        return b"\0"
