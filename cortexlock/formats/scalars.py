"""How one value is written so that every YAML reads it back, be it 1.1 or 1.2."""

from __future__ import annotations

from cortexlock.patterns import pattern

_PLAIN = pattern(r"[A-Za-z_][A-Za-z0-9_./+-]*\Z")
# Words that one YAML version or another reads as a boolean, as null or as a number (with or without dot and sign).
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf", "infinity"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_FIRST_PRINTABLE, _LAST_PRINTABLE = 0x20, 0x7E


def scalar(value: str | int) -> str:
    """Return the YAML text of a string, an integer or a boolean, always on one line and in ASCII.

    A string is plain only if no YAML version reads it as anything else; all others are double-quoted, and what is not
    printable ASCII is escaped, so that no editor, terminal or encoding changes it.

    Raises:
        ValueError: The string holds half a surrogate pair: it is not text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    return quoted(value)


def quoted(value: str) -> str:
    """Return the YAML text of a string between double quotation marks, on one line and in ASCII.

    Raises:
        ValueError: The string holds half a surrogate pair: it is not text.
    """
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if _FIRST_PRINTABLE <= code <= _LAST_PRINTABLE:
        return character
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates, Unicode 23.6
        raise ValueError("a string with half a surrogate pair is not text")
    if code <= 0xFF:  # noqa: PLR2004 - what two hexadecimal digits can say
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004 - four digits
