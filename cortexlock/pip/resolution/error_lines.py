"""Which line of the requirements asks for what a message is about, and what is to be written there instead."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence
from pathlib import Path

from cortexlock.errors import CortexlockError, FileLine, NoSolutionError
from cortexlock.inputs.requirements_text import Line, local_path
from cortexlock.network.urls import without_credentials
from cortexlock.pip.resolution import import_names
from cortexlock.pip.resolution.values import Root

_URL = re.compile(r"(?:git\+)?(?P<url>[a-z]+://[^\s#;]+)")
_NO_BINARY = re.compile(r"--no-binary[\s=]+\S*:all:")
_REFERENCE = re.compile(r"@[^/@]*$")


def locate(error: CortexlockError, lines: Sequence[Line], project: Path) -> None:
    """Give an error that is about a direct reference the place of its line; leave others as they are.

    Args:
        error: Its `url` is what it is about; of a local tree, its place is the absolute path.
        lines: The lines of the requirements.
        project: The project's absolute path.
    """
    if isinstance(error.place, FileLine):
        return
    for line in lines:
        url = _url(line)
        if url and _is_of(error.url, url):
            if error.place is not None:  # which it gives up; a sentence without a place has the URL itself
                error.summary = f"{error.summary} ({url})"
            error.place = line.place
            return
        if error.place is not None and _tree(line, project) == os.path.normpath(str(error.place)):
            error.place = line.place
            return


def say_package(error: NoSolutionError, roots: Sequence[Root]) -> None:
    """Give the error of a build the place of the line that asks for it, and the right name of what was meant.

    Args:
        error: Its `where` is the normalized name of what is built.
        roots: What the project asks for.
    """
    root = next((root for root in roots if root.name and root.name == error.where and root.file), None)
    if root is not None:
        error.place = root.place
        error.advice = import_names.hint(root.name) or error.hint


def say_option(error: NoSolutionError, lines: Sequence[Line]) -> None:
    """Give the error of build requirements its cause where an option asks for builds of everything.

    Args:
        error: What is wrong.
        lines: The lines of the requirements.
    """
    for line in lines:
        if _NO_BINARY.search(line.text):
            said = f"  {line.place}: `{line.text}` holds for what builds need, too"
            error.details = (*error.details, said)
            error.advice = "name the packages that are to be built in place of `:all:`: `--no-binary NAME`"
            return


def _is_of(asked: str, url: str) -> bool:
    """Whether what was asked for is a URL, or below it: a page of a repository."""
    return asked == url or asked.startswith((f"{url}/", f"{url}?"))


def _url(line: Line) -> str:
    """Return the URL that a line asks to install, as messages have it: without credentials, reference and fragment."""
    is_option = line.text.startswith("-") and not line.text.startswith(("-e", "--editable"))
    found = _URL.search(line.text)
    if found is None or is_option:
        return ""
    url = without_credentials(found["url"])[0]
    return _REFERENCE.sub("", url) if found[0].startswith("git+") else url


def _tree(line: Line, project: Path) -> str:
    path = local_path(line)
    return "" if path is None else os.path.normpath(project / path)
