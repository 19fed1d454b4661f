"""Requirements from before PEP 508 was enforced: what the images' pip read, today's pip refuses as invalid metadata.

Published wheels have `grpcio (>=1.0<2)`, `foo>=3.6.*` and `opencv-python>=3.`; see `specifiers` for what they mean.
"""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.requirements import InvalidRequirement
from packaging.utils import InvalidName, canonicalize_name

from cortexlock.formats.requirement import parsed
from cortexlock.pip.metadata import specifiers
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError

_NAMED = re.compile(
    r"(?P<named>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?)\s*"
    r"(?:\((?P<enclosed>[^()]*)\)|(?P<specifiers>[^();@]*))\s*(?P<marker>;.*)?"
)


@lru_cache(maxsize=4096)  # what an image requires is read for each resolution on top of it
def readable(text: str) -> str:
    """Return a requirement as it is if it is valid (PEP 508), else a valid one that says the same.

    Raises:
        UnreadableSpecifierError: It cannot be read.
    """
    text = " ".join(text.split())
    if _is_valid(text):
        return text
    match = _NAMED.fullmatch(text)
    if match is None:
        raise UnreadableSpecifierError(f"`{text}` is no requirement")
    written = match["specifiers"] if match["enclosed"] is None else match["enclosed"]
    try:
        found = f"{match['named'].strip()}{specifiers.readable(written)}{match['marker'] or ''}"
    except UnreadableSpecifierError:
        raise UnreadableSpecifierError(f"`{text}` is no requirement") from None
    if not _is_valid(found):
        raise UnreadableSpecifierError(f"`{text}` is no requirement")
    return found


def readable_or_name(text: str) -> str | None:
    """Return what can be read of a requirement of what is installed already: it as a whole, its name, or None.

    That the distribution is needed is certain there, which version is not.
    """
    try:
        return readable(text)
    except UnreadableSpecifierError:
        match = re.match(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text.strip())
        return match[0] if match else None


def is_name(text: str) -> bool:
    """Tell whether a text can name a project or an extra (PEP 508); to `packaging`'s parser `name_` does, too."""
    try:
        canonicalize_name(text, validate=True)
    except InvalidName:
        return False
    return True


def _is_valid(text: str) -> bool:
    try:
        found = parsed(text)
    except InvalidRequirement:
        return False
    return all(is_name(each) for each in (found.name, *found.extras))
