"""How a prefix compares with image and lockfile, in words: the same for `install` and `verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli.output import Output
from cortexlock.cli.replay_words import words
from cortexlock.model.counts import counted
from cortexlock.model.replay_facts import OtherImage

if TYPE_CHECKING:
    from cortexlock.replay.prefix.problem import Comparison, Note, Part, Problem

_FILES = 3
"""Files of one package that are named; the rest are counted."""

_UNLISTED = 5
"""Files of no package that are named; the rest are counted."""

_PARTS: Mapping[Part, str] = {
    "locked": "not as locked",
    "image": "not as in the image",
    "extra": "neither in the image nor locked",
    "conflicts": "requirements that do not hold",
}

HINT = (
    "install again; `cortexlock install --exact` removes what is in neither image nor lockfile, --allow-drift accepts "
    "what differs, a fresh copy of the image has none of it"
)


def show(  # noqa: PLR0913 - what, where, and what goes along
    output: Output,
    comparison: Comparison,
    prefix: Path,
    *,
    done: str = "",
    after: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> None:
    """Print how a prefix compares; with `--quiet` only what differs.

    Args:
        output: Where to.
        comparison: What was found.
        prefix: Where.
        done: What follows the verdict, `, nothing to do`.
        after: Lines that follow it.
        notes: What else is worth knowing.
    """
    if not comparison.differs and output.quiet:
        return
    verdict = output.styled("differs", "red") if comparison.differs else output.styled("as locked", "green")
    but = ", but for what was allowed" if comparison.allowed and not comparison.differs else ""
    output.line(f"{prefix}: {verdict}{but}{done}")
    for line in after:
        output.line(line)
    for part, title in _PARTS.items():
        _section(output, title, lines_of(comparison.of(part)))
    if output.quiet:
        return
    _section(output, "allowed when it was installed", lines_of(comparison.allowed))
    for note in (*notes, *notes_of(comparison)):
        output.line(f"  {output.styled('note:', 'yellow')} {note}")


def document(comparison: Comparison) -> dict[str, object]:
    """Return a comparison as the value that `--json` prints: sentences by part, and the facts that they are made of."""
    return {
        "differs": comparison.differs,
        **{part: list(lines_of(comparison.of(part))) for part in _PARTS},
        "allowed": list(lines_of(comparison.allowed)),
        "problems": [facts(each) for each in comparison.problems],
        "allowed-problems": [facts(each) for each in comparison.allowed],
    }


def facts(problem: Problem) -> dict[str, str]:
    """Return a problem as a JSON object, without what it says nothing of."""
    return {key: str(value) for key, value in asdict(problem).items() if value}


def lines_of(problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return problems as lines; of many files of one package a few, and how many more there are."""
    lines: list[str] = []
    files: dict[tuple[str, str], int] = {}
    for each in problems:
        group = (each.manager, each.package) if each.path else ("", each.kind)
        limit = _FILES if each.package else _UNLISTED
        if each.path:
            files[group] = files.get(group, 0) + 1
            if files[group] > limit:
                continue
        lines.append(sentence(each))
    for (manager, package), count in files.items():
        limit = _FILES if package else _UNLISTED
        if count > limit:
            whose = f"{manager} {package}: {count - limit} further files differ"
            lines.append(whose if package else f"{count - limit} further files in site-packages are of no package")
    return tuple(lines)


def notes_of(comparison: Comparison) -> tuple[str, ...]:
    """Return the notes of a comparison as sentences: those that count, and lists of those that are alike."""
    found = [note for note in comparison.notes if note.kind not in {"beside", "unlisted-file", "other-image"}]
    lines = [_NOTES[note.kind](note) for note in found]
    beside = [note for note in comparison.notes if note.kind == "beside"]
    if beside:
        names = ", ".join(sorted(f"{each.manager} {each.package} {each.version}" for each in beside))
        lines.append(f"there beside image and lockfile: {names}")
    unlisted = [path for note in comparison.notes if note.kind == "unlisted-file" for path in note.paths]
    lines += [f"{_in_site(path)} is of no package" for path in unlisted[:_UNLISTED]]
    if len(unlisted) > _UNLISTED:
        lines.append(f"{len(unlisted) - _UNLISTED} further files in site-packages are of no package")
    lines += [_NOTES[each.kind](each) for each in comparison.notes if each.kind == "other-image"]
    return tuple(dict.fromkeys(lines))


