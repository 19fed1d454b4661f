"""What goes on while a platform is locked, in words."""

from __future__ import annotations

from cortexlock.model.lock_progress import Activity, LockProgress

_WORDS = {
    Activity.READS_CHANNELS: "reading what the channels say of {subject}",
    Activity.SOLVES: "solving {subject}",
    Activity.READS_SOLUTION: "reading what the channels say of the solution",
    Activity.LOCKS_PACKAGE: "locking {subject}",
    Activity.MAKES_INTERPRETER: "making a Python {subject} from {detail}",
    Activity.RESOLVES: "resolving {subject}",
    Activity.RESOLVES_BUILDS: "resolving build requirements",
    Activity.CHECKS_OUT: "checking out {subject}",
    Activity.MISSES_COMMIT: "{subject} has the locked commit {detail} no more",
    Activity.BUILDS_METADATA: "building the metadata of {subject}",
    Activity.BUILDS_METADATA_WITH: "building the metadata of {subject} with {detail}",
    Activity.BUILDS_REQUIREMENT: "building {subject}, which a build needs",
    Activity.ADDS_REQUIREMENT: "{subject} needs {detail} to build, without saying so",
    Activity.LOOKS_FOR_NEWER: "looking for newer releases",
}


def words(progress: LockProgress) -> str:
    """Return what is done now, for a line of progress: a few words without a full stop."""
    return _WORDS[progress.activity].format(subject=progress.subject, detail=progress.detail)
