"""What pip says of a line that it cannot read, in our words: what is wrong, and what was meant where that is plain."""

from __future__ import annotations

import re
from collections.abc import Callable

from cortexlock.errors import InputError
from cortexlock.inputs import typography
from cortexlock.pip.metadata import suggestions

_OF_GIT = ("ssh://", "git://")
_INVALID = re.compile(r"Invalid requirement: .*?['\"]: (?P<reason>[^\n]*)")
_HINT = "write a requirement as PEP 508 has it"

_Said = tuple[str, str]
"""What is wrong, and what to do about it."""


def error(file: str, line: int | None, text: str, written: str) -> InputError:
    """Make the error of a line.

    Args:
        file: The file, relative to the project.
        line: The line's number, from 1.
        text: What pip says of it, perhaps with a hint of its own.
        written: The requirement in the line.
    """
    for pattern, say in _KNOWN:
        found = pattern.search(text)
        said = say(found, written) if found else None
        if said:
            return InputError.at(file, line, said[0], hint=said[1])
    text, _, hint = text.partition("\nHint: ")
    invalid = _INVALID.match(text)
    if invalid is None:
        return InputError.at(file, line, text, hint=hint or _HINT)
    reason = f"{invalid['reason'][:1].lower()}{invalid['reason'][1:]}"
    what = f"`{written}` is no requirement{typography.unseen(written)}: {reason}"
    return InputError.at(file, line, what, hint=_meant(written) or hint or f"{_HINT}: `name>=1.0`")


def _meant(written: str) -> str:
    if written.startswith(_OF_GIT):
        return f"write `git+{written}`"
    lines = [f"`{each}`" for each in suggestions.meant(written)]
    start = "write them on lines of their own: " if len(lines) > 1 else "write "
    return start + ", ".join(lines) if lines else ""


def _no_editable(found: re.Match[str], _written: str) -> _Said:
    what = found["what"]
    if "://" in what:
        return f"{what} is no URL of version control", "write it as `-e git+URL`"
    return f"there is no directory {what}", "name a local project, or `git+URL`"


def _no_path(found: re.Match[str], _written: str) -> _Said | None:
    path = found["path"]
    if path.startswith("git+/"):
        return f"`{path}` is no URL of a repository", f"write `git+file://{path.removeprefix('git+')}`"
    if "://" in path:
        return None
    return f"there is no file or directory `{path}`", "is the name right? It is relative to the project"


def _no_project(found: re.Match[str], _written: str) -> _Said:
    what = f"`{found['path']}` is no project: there is neither a pyproject.toml nor a setup.py in it"
    return what, "add a pyproject.toml, or name another directory"


def _no_constraint(_found: re.Match[str], written: str) -> _Said:
    return f"`{written}` is no constraint", "write a name with versions: `name<2`"


def _more_than_a_name(_found: re.Match[str], written: str) -> _Said:
    return f"`{written}` names more than a project after `#egg=`", "write `name[extra] @ URL`"


_KNOWN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], _Said | None]], ...] = (
    (re.compile(r"^(?P<what>\S+) is not a valid editable requirement\."), _no_editable),
    (re.compile(r"It looks like a path\. File '(?P<path>[^'\n]*)' does not exist\."), _no_path),
    (re.compile(r"^Directory '(?P<path>[^'\n]*)' is not installable\."), _no_project),
    (re.compile(r"as constraints"), _no_constraint),
    (re.compile(r"egg fragment"), _more_than_a_name),
)
