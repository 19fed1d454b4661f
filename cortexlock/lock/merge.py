"""The use case `merge-driver`: two sides of a lockfile into one that says what the merged project asks for."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cortexlock.errors import CortexlockError, DifferenceError, Hint, InputError
from cortexlock.inputs import project_directory
from cortexlock.lock import lock as lock_module
from cortexlock.lock import merged_tree
from cortexlock.lock.locked import Locked, LockEvent, LockOptions
from cortexlock.lock.repository import Repository
from cortexlock.lockfile import files, text
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import label_of
from cortexlock.model.project import Configuration

_OWN = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A lockfile that two branches changed, as git hands it to a driver.

    Attributes:
        base: File with what both come from; it may be empty.
        ours: File with what is here; the result takes its place.
        theirs: File with what comes in.
        path: The lockfile's path in the repository, POSIX separators.
        label: What git calls the side that comes in; empty where it does not say it.
    """

    base: Path
    ours: Path
    theirs: Path
    path: str
    label: str = ""


def merge(conflict: Conflict, root: Path, options: LockOptions, *, on_event: Callable[[LockEvent], None]) -> Locked:
    """Lock what the merge makes of a project, with the versions of both sides preferred; write it over `ours`.

    Args:
        conflict: The lockfile.
        root: The root of the work tree.
        options: How to lock.
        on_event: Told about progress.

    Returns:
        What became of the lockfile.

    Raises:
        DifferenceError: git does not tell what is merged, or other files of the project have conflicts.
        CortexlockError: As `lock` does. `ours` is as it was.
    """
    repository = Repository(root, options.environment)
    change = merged_tree.Change(conflict.path, conflict.base, conflict.theirs, conflict.label)
    sides = merged_tree.sides_of(repository, change)
    if sides is None:
        what = "git does not tell which commits are merged"
        raise DifferenceError(what, where=conflict.path, hint=Hint("resolve the merge, then run ", "lock"))
    name = posixpath.basename(conflict.path)
    directory = posixpath.dirname(conflict.path) or "."
    label = label_of(name)
    if label is None:
        raise InputError.at(conflict.path, None, "this is no lockfile", hint="see .gitattributes")
    texts = [files.text_of(each, name=conflict.path) for each in (conflict.ours, conflict.theirs)]
    with tempfile.TemporaryDirectory(prefix="cortexlock-merge-") as scratch:
        target = Path(scratch) / "merged"
        target.mkdir()
        merged_tree.write(repository, sides, directory, _outside(texts, directory), target)
        there = target / directory
        (there / name).write_text(_both(*texts), encoding="utf-8")
        project = project_directory.read(there, Configuration(platforms=(label,)))
        # What git tells its driver of this repository is nothing for clones of others.
        environment = {key: value for key, value in options.environment.items() if not key.startswith(_OWN)}
        (locked,) = lock_module.lock(project, replace(options, environment=environment), on_event=on_event)
        conflict.ours.write_bytes((there / name).read_bytes())
    return locked


def _both(ours: str, theirs: str) -> str:
    """Return a lockfile with the markers of a conflict over all of it: a lock prefers what both sides say."""
    sides = [side.rstrip("\n") for side in (ours, theirs)]  # a side may lack the end of its last line
    return f"<<<<<<< ours\n{sides[0]}\n=======\n{sides[1]}\n>>>>>>> theirs\n"


def _outside(texts: list[str], directory: str) -> list[str]:
    """Return the inputs of both sides that lie outside of the project, relative to the root of the repository."""
    found: set[str] = set()
    for each in texts:
        with suppress(CortexlockError):
            found |= {given.file for given in _read(each).inputs}
    paths = {posixpath.normpath(posixpath.join(directory, each)) for each in found}
    above = (each for each in paths if posixpath.relpath(each, directory).startswith("../"))
    return sorted(each for each in above if not each.startswith("../"))


def _read(content: str) -> Lockfile:
    return text.loads(content, file="lockfile")


def mark(conflict: Conflict, options: LockOptions) -> None:
    """Leave what git leaves without a driver, the markers of a conflict in `ours`: `lock` goes on from there."""
    repository = Repository(conflict.ours.parent.absolute(), options.environment)
    names = [str(each.absolute()) for each in (conflict.ours, conflict.base, conflict.theirs)]
    # It merges in place, and ends with the number of conflicts.
    repository.run("merge-file", "-L", "ours", "-L", "base", "-L", "theirs", *names)
