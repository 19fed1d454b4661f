"""The use case `diff`: lockfiles as they are now, against each other or against a revision of git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cortexlock.errors import InputError, UsageError
from cortexlock.lock.repository import Repository
from cortexlock.lockfile import files, text
from cortexlock.lockfile.difference import Difference, difference
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import in_order, label_of, lockfile_name


@dataclass(frozen=True, slots=True)
class Compared:
    """What is different in one lockfile: its name, what was there before and now (None: there is none)."""

    name: str
    old: Lockfile | None
    new: Lockfile | None
    difference: Difference


def compare_files(old: Path, new: Path) -> Compared:
    """Compare two lockfiles.

    Raises:
        InputError: One of them is not there, or no lockfile.
        IntegrityError: One was changed by hand.
    """
    for path in (old, new):
        if not path.exists():
            raise InputError.at(str(path), None, "there is no such lockfile", hint="is the name right?")
    before, after = (files.read(path, name=str(path)) for path in (old, new))
    return Compared(f"{old} -> {new}", before, after, difference(before, after))


def compare_with_revision(
    directory: Path, names: Sequence[str], revision: str, environment: Mapping[str, str]
) -> tuple[Compared, ...]:
    """Compare the lockfiles of a project with those of a revision; those that neither side has are left out.

    Args:
        directory: The project's directory, in a work tree of git.
        names: The file names of lockfiles; none: all that one of the sides has.
        revision: A commit, as git names one.
        environment: The caller's variables.

    Raises:
        UsageError: There is no git, no repository, or no such revision.
        InputError: What is there is no lockfile.
        IntegrityError: A lockfile was changed by hand.
    """
    if revision.startswith("-") or ":" in revision:
        raise UsageError(f"`{revision}` is no revision", where="--rev", hint="name a commit, a branch or a tag")
    repository = Repository(directory, environment, without_git="install git, or name two lockfiles")
    commit = repository.commit(revision)
    if commit is None:
        inside = repository.ask("rev-parse", "--is-inside-work-tree") is not None
        what = f"there is no revision `{revision}`" if inside else f"{directory} is in no repository of git"
        hint = "name a commit, a branch or a tag" if inside else "name two lockfiles: `cortexlock diff OLD NEW`"
        raise UsageError(what, where="--rev", hint=hint)
    found = []
    here = names or tuple(map(lockfile_name, files.labels(directory)))
    for name in names or _all_names(here, repository, commit):
        written = repository.ask("show", f"{commit}:./{name}")
        if written is not None and not names and not files.is_lockfile(written):
            written = None
        before = text.loads(written, file=f"{revision}:{name}") if written is not None else None
        after = files.read(directory / name, name=name) if name in here and (directory / name).exists() else None
        if before is not None or after is not None:
            found.append(Compared(name, before, after, difference(before, after)))
    return tuple(found)


def _all_names(here: Sequence[str], repository: Repository, commit: str) -> tuple[str, ...]:
    """Return the file names of the lockfiles here and of what can be one in a commit."""
    listed = repository.ask("ls-tree", "--name-only", "-z", commit, "./") or ""
    found = (label for name in (*here, *listed.split("\0")) if (label := label_of(name)) is not None)
    return tuple(map(lockfile_name, in_order(found)))
