"""What a prefix holds at one moment, and which of it later replays still take for known.

Files of an environment can be altered together with the lists that name them, and published lists can be wrong. What
the replay itself left is therefore kept in the receipt: the hash of each such list, the files that are not as their
list has them, the versions that were there beside what is locked, and the files that nobody lists. It is carried from
replay to replay, and changes by what the steps do, never by what happens between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cortexlock.formats import prefix_file
from cortexlock.model.package import PackageKey, normalized
from cortexlock.replay.prefix.package_files import odd_files
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.unlisted_files import unlisted_files

_LISTS = ("RECORD", "installed-files.txt")
_Key = TypeVar("_Key")

Digests = Mapping[str, str]
"""Digests of files by path relative to the prefix, as `package_files.digest_of` writes them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a prefix holds.

    Attributes:
        packages: Versions by name, of `conda` and of `pip`.
        records: The hash of the list of files of each package.
        strays: The hash of each file that nobody lists, by path relative to site-packages; see `unlisted_files`.
        files: The digests of the files of each package that are not as its list has them, or have none there. Together
            with the list, whose hash is known, they tell the content of each file.
    """

    packages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[PackageKey, str] = field(default_factory=dict)
    strays: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[PackageKey, Digests] = field(default_factory=dict)


def take(state: State) -> Snapshot:
    """Look at all of a prefix."""
    return Snapshot(state.summary(), records_of(state), unlisted_files(state), odd_files(state))


def records_of(state: State) -> dict[PackageKey, str]:
    """Return the hashes of the lists of files: RECORD of pip's, and conda's records with where links lead."""
    found = {}
    for name in state.distributions:
        texts = (prefix_file.read(each.metadata / file) for each in state.of_pip(name) for file in _LISTS)
        digests = [hashlib.sha256(text).hexdigest() for text in texts if text is not None]
        if digests:
            found[PackageKey("pip", name)] = "+".join(digests)
    for path, record in state.records.items():
        digest = hashlib.sha256(prefix_file.read(path) or b"")
        for entry in (record.get("paths_data") or {}).get("paths") or ():
            if entry.get("path_type") == "softlink":
                digest.update(_target(state.prefix.root / entry["_path"]))
        found[PackageKey.of("conda", record["name"])] = digest.hexdigest()
    return dict(sorted(found.items()))


def after_step(  # noqa: PLR0913 - before, after, and what is known of it
    known: Snapshot,
    before: Snapshot,
    after: Snapshot,
    *,
    fixed: Collection[PackageKey] = (),
    installed: Mapping[PackageKey, Digests] | None = None,
    taken_over: Collection[PackageKey] = (),
    is_script: bool = False,
) -> Snapshot:
    """Return what is known after a step.

    Args:
        known: What was known before it.
        before: What was there before it.
        after: What is there after it.
        fixed: The packages of which nothing changes by the step, whatever it did to their files: what they have to be
            is known from their archives.
        installed: What the step installed, be it as a replay that was killed had left it already, and the digests of
            the files that are not as their lists have them.
        taken_over: What packages of another manager brought, be it as a replay that was killed had left it already:
            before the step, it was there as it is after it, and what is known is older.
        is_script: Whether the step was a script, which may install what is in no lockfile.
    """
    packages = {
        manager: _carried(
            known.packages.get(manager, {}),
            before.packages.get(manager, {}),
            after.packages.get(manager, {}),
            add=is_script,
        )
        for manager in sorted({*known.packages, *after.packages})
    }
    records = _carried(known.records, before.records, after.records, but=fixed)
    files = {
        key: known.files[key] if key in fixed else _carried(known.files.get(key, {}), old, new)
        for key in sorted({*known.files, *after.files})
        for old, new in [(before.files.get(key, {}), after.files.get(key, {}))]
        if key not in fixed or key in known.files
    }
    for key, digests in (installed or {}).items():
        files[key] = digests
        _update(packages, key, after)
        if key in after.records:
            records[key] = after.records[key]
    for key in taken_over:
        _update(packages, key, after)
        if key not in after.records:
            records.pop(key, None)
    return Snapshot(
        packages,
        dict(sorted(records.items())),
        _carried(known.strays, before.strays, after.strays),
        {key: dict(sorted(digests.items())) for key, digests in sorted(files.items()) if digests and key in records},
    )


def _update(packages: Mapping[str, dict[str, str]], key: PackageKey, after: Snapshot) -> None:
    """Let the version of a package that is known be the one that is there now."""
    there, known = after.packages.get(key.manager, {}), packages.get(key.manager, {})
    known |= {name: there[name] for name in known if normalized(name) == key.name and name in there}


def _carried(
    known: Mapping[_Key, str],
    before: Mapping[_Key, str],
    after: Mapping[_Key, str],
    *,
    add: bool = True,
    but: Collection[_Key] = (),
) -> dict[_Key, str]:
    """Apply to what is known what differs between before and after."""
    found = dict(known)
    for key in {*before, *after} - set(but):
        if before.get(key) == after.get(key):
            continue
        if key not in after:
            found.pop(key, None)
        elif add or key in found:
            found[key] = after[key]
    return {key: found[key] for key in sorted(found)}  # type: ignore[type-var]  # texts, or keys of texts


def _target(link: Path) -> bytes:
    try:
        return f"\0{link}\0{link.readlink()}".encode("utf-8", "surrogateescape")
    except OSError:
        return b"\0"
