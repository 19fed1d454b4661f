"""The one comparison of a prefix with image and lockfile, for `install` and `verify` alike.

What a prefix is compared with, in this order: what the archives of the locked packages hold, which the receipt has
since they were installed; the receipt; the captured image. Lists of files that lie beside the files (RECORD, conda's
records) are hints: they count where there is no receipt. Byte code is nobody's difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.target import minor_of
from cortexlock.replay.prefix import changed_files, image_packages, locked_packages, requirements, strangers
from cortexlock.replay.prefix.overlaps import overlaps
from cortexlock.replay.prefix.problem import Comparison, Note, Problem
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import Snapshot, take
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.subject import Subject


def compare(lockfile: Lockfile, state: State, receipt: Receipt | None, now: Snapshot | None = None) -> Comparison:
    """Compare a prefix with image and lockfile; nothing of it is run or changed.

    Args:
        lockfile: What was locked.
        state: The prefix.
        receipt: Of the last replay in it, of whatever lockfile.
        now: What the prefix holds, if it was looked at already.
    """
    subject = Subject(
        lockfile,
        state,
        receipt,
        now or take(state),
        is_ours=receipt is not None and receipt.content_hash == content_hash(lockfile),
    )
    problems: list[Problem] = []
    notes: list[Note] = []
    for found in (
        _of_replay(subject),
        locked_packages.differences(subject),
        image_packages.differences(subject),
        changed_files.differences(subject),
        strangers.differences(subject),
        requirements.differences(subject),
        overlaps(subject),
    ):
        for each in found:
            if isinstance(each, Problem):
                problems.append(each)
            else:
                notes.append(each)
    whole = Comparison(tuple(sorted({*_without_consequences(problems)})), (), tuple(dict.fromkeys(notes)))
    return with_allowed(whole, receipt.allowed if receipt is not None else ())


def with_allowed(comparison: Comparison, allowed: Collection[Problem]) -> Comparison:
    """Return a comparison with other problems allowed; what is of the lockfile never is."""
    known = frozenset(allowed)
    problems = {*comparison.problems, *comparison.allowed}
    accepted = {each for each in problems if each in known and each.part != "locked"}
    return Comparison(tuple(sorted(problems - accepted)), tuple(sorted(accepted)), comparison.notes)


def _without_consequences(problems: Collection[Problem]) -> Iterator[Problem]:
    """Yield problems without those of the files of packages that are of another version: these go without saying."""
    others = {each.key for each in problems if each.kind in {"version", "copies", "missing", "artifact"}}
    for each in problems:
        if each.kind not in {"list", "file-missing", "file-changed"} or each.key not in others:
            yield each


def _of_replay(subject: Subject) -> Iterator[Problem | Note]:
    """Yield what differs of the interpreter and of the last replay as a whole."""
    lockfile, receipt = subject.lockfile, subject.receipt
    python = subject.state.prefix.python_version
    if minor_of(python) != minor_of(lockfile.python):
        yield Problem(part="locked", kind="python", expected=lockfile.python, found=python)
    elif python != lockfile.python and not lockfile.changes_python:
        yield Note(kind="python", expected=lockfile.assumed_python, found=python)
    if receipt is None:
        yield Note(kind="no-receipt")
        return
    if receipt.state == "started":
        yield Problem(part="locked", kind="half-way", found="" if subject.is_ours else "other")
    if (receipt.image, receipt.platform) != (lockfile.predictor.image, lockfile.platform):
        yield Note(
            kind="other-image",
            expected=f"{lockfile.predictor.image} on {lockfile.platform}",
            found=f"{receipt.image} on {receipt.platform}",
        )
    elif not subject.is_ours:
        yield Note(kind="other-lockfile")
