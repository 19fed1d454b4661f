"""Repositories that are made here, of objects and nothing else.

Of what was fetched or bundled, git's objects are taken, as packs: their names are hashes of their content, which git
computes when it indexes a pack. Configuration, hooks, attributes, references, alternates and index of another
repository count for nothing, neither in our calls of git nor in those of a build, which sees: the locked commit, what
leads to it, and the locked tags.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cortexlock import process
from cortexlock.errors import IntegrityError, StepError, UsageError

MOST_TAGS = 10
"""Tags that are locked, the nearest ones: as many as `git describe` looks at."""

_MOST_COMMITS = 100_000
_OPTIONS = (
    # Bytes as in the commit, whatever the user's configuration says of line ends; no hooks, no monitor, no repacking.
    *("core.autocrlf=false", "core.eol=lf", "core.fsmonitor=false", "core.hooksPath=/dev/null"),
    *("core.attributesFile=/dev/null", "gc.auto=0", "maintenance.auto=false", "fetch.recurseSubmodules=false"),
)
_OF_THE_DISK = ("No space left on device", "Disk quota exceeded", "Read-only file system")
_ALONE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    **{f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in (
        ("NAME", "cortexlock"), ("EMAIL", "cortexlock@example.org"), ("DATE", "1577836800 +0000"),
    )},
}  # fmt: skip
_TAG = re.compile(r"(?P<name>[^-^=][^^=]*)(?P<annotated>\^\{\})?=(?P<commit>[0-9a-f]{40})")


@dataclass(frozen=True, slots=True)
class Git:
    """git in a directory.

    Attributes:
        directory: Where it runs.
        env: All variables that it sees.
        redact: Takes credentials out of what it prints.
    """

    directory: Path
    env: Mapping[str, str]
    redact: Callable[[str], str] = str

    def completed(self, *arguments: str, text: str | None = None) -> process.Completed:
        """Run git to its end.

        Raises:
            UsageError: There is no git on this machine.
            StepError: The disk is full.
        """
        command = ["git", *(part for option in _OPTIONS for part in ("-c", option)), *arguments]
        try:
            completed = process.run(command, env=self.env, cwd=self.directory, text=text)
        except FileNotFoundError as error:
            raise UsageError("there is no git on this machine", hint="install git") from error
        if completed.returncode and any(reason in completed.stderr for reason in _OF_THE_DISK):
            output = self.redact(completed.output)
            raise StepError(f"git {arguments[0]} fails: {output}", hint="make space", output=output)
        return completed

    def succeeds(self, *arguments: str) -> bool:
        """Run git, and tell whether it went well."""
        return self.completed(*arguments).returncode == 0

    def lines(self, *arguments: str, text: str | None = None) -> list[str]:
        """Return the lines that it prints.

        Raises:
            IntegrityError: It fails.
        """
        return self.output(*arguments, text=text).split("\n")[:-1]

    def output(self, *arguments: str, text: str | None = None) -> str:
        """Return what it prints.

        Raises:
            IntegrityError: It fails: objects are missing or damaged.
        """
        completed = self.completed(*arguments, text=text)
        if completed.returncode:
            raise IntegrityError(f"git {arguments[0]} fails: {self.redact(completed.output) or 'no reason given'}")
        return completed.stdout


def alone(directory: Path, environment: Mapping[str, str]) -> Git:
    """Return git that asks nobody: no configuration of user or machine, no network.

    Args:
        directory: Where it runs.
        environment: The caller's variables, of which it sees where programs are.
    """
    kept = {name: environment[name] for name in ("PATH", "SYSTEMROOT") if name in environment}
    return Git(directory, {**kept, **_ALONE})


def nearest_tags(git: Git, commit: str) -> tuple[str, ...]:
    """Return the tags that lead to a commit, the nearest first: `NAME=COMMIT`, `NAME^{}=COMMIT` if it is annotated."""
    form = "%(refname:strip=2)=%(objectname)=%(*objectname)"
    listed = git.lines("for-each-ref", f"--format={form}", f"--merged={commit}", "refs/tags")
    rows = [line.split("=") for line in listed]
    order = {each: place for place, each in enumerate(git.lines("rev-list", "--topo-order", commit))}
    found = []
    for name, tagged, peeled in (row for row in rows if len(row) == 3):  # noqa: PLR2004 - no `=` in the name
        text = f"{name}^{{}}={peeled}" if peeled else f"{name}={tagged}"
        if _TAG.fullmatch(text) and (peeled or tagged) in order:
            found.append((order[peeled or tagged], text))
    return tuple(text for _, text in sorted(found)[:MOST_TAGS])


def packs(git: Git, commit: str) -> Iterator[Path]:
    """Pack what a checkout of a commit needs, and what leads to it: its tree whole, of its past the commits alone.

    Args:
        git: In a repository that has them, submodules checked out below it.
        commit: The commit.

    Yields:
        Packs, beside their indexes; one for each repository.

    Raises:
        IntegrityError: Objects are missing.
    """
    yield from _packed(git, commit, git.lines("rev-list", f"--max-count={_MOST_COMMITS}", commit))


def _packed(git: Git, commit: str, past: Sequence[str]) -> Iterator[Path]:
    entries = _tree(git, commit)
    names = [commit, *past, *git.lines("rev-parse", f"{commit}^{{tree}}")]
    names += [entry.name for entry in entries if entry.kind != "commit"]
    (store,) = git.lines("rev-parse", "--absolute-git-dir")
    stem = Path(store, "cortexlock")
    (packed,) = git.lines("pack-objects", "--quiet", str(stem), text="".join(f"{name}\n" for name in names))
    yield stem.with_name(f"{stem.name}-{packed}.pack")
    for entry in entries:
        place = git.directory / entry.path
        if entry.kind == "commit" and (place / ".git").exists():
            yield from _packed(replace(git, directory=place), entry.name, ())


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a commit's tree: its kind (`blob`, `tree`, `commit` of a submodule), its object and its path."""

    kind: str
    name: str
    path: str


