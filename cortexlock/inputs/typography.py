"""Characters that word processors, web pages and other keyboards put in place of those that a line has."""

from __future__ import annotations

import unicodedata

_AS_MEANT = str.maketrans(
    {
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2018": "'",
        "\u2019": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2265": ">=",
        "\u2264": "<=",
        "\u2260": "!=",
    }
)
_UNSEEN = frozenset(("Cf", "Zs", "Zl", "Zp", "Cc"))
"""Categories of Unicode that look like a blank, or like nothing."""


def plain(text: str) -> str:
    """Return a line as it is typed, without signs for `>=`, letters of full width, and blanks that nobody sees."""
    normal = unicodedata.normalize("NFKC", text.translate(_AS_MEANT)) if not text.isascii() else text
    return "".join(each for each in normal if unicodedata.category(each) not in {"Cf", "Cc"} or each == "\t")


def unseen(text: str) -> str:
    """Return what nobody sees of a line, for a sentence: ` (with U+200B ZERO WIDTH SPACE)`, or nothing."""
    odd = dict.fromkeys(each for each in text if each not in " \t" and unicodedata.category(each) in _UNSEEN)
    named = [f"U+{ord(each):04X} {unicodedata.name(each, '')}".rstrip() for each in odd]
    return f" (with {', '.join(named)})" if named else ""
