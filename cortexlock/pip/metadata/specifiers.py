"""Version specifiers as they were published: what was common before PEP 440 was enforced, as what it means.

The images' pip compares what is no PEP 440 specifier as text; today's pip refuses it, or takes it for nothing. Measured
with pip 18.1 under Python 3.6: `>=1.10.*` and `>1.10.*` hold from 1.10 on, `<1.10.*` and `<=1.10.*` before 1.10,
`>=3.` is `>=3`, and `>dev` holds for every version. Commas that are missing, operators the wrong way round and
quotation marks are read as they are meant.
"""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from cortexlock.formats.versions import is_version

_CLAUSE = re.compile(r"(?P<operator>===|[<>=!~]\s?=|=[<>]|[<>=])\s*(?P<version>[^\s,;<>=!~()]+)")
_BETWEEN = re.compile(r"[\s,]*")
_WILDCARD = re.compile(r"(?<=[0-9])(?:\.?\*|\.[xX])(?:\.[*xX])*$")
_TURNED = {"=>": ">=", "=<": "<=", "=": "=="}
_OF_A_WILDCARD = {">": ">=", "<=": "<"}
"""What an ordering operator means before a wildcard: 1.10.* stands for all of 1.10, from its first version on."""


class UnreadableSpecifierError(ValueError):
    """It cannot be read; the text says why, in words for the user."""


def readable(text: str) -> str:
    """Return specifiers as they are if they are valid (PEP 440), else valid ones that say the same.

    Args:
        text: Specifiers, with or without commas between them, without parentheses; empty: any version.

    Raises:
        UnreadableSpecifierError: They cannot be read.
    """
    if _is_valid(text):
        return text
    found: list[str] = []
    position = _BETWEEN.match(text).end()  # type: ignore[union-attr] # it matches nothing, too
    while position < len(text):
        clause = _CLAUSE.match(text, position)
        if clause is None:
            raise UnreadableSpecifierError(f"`{text}` is no version specifier")
        found += _clause(clause["operator"].replace(" ", ""), clause["version"])
        position = _BETWEEN.match(text, clause.end()).end()  # type: ignore[union-attr] # as above
    return ",".join(found)


def _clause(operator: str, written: str) -> list[str]:
    """Return a clause as valid ones: none where it holds for every version."""
    operator = _TURNED.get(operator, operator)
    text = f"{operator}{written}"
    if _is_valid(text):
        return [text]
    version = written.strip("'\"").rstrip("+").rstrip(".")
    wildcard = _WILDCARD.search(version)
    version = _WILDCARD.sub("", version)
    if wildcard and operator == "~=" and "." not in version:
        operator = "=="
    if wildcard and operator in ("==", "!="):
        version = f"{version}.*"
    elif wildcard:
        operator = _OF_A_WILDCARD.get(operator, operator)
    if _is_valid(f"{operator}{version}"):
        return [f"{operator}{version}"]
    if operator in (">", ">=", "!=") and not is_version(version):
        return []  # compared as text, a word is older than every version
    raise UnreadableSpecifierError(f"`{text}` is no version specifier")


def _is_valid(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
