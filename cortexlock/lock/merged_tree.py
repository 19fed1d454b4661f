"""What a merge of git will leave of a project, while it is still going on: a driver is called before that is written.

git runs a driver with the work tree as it was. What the other files will be is merged here once more, by git itself, in
an index and a directory of its own; nothing of the repository is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cortexlock.errors import DifferenceError, Hint
from cortexlock.lock.repository import Repository
from cortexlock.model.lockfile_name import label_of
from cortexlock.patterns import pattern

_HEAD = "GITHEAD_"
_COMMIT = pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Sides:
    """The commits of a merge: what both come from, what is here, what comes in."""

    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a merge brings to a file.

    Attributes:
        path: The file, relative to the root, POSIX separators.
        base: A file with what it was.
        theirs: A file with what it becomes.
        label: What git calls the side that comes in; empty where it does not say it.
    """

    path: str
    base: Path
    theirs: Path
    label: str = ""


def sides_of(repository: Repository, change: Change) -> Sides | None:
    """Return the commits that are being merged, or None where git does not tell.

    A merge names what comes in by a variable, `GITHEAD_<commit>`; a rebase by the commit that it is at; newer gits by
    the label of the side, too (`%Y` of the driver). A cherry-pick of one commit, a revert and a stash tell nothing
    while they merge: theirs is the commit that made this very change. Which one of several does not matter, as a
    lockfile has the hashes of what it was made from.

    Args:
        repository: The repository.
        change: What comes in.
    """
    ours = _commit(repository, "HEAD")
    if ours is None:
        return None
    merged = [
        name.removeprefix(_HEAD) for name in repository.environment if _COMMIT.fullmatch(name.removeprefix(_HEAD))
    ]
    if len(merged) == 1:
        base = repository.ask("merge-base", ours, merged[0])
        return Sides(base.strip(), ours, merged[0]) if base else None
    theirs = _commit(repository, change.label.split(" ", maxsplit=1)[0]) or _picked(repository)
    base = _commit(repository, f"{theirs}^") if theirs else None
    return Sides(base, ours, theirs) if base and theirs else _made_by(repository, ours, change)


def _made_by(repository: Repository, ours: str, change: Change) -> Sides | None:
    """Return the sides of a commit that makes a change, or undoes it, the newest first."""
    names = [repository.ask("hash-object", "--no-filters", "--", str(each)) for each in (change.base, change.theirs)]
    before, after = ((name or "").strip() for name in names)
    options = ("--all", "--diff-merges=first-parent", "--raw", "--no-abbrev", "--no-renames", "--format=%H")
    commit = ""
    for line in (repository.ask("log", *options, "--", f":(top){change.path}") or "").splitlines():
        if not line.startswith(":"):
            commit = line or commit
            continue
        blobs = line.split(" ")[2:4]
        parent = _commit(repository, f"{commit}^") if sorted(blobs) == sorted((before, after)) else None
        if parent is not None:
            return Sides(parent, ours, commit) if blobs[0] == before else Sides(commit, ours, parent)
    return None


def _picked(repository: Repository) -> str | None:
    """Return the commit that a rebase or a cherry-pick is at."""
    for name in ("CHERRY_PICK_HEAD", "REBASE_HEAD"):
        found = _commit(repository, name)
        if found:
            return found
    place = repository.ask("rev-parse", "--git-path", "rebase-merge/done")
    done = repository.directory / place.strip() if place else None
    if done is None or not done.is_file():
        return None
    lines = done.read_text(encoding="utf-8", errors="replace").split("\n")
    words = next((line.split() for line in reversed(lines) if line.strip()), [])
    return _commit(repository, words[1]) if len(words) > 1 else None


def _commit(repository: Repository, name: str) -> str | None:
    if not name or name.startswith(("-", "%")):
        return None
    return repository.commit(name)


def write(repository: Repository, sides: Sides, directory: str, other: Collection[str], target: Path) -> None:
    """Write what the merge makes of a directory, and of further files, below `target`.

    Args:
        repository: The repository.
        sides: The commits.
        directory: The directory relative to the root, POSIX separators; `.` for the root.
        other: Further files, relative to the root.
        target: An empty directory; paths below it are those of the repository.

    Raises:
        DifferenceError: Another file than a lockfile has a conflict; git cannot merge.
    """
    index = {"GIT_INDEX_FILE": str(target.parent / f"{target.name}.index"), "GIT_WORK_TREE": str(target)}
    git_directory = repository.ask("rev-parse", "--absolute-git-dir")
    index |= {"GIT_DIR": (git_directory or "").strip()}
    read = ["read-tree", "-i", "-m", "--aggressive", sides.base, sides.ours, sides.theirs]
    if repository.ask(*read, variables=index) is None:
        raise DifferenceError("git cannot merge the two sides", hint=Hint("resolve the merge, then run ", "lock"))
    wanted = [directory, *other]
    _merge_files(repository, wanted, index, target)
    unmerged = repository.ask("ls-files", "-u", "-z", "--", *wanted, variables=index) or ""
    conflicts = sorted({_path(each) for each in unmerged.split("\0") if each and not _is_lockfile(_path(each))})
    if conflicts:
        what = f"there are conflicts in {', '.join(conflicts)}"
        raise DifferenceError(what, hint=Hint("resolve them, then run ", "lock"))
    listed = repository.ask("ls-files", "-c", "-z", "--", *wanted, variables=index) or ""
    paths = sorted({each for each in listed.split("\0") if each and not _is_lockfile(each)})
    repository.ask("checkout-index", "-f", "-z", "--stdin", variables=index, text="\0".join(paths))


def _merge_files(repository: Repository, wanted: Iterable[str], index: Mapping[str, str], target: Path) -> None:
    """Merge the files that both sides changed, each by itself, as git's own helper does it.

    The helper wants to be in the work tree, and goes to its root by itself.
    """
    unmerged = repository.ask("ls-files", "-u", "-z", "--", *wanted, variables=index) or ""
    paths = sorted({_path(each) for each in unmerged.split("\0") if each})
    inside = Repository(target, repository.environment)
    for path in paths:
        if not _is_lockfile(path):
            inside.ask("merge-index", "-o", "-q", "git-merge-one-file", "--", path, variables=index)


def _path(entry: str) -> str:
    return entry.partition("\t")[2]


def _is_lockfile(path: str) -> bool:
    return label_of(PurePosixPath(path).name) is not None
