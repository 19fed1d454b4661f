"""How a plain document is written as YAML that reads well in a review: keys in blocks, one line per entry of a list.

Writing needs no YAML library, so that no release of one can change the bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cortexlock.formats.scalars import quoted, scalar


def lines(key: str, value: object, *, always_quoted: Collection[str] = (), indent: str = "") -> Iterator[str]:
    """Yield the lines of a key and its value, without line ends.

    Args:
        key: The key.
        value: Text, an integer, a boolean, a mapping (one flow line), or a list (one line per entry).
        always_quoted: Keys whose text stands between quotation marks, needed or not: it reads better if all have them.
        indent: White space before each line.

    Raises:
        TypeError: A value is of another type.
        ValueError: A string is not text.
    """
    if not isinstance(value, list):
        yield f"{indent}{key}: {_entry(key, value, always_quoted)}"
    elif not value:
        yield f"{indent}{key}: []"
    else:
        yield f"{indent}{key}:"
        for entry in value:
            yield f"{indent}  - {_flow(entry, always_quoted)}"


def _flow(value: object, always_quoted: Collection[str]) -> str:
    if isinstance(value, dict):
        entries = (f"{key}: {_entry(key, content, always_quoted)}" for key, content in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry, always_quoted) for entry in value) + "]"
    if isinstance(value, str | int):
        return scalar(value)
    raise TypeError(type(value).__name__)


def _entry(key: str, value: object, always_quoted: Collection[str]) -> str:
    return quoted(value) if key in always_quoted and isinstance(value, str) else _flow(value, always_quoted)