def _tree(git: Git, commit: str) -> list[_Entry]:
    """Return all that a commit's tree has, at any depth."""
    found = []
    for row in git.output("ls-tree", "-r", "-t", "--full-tree", "-z", commit).split("\0"):
        if row:
            what, _tab, path = row.partition("\t")
            _mode, kind, name = what.split()
            found.append(_Entry(kind, name, path))
    return found


def stored_packs(checkout: Path) -> list[Path]:
    """Return the packs that a checkout which was kept has: all of it that counts."""
    directory = checkout / ".git" / "objects" / "pack"
    found = sorted(directory.glob("pack-*.pack")) if directory.is_dir() and not (checkout / ".git").is_symlink() else []
    return [path for path in found if path.is_file()]


def make(
    objects: Sequence[Path], directory: Path, commit: str, tags: Sequence[str], environment: Mapping[str, str]
) -> None:
    """Make a repository of packs, and check a commit out, submodules included.

    Args:
        objects: Packs, which are copied and indexed: nothing of their indexes counts.
        directory: Where to, made if it is not there; it must be empty.
        commit: The commit, 40 hexadecimal digits.
        tags: As `nearest_tags` has them.
        environment: The caller's variables, of which git sees where programs are.

    Raises:
        IntegrityError: The commit, what it needs or what is tagged is not among the objects, or they are damaged.
        UsageError: There is no git on this machine.
        StepError: The disk is full.
    """
    directory.mkdir(parents=True, exist_ok=True)
    git = alone(directory, environment)
    git.lines("init", "--quiet", "--template=", "--initial-branch=cortexlock")
    store = directory / ".git" / "objects" / "pack"
    for number, path in enumerate(objects):
        copy = store / f"pack-{number:040d}.pack"
        # Indexed where it is: what is no pack is not copied, however large it says to be.
        git.lines("index-pack", "-o", str(copy.with_suffix(".idx")), str(path.absolute()))
        shutil.copyfile(path, copy)
    _check_out(git, commit, store)
    for text in tags:
        _tag(git, text)


def _check_out(git: Git, commit: str, store: Path) -> None:
    """Check a commit out, with the past that is there: one that is not whole is as good as none."""
    if git.lines("cat-file", "-t", commit) != ["commit"]:
        raise IntegrityError(f"{commit} is no commit")
    if not git.succeeds("rev-list", "--quiet", commit):
        (git.directory / ".git" / "shallow").write_text(f"{commit}\n", encoding="ascii")
    git.lines("update-ref", "--no-deref", "HEAD", commit)
    git.lines("checkout", "--quiet", "--force", "--detach", commit)
    for entry in _tree(git, commit):
        if entry.kind == "commit" and git.succeeds("cat-file", "-e", entry.name):
            place = git.directory / entry.path
            if any(each.is_symlink() for each in (place, *place.parents) if each.is_relative_to(git.directory)):
                raise IntegrityError(f"the submodule {entry.path} lies behind a link")
            place.mkdir(parents=True, exist_ok=True)
            inner = replace(git, directory=place)
            inner.lines("init", "--quiet", "--template=", "--initial-branch=cortexlock")
            own = place / ".git" / "objects" / "pack"
            for pack in sorted(store.glob("pack-*")):
                shutil.copyfile(pack, own / pack.name)
            _check_out(inner, entry.name, own)


def _tag(git: Git, text: str) -> None:
    found = _TAG.fullmatch(text)
    name = found["name"] if found else ""
    if found is None or not git.succeeds("check-ref-format", f"refs/tags/{name}"):
        raise IntegrityError(f"`{text}` is no tag of a commit")
    if not git.succeeds("merge-base", "--is-ancestor", found["commit"], "HEAD"):
        raise IntegrityError(f"the commit of the tag {name}, {found['commit']}, does not lead to the locked one")
    options = ("-a", "-m", name) if found["annotated"] else ()
    git.lines("tag", "--no-sign", *options, name, found["commit"])
