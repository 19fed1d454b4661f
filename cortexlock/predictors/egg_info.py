"""What setuptools' `requires.txt` says, in the words of METADATA.

Its format: https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html#requires-txt
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NOT_TEXT = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]+")
_SECTION = re.compile(r"\[([^:\]]*)(?::(.*))?\]")
_URL_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s")


def requires_of(text: str) -> Iterator[str]:
    """Yield the requirements of setuptools' requires.txt as `Requires-Dist` has them.

    Lines below `[extra:marker]` hold for this extra and where the marker is true; both can be left out.
    """
    for extra, marker, line in _lines(text):
        requirement, own = _split(line)
        markers = [own, marker, f'extra == "{extra}"' if extra else ""]
        joined = " and ".join(f"({one})" if re.search(r"\bor\b", one) else one for one in markers if one)
        separator = " ; " if _URL_REQUIREMENT.match(requirement) else "; "
        yield f"{requirement}{separator}{joined}" if joined else requirement


def extras_of(text: str) -> list[str]:
    """Return the extras of setuptools' requires.txt, in their order."""
    sections = (_SECTION.fullmatch(line.strip()) for line in text.splitlines())
    return list(dict.fromkeys(clean(section[1]) for section in sections if section and section[1].strip()))


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the extra, the marker and the text of each requirement of requires.txt."""
    extra = marker = ""
    for line in map(clean, text.splitlines()):
        section = _SECTION.fullmatch(line)
        if section:
            extra, marker = section[1].strip(), (section[2] or "").strip()
        elif line and not line.startswith("#"):
            yield extra, marker, line


def _split(requirement: str) -> tuple[str, str]:
    """Split a requirement into what is wanted, and its marker; a URL's marker stands after a space (PEP 508)."""
    separator = " ;" if _URL_REQUIREMENT.match(requirement) else ";"
    wanted, _, marker = requirement.partition(separator)
    return wanted.strip(), marker.strip()


def clean(value: object) -> str:
    """Return a value of a header on one line, without what no text should have; nothing for None."""
    return _NOT_TEXT.sub(" ", "" if value is None else str(value)).strip()
