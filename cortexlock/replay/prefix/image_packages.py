"""What the image has and the lockfile leaves, against what is there."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import Manager, PackageKey
from cortexlock.model.target import minor_of
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.prefix.problem import Note, Problem
from cortexlock.replay.prefix.subject import SEEDS, Subject


def differences(subject: Subject) -> Iterator[Problem | Note]:
    """Yield what was pre-installed and is not as it was, and what the last replay left beside and is not any more.

    What a script did to it, as the receipt has it, is a note: it may install and remove what it likes.
    """
    lockfile = subject.lockfile
    locked = lockfile.keys - subject.kept_keys
    for assumed in lockfile.pre_installed:
        key = assumed.key
        if key.name in SEEDS or key in locked:
            continue
        if lockfile.changes_python and (key.manager == "pip" or key.name == "python"):
            continue
        found = subject.state.found(assumed)
        if found is None or _is_fine(key, assumed.version, found):
            continue
        if subject.in_script and key not in subject.kept_keys:
            continue
        if _is_left_so(key, assumed.name, found, subject):
            there = " and ".join(found)
            yield Note(kind="left-so", manager=key.manager, package=key.name, expected=assumed.version, found=there)
        else:
            yield problem_of(assumed, found)
    yield from _left(subject)


def problem_of(assumed: PreInstalled, found: tuple[str, ...]) -> Problem:
    """Return that other versions of a package are there than the image has, or none."""
    return Problem(
        part="image",
        kind="version" if found else "missing",
        manager=assumed.manager,
        package=assumed.key.name,
        expected=assumed.version,
        found=" and ".join(found),
    )


def _is_fine(key: PackageKey, expected: str, found: tuple[str, ...]) -> bool:
    if len(found) != 1:
        return False
    if key == PackageKey("conda", "python"):  # patch levels have one ABI; another one is a note
        return minor_of(found[0]) == minor_of(expected)
    return same_version(found[0], expected)


def _is_left_so(key: PackageKey, name: str, found: tuple[str, ...], subject: Subject) -> bool:
    """Whether the last replay left it as it is now, and not because another lockfile asked for it."""
    receipt = subject.receipt
    if receipt is None or not subject.known.packages or (key.manager == "pip" and key.name in receipt.pip):
        return False
    if not subject.is_ours and receipt.script not in {step.sha256 for step in subject.lockfile.script_steps}:
        return False
    left = subject.known.packages.get(key.manager, {}).get(name)
    return left in found if found else left is None


def _left(subject: Subject) -> Iterator[Problem]:
    """Yield what is in neither image nor lockfile and not as the last replay of this lockfile left it."""
    lockfile, receipt = subject.lockfile, subject.receipt
    if receipt is None or not subject.is_ours or subject.in_script:
        return
    now = subject.now.packages
    accounted = lockfile.keys | lockfile.assumed | lockfile.settled_keys
    for manager, packages in subject.known.packages.items():
        for name, version in packages.items():
            key = PackageKey.of(_manager(manager), name)
            found = now.get(manager, {}).get(name, "")
            if found == version or name in SEEDS or key in accounted or (manager == "pip" and name in receipt.pip):
                continue
            if manager == "pip" and lockfile.changes_python:
                continue
            yield Problem(part="image", kind="left", manager=manager, package=key.name, expected=version, found=found)


def _manager(text: str) -> Manager:
    return "conda" if text == "conda" else "pip"
