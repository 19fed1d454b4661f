"""Versions as PEP 440 has them, and requirements as PEP 508 does.

What most of them look like is known without packaging, whose import is an eighth of the time of `check`.
"""

from __future__ import annotations

from cortexlock.patterns import pattern

_RELEASE = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}"
_PLAIN_VERSION = pattern(
    rf"{_RELEASE}(?:(?:a|b|rc|\.post|\.dev)[0-9]{{1,9}})?(?:\+[a-z0-9]{{1,20}}(?:\.[a-z0-9]{{1,20}})?)?"
)
_BOUND = rf"(?:[<>]=?|[=!]=){_RELEASE}"
_MANY_DIGITS = pattern(r"[0-9]{1000}")
_MANY_BRACKETS = 100
_PLAIN_REQUIREMENT = pattern(rf"[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,100}}[A-Za-z0-9])?{_BOUND}(?:,{_BOUND}){{0,9}}")


def is_version(text: str) -> bool:
    """Whether a text is a version."""
    if _PLAIN_VERSION.fullmatch(text):
        return True
    from packaging.version import Version  # noqa: PLC0415 - `check` does not pay for it

    try:
        Version(text)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False
    return True


def is_requirement(text: str) -> bool:
    """Whether a text is a requirement."""
    if _PLAIN_REQUIREMENT.fullmatch(text):
        return True
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415 - as above

    from cortexlock.formats.requirement import parsed  # noqa: PLC0415 - as above

    try:
        parsed(text)
    except InvalidRequirement:
        return False
    return True


def is_bounded(text: str) -> bool:
    """Whether parsers of requirements can read a text: they recurse at each bracket, and take digits for integers."""
    return len(text) <= _MANY_BRACKETS or (text.count("(") <= _MANY_BRACKETS and not _MANY_DIGITS.search(text))
