"""The files of packages against what they were when they were installed, or against hints where nobody knows that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.file_digests import ABSENT
from cortexlock.replay.prefix.install_order import ranks
from cortexlock.replay.prefix.locked_packages import replaced
from cortexlock.replay.prefix.problem import Part, Problem
from cortexlock.replay.prefix.subject import Subject


def differences(subject: Subject) -> Iterator[Problem]:
    """Yield the files that differ, and the packages whose list of files does.

    A file that several packages bring is compared with what the last of them has, in the order in which they are
    installed; of the image's packages, whose order nobody knows, with what one of them has.
    """
    gone = replaced(subject.lockfile, subject.state)
    odd: dict[PackageKey, dict[str, _Odd]] = {}
    for key in subject.state.listings:
        if key in subject.altered:
            if key not in gone and key not in subject.seeds:
                yield Problem(part=part_of(subject, key), kind="list", manager=key.manager, package=key.name)
        elif key not in gone and not _is_stranger(subject, key):
            found = _odd_files(subject, key)
            if found:
                odd[key] = found
    order = ranks(subject.lockfile, subject.receipt)
    for key, files in odd.items():
        for path, file in files.items():
            if not _others_have_it(path, key, subject, odd, order):
                yield file.problem(subject, key, path)


def part_of(subject: Subject, key: PackageKey) -> Part:
    """Return what a package is of: what is locked, or what the image has."""
    return "locked" if key in subject.installed_keys else "image"


@dataclass(frozen=True, slots=True)
class _Odd:
    """What a file should be, and what it is."""

    expected: str
    found: str

    def problem(self, subject: Subject, key: PackageKey, path: str) -> Problem:
        missing = self.found == ABSENT
        return Problem(
            part=part_of(subject, key),
            kind="file-missing" if missing else "file-changed",
            manager=key.manager,
            package=key.name,
            path=path,
            expected=self.expected,
            found=self.found,
        )


def _is_stranger(subject: Subject, key: PackageKey) -> bool:
    """Whether it is told already that a package is there, or is known to be another one's by now."""
    if key in subject.known.records:
        return False
    if key.manager == "conda":
        return bool(subject.state.of_pip(key.name)) and key not in subject.installed_keys
    return key not in subject.expected_keys


def _odd_files(subject: Subject, key: PackageKey) -> dict[str, _Odd]:
    """Return the files of a package that are not what they should be."""
    now = subject.now.files.get(key, {})
    listing = subject.state.listings[key]
    if key in subject.known.records:  # and its list is the same: what neither has is as listed in both
        known = subject.known.files.get(key, {})
        return {
            path: _Odd(expected, found)
            for path in sorted({*known, *now})
            for hint in [listing[path].hint if path in listing else ""]
            for expected, found in [(known.get(path, hint), now.get(path, hint))]
            if expected not in {found, ABSENT}
        }
    return {
        path: _Odd(listing[path].hint, found)
        for path, found in sorted(now.items())
        if found == ABSENT or (listing[path].hint and not listing[path].is_link) or _is_wrong_link(subject, key, path)
    }


def _is_wrong_link(subject: Subject, key: PackageKey, path: str) -> bool:
    listing = subject.state.listings[key]
    return listing[path].is_link and path in subject.wrong_links


def _others_have_it(
    path: str,
    key: PackageKey,
    subject: Subject,
    odd: Mapping[PackageKey, Mapping[str, _Odd]],
    order: Mapping[PackageKey, int],
) -> bool:
    """Whether a file is another package's to say: a later one's, or one's of the image for which it is right."""
    mine = order.get(key, 0)
    for other, listing in subject.state.listings.items():
        if other == key or path not in listing or other in subject.altered:
            continue
        theirs = order.get(other, 0)
        if theirs > mine or (theirs == mine == 0 and path not in odd.get(other, {})):
            return True
    return False
