"""The constraints of an image, as its files have them, into requirements that can be reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from cortexlock.formats.requirement import parsed
from cortexlock.model.capture_facts import CaptureFact, NoConstraint, UnknownConstraints
from cortexlock.predictors.egg_info import clean
from cortexlock.predictors.url_secrets import without_secrets

_COMMENT = re.compile(r"(^|\s+)#.*$")
_CONTINUED = re.compile(r"\\\n")
_INCLUDED = re.compile(r"-[cr]|--(?:constraint|requirement)\b")  # read as files of their own
_OPTIONS = re.compile(r"\s--[a-z-]+[=\s].*$")  # hashes, which say nothing of versions

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({"constraints": [], "variables": []})
"""What configures pip where a snapshot does not say it."""


def is_settings(value: object) -> bool:
    """Whether a value is what a snapshot says of pip's configuration."""
    if not isinstance(value, Mapping):
        return False
    files, variables = value.get("constraints"), value.get("variables")
    return (
        isinstance(files, list)
        and all(isinstance(file, dict) and isinstance(file.get("file"), str) for file in files)
        and all(file.get("text") is None or isinstance(file["text"], str) for file in files)
        and isinstance(variables, list)
        and all(isinstance(name, str) for name in variables)
    )


def constraints_of(files: Sequence[Mapping[str, Any]], notes: list[CaptureFact]) -> tuple[str, ...]:
    """Return what files of constraints hold, sorted.

    Args:
        files: Of each its name (`file`) and its `text`, None where it is not there.
        notes: Gets what was left out, and why.
    """
    found = set()
    for file in files:
        name, text = without_secrets(clean(file["file"])), file.get("text")
        if text is None:
            notes.append(UnknownConstraints(name))
            continue
        for line in _lines(text):
            requirement = _requirement(line)
            if requirement is None:
                notes.append(NoConstraint(name, without_secrets(line)))
            else:
                found.add(requirement)
    return tuple(sorted(found))


def _lines(text: str) -> Iterator[str]:
    for line in _CONTINUED.sub(" ", text.replace("\r\n", "\n")).split("\n"):
        stripped = clean(_OPTIONS.sub("", _COMMENT.sub("", line)))
        if stripped and not _INCLUDED.match(stripped):
            yield stripped


def _requirement(line: str) -> str | None:
    """Return a line as PEP 508 has it, with its name normalized; None: it is none, or bounds no version."""
    try:
        requirement = copy(parsed(line))
    except InvalidRequirement:
        return None
    if requirement.url or requirement.extras or not requirement.specifier:
        return None
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)
