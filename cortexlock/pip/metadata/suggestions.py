"""What was meant by a line that is no requirement: a suggestion, only where it is a valid one."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement

from cortexlock.inputs import typography
from cortexlock.pip.metadata import requirements
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError

_COMMAND = re.compile(r"(?:python3?\s+-m\s+)?(?:pip3?|conda)\s+install\s+(?:-\w+\s+)*", re.IGNORECASE)
_CONDA = re.compile(r"(?P<name>[\w.-]+)=(?P<version>[\w.!+*]+)(?:=\w+)?")
_COMPATIBLE = re.compile(r"(?P<name>[\w.-]+)\s*~=\s*(?P<major>\d+)")
_SPACED = re.compile(r"(?P<name>[\w.-]+)\s+(?P<version>\d[\w.!+]*)")
_UNQUOTED = re.compile(
    r"(?P<operator>[<>=!~]=?=?|\b(?:not )?in)\s*(?P<value>[A-Za-z0-9_][\w.*-]*)(?=\s*(?:and\b|or\b|\)|$))"
)


def meant(text: str) -> tuple[str, ...]:
    """Return the requirements that a line was meant to be, each for a line of its own; nothing if that is not plain.

    Args:
        text: A line that is no requirement: `six>=1.10.*`, `attrs; python_version < 3`, `numpy=1.19.5=py36`.
    """
    plain = _COMMAND.sub("", typography.plain(text)).strip().rstrip(",;").strip()
    candidates = [plain, _quoted(plain), _quoted(re.sub("[\"']", "", plain)), _unquoted_whole(plain)]
    for pattern in (_CONDA, _SPACED):
        match = pattern.fullmatch(plain)
        candidates += [f"{match['name']}=={match['version']}"] if match else []
    compatible = _COMPATIBLE.fullmatch(plain)  # it needs two numbers at least (PEP 440)
    candidates += [f"{compatible['name']}~={compatible['major']}.0"] if compatible else []
    found = next((readable for candidate in candidates if (readable := _readable(candidate))), None)
    if found is not None:
        return (found,)
    parts = plain.split()
    if len(parts) > 1 and all(_is_bounded(part) for part in parts):
        return tuple(parts)
    return ()


def _readable(text: str) -> str | None:
    try:
        return requirements.readable(text)
    except UnreadableSpecifierError:
        return None


def _quoted(text: str) -> str:
    """Return a line with quotation marks around the values of its marker."""
    head, semicolon, marker = text.partition(";")
    return head + semicolon + _UNQUOTED.sub(r'\g<operator> "\g<value>"', marker)


def _unquoted_whole(text: str) -> str:
    """Return a line without the quotation marks around all of it, as it stands in lists of programs."""
    return text.strip("'\"").strip()


def _is_bounded(text: str) -> bool:
    """Whether a word is a requirement for sure: others may be words of a sentence."""
    try:
        return bool(Requirement(text).specifier)
    except InvalidRequirement:
        return False