def sentence(problem: Problem) -> str:
    """Return a problem as one line."""
    return _SENTENCES[problem.kind](problem)


def _section(output: Output, title: str, lines: Sequence[str]) -> None:
    if lines:
        output.line(f"  {title}:")
    for line in lines:
        output.line(f"    {line}")


def _name(each: Problem) -> str:
    return f"{each.manager} {each.package}"


def _missing(each: Problem) -> str:
    if each.part == "image":
        return f"{_name(each)}: not there, the image has {each.expected}"
    return (
        f"{_name(each)}: {each.expected} is not installed"
        if each.manager == "pip"
        else f"{_name(each)} {each.expected} is not installed"
    )


def _version(each: Problem) -> str:
    if each.part == "image":
        return f"{_name(each)}: {each.found}, the image has {each.expected}"
    if each.manager == "pip":
        return f"{_name(each)}: {each.found} is installed, {each.expected} is locked"
    return f"{_name(each)} is {each.found}, locked is {each.expected}"


def _file(each: Problem, how: str) -> str:
    return f"{_name(each)}: {_inside(each.path) if each.manager == 'pip' else each.path} {how}"


def _inside(path: str) -> str:
    """Return a path relative to site-packages, where it lies there."""
    _, separator, inside = path.partition("/site-packages/")
    return inside if separator else path


def _in_site(path: str) -> str:
    return f"{_inside(path)} in site-packages"


def _requirement(each: Problem | Note) -> str:
    found = f"{each.found} is there" if each.found else "it is not there"
    return f"{each.package} {each.version} requires {each.expected}, {found}"


def _half_way(each: Problem) -> str:
    which = "another lockfile" if each.found else "this lockfile"
    return f"a replay of {which} was ended half-way: install again"


_SENTENCES: Mapping[str, Callable[[Problem], str]] = {
    "python": lambda each: f"the prefix has Python {each.found}, the lockfile is for {each.expected}",
    "half-way": _half_way,
    "missing": _missing,
    "version": _version,
    "copies": lambda each: f"{_name(each)}: is installed more than once ({each.found})",
    "artifact": lambda each: f"{_name(each)}: was installed from another file than the locked one",
    "list": lambda each: f"{_name(each)}: its own list of files was changed since it was installed",
    "file-missing": lambda each: _file(each, "is missing"),
    "file-changed": lambda each: _file(each, "differs" if each.manager == "pip" else "was changed"),
    "left": lambda each: f"{_name(each)}: {each.found or 'not there'}, the last replay left {each.expected}",
    "package": lambda each: f"{_name(each)} {each.found}",
    "unlisted-file": lambda each: f"{_in_site(each.path)} is of no package",
    "unlisted-changed": lambda each: f"{_in_site(each.path)}, which is of no package, was changed",
    "requirement": _requirement,
}


def _overlap(note: Note) -> str:
    more = f" and {len(note.paths) - _UNLISTED} more" if len(note.paths) > _UNLISTED else ""
    return f"{note.package} has files that conda packages have too: {', '.join(note.paths[:_UNLISTED])}{more}"


def _shared(note: Note) -> str:
    more = f" and {counted(len(note.paths) - 1, 'more file')}" if len(note.paths) > 1 else ""
    return (
        f"{_inside(note.paths[0])}{more} of {note.expected} {'has' if len(note.paths) == 1 else 'have'} the content "
        f"that {note.package} brings, "
        "which pip installs later"
    )


def _left_so(note: Note) -> str:
    found = note.found or "not there"
    return f"{note.manager} {note.package}: {found}, the image has {note.expected}; the replay left it so"


def _known_requirement(note: Note) -> str:
    who = "the image has it so" if note.manager == "image" else "the lockfile says so"
    return f"{_requirement(note)}; {who}"


_NOTES: Mapping[str, Callable[[Note], str]] = {
    "no-receipt": lambda _note: "no replay left a receipt here",
    "other-lockfile": lambda _note: "the last replay here was of another lockfile",
    "other-image": lambda note: words(OtherImage(note.found, note.expected)),
    "python": lambda note: f"the prefix has Python {note.found}, the lockfile assumes {note.expected}",
    "left-so": _left_so,
    "overlap": _overlap,
    "clobbered": lambda note: (
        f"{note.paths[0]} of the conda package {note.package} was not linked: another conda package has it too"
    ),
    "shared": _shared,
    "requirement": _known_requirement,
}
