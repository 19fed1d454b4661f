"""Requirements from before PEP 508 was enforced: what the images' pip read, today's pip refuses as invalid metadata.

Two forms are common in published wheels: specifiers without a comma between them (`grpcio (>=1.0<2)`), and a wildcard
after an operator that has none (`>=3.6.*`). Both say plainly what they mean. Of anything else the name is kept: that
the distribution is needed is certain, which version is not.
"""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement

_NO_COMMA = re.compile(r"(?<=[0-9a-z*])\s*(?=(?:[<>!=~]=|[<>]))")
_WILDCARD = re.compile(r"((?:[<>~]=|[<>])\s*[0-9][0-9.]*?)\.\*")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def readable(requirement: str) -> str:
    """Return a requirement as it is if it is valid (PEP 508), else a valid one that says the same as far as it can."""
    requirement = " ".join(requirement.split())
    if _is_valid(requirement):
        return requirement
    head, semicolon, marker = requirement.partition(";")
    match = _NAME.match(head)
    name = match[0] if match else ""
    specifiers = _NO_COMMA.sub(",", _WILDCARD.sub(r"\1", head[len(name) :])).replace("(,", "(").lstrip(",")
    for candidate in (f"{name}{specifiers}{semicolon}{marker}", f"{name}{semicolon}{marker}"):
        if _is_valid(candidate):
            return candidate
    return name


def readable_metadata(content: bytes) -> bytes:
    """Return METADATA in which each `Requires-Dist` can be read; unchanged if it could be read before."""
    head, blank, body = content.decode("utf-8", errors="surrogateescape").partition("\n\n")
    lines = head.split("\n")
    for number, line in enumerate(lines):
        field, colon, value = line.partition(":")
        if field.lower() == "requires-dist" and not _is_valid(value.strip()):
            lines[number] = f"{field}{colon} {readable(value)}"
    return ("\n".join(lines) + blank + body).encode("utf-8", errors="surrogateescape")


def _is_valid(requirement: str) -> bool:
    try:
        Requirement(requirement)
    except InvalidRequirement:
        return False
    return True
