"""What is there and neither in the image nor locked: packages, and files of no package."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cortexlock.conda import dependents
from cortexlock.model.package import Manager, PackageKey
from cortexlock.replay.prefix.problem import Note, Problem
from cortexlock.replay.prefix.subject import SEEDS, Subject


def differences(subject: Subject) -> Iterator[Problem | Note]:
    """Yield what is strange. What was there at the first replay, or a script brought, is a note.

    The catalog knows few of conda's packages in an image: without a receipt, others are notes. So is what an earlier
    lockfile brought and other packages depend on. Files of no package are,
    too, as images have such files; a receipt knows them.
    """
    accounted = subject.lockfile.keys | subject.lockfile.assumed
    there: dict[Manager, dict[str, str]] = {
        "pip": dict(subject.of_pip()),
        "conda": {name: package.version for name, package in subject.state.conda.items()},
    }
    receipt = subject.receipt
    is_whole = subject.lockfile.predictor.closure == "captured"
    needed = _needed(subject, {name for name in there["conda"] if PackageKey.of("conda", name) not in accounted})
    for manager, packages in there.items():
        left = subject.known.packages.get(manager, {})
        for name, version in packages.items():
            key = PackageKey.of(manager, name)
            if key in accounted or name in SEEDS:
                continue
            if manager == "conda" and name in needed:
                yield Note(kind="beside", manager=manager, package=name, version=version)
                continue
            is_known = left.get(name) == version and not (
                receipt is not None and manager == "pip" and name in receipt.pip
            )
            if is_known or (manager == "conda" and receipt is None and not is_whole):
                yield Note(kind="beside", manager=manager, package=name, version=version)
            else:
                yield Problem(part="extra", kind="package", manager=manager, package=key.name, found=version)
    yield from _files(subject)


def _needed(subject: Subject, names: Collection[str]) -> set[str]:
    """Return those of some conda packages that an earlier replay linked and that what stays depends on."""
    linked = subject.receipt.conda if subject.receipt is not None else {}
    ours = {name for name in names if subject.state.conda[name].sha256 == linked.get(name)}
    return ours - dependents.unneeded(subject.state.prefix.root, ours) if ours else set()


def _files(subject: Subject) -> Iterator[Problem | Note]:
    root, site = subject.state.prefix.root, subject.state.prefix.site
    inside = site.relative_to(root).as_posix()
    known = subject.known.strays
    for path, digest in subject.now.strays.items():
        if subject.receipt is None:
            yield Note(kind="unlisted-file", paths=(f"{inside}/{path}",), found=digest)
        elif path not in known:
            yield Problem(part="extra", kind="unlisted-file", path=f"{inside}/{path}", found=digest)
        elif known[path] != digest:
            yield Problem(
                part="extra", kind="unlisted-changed", path=f"{inside}/{path}", expected=known[path], found=digest
            )
