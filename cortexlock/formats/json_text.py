"""JSON that others wrote, read strictly: plain values of a bounded depth, or one error.

What the standard library reads beyond RFC 8259 (`NaN`, half surrogate pairs), or stumbles over (deep nesting, numbers
of many digits), is refused: it would fail later, where nobody expects it.
"""

from __future__ import annotations

import json
from typing import Any

from cortexlock.patterns import pattern

DEEPEST = 60
"""How deep lists and objects may stand in each other; real ones have a depth of ten."""

_HALF_PAIR = pattern("[\ud800-\udfff]")
_LONGEST_NUMBER = 400
"""Digits: a float that is written out has 309 before the point."""


class JsonError(ValueError):
    """Why a text is no JSON; one phrase, for messages."""


def loads(text: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a JSON text holds, of a bounded depth, with nothing in it that is no text.

    Args:
        text: The text; bytes are UTF-8 (or UTF-16, UTF-32), with or without a byte order mark.

    Raises:
        JsonError: It is no JSON, is nested too deep, or holds what is no text or no number.
    """
    value = parsed(text)
    _check(value)
    return value


def parsed(text: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a JSON text holds, without a look at all of it: for megabytes that are sifted anyway.

    Args:
        text: As for `loads`.

    Raises:
        JsonError: It is no JSON, is nested deeper than Python reads it, or has a number of too many digits.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text))
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant, parse_int=_int)
    except RecursionError:
        raise JsonError("it is nested too deep") from None
    except UnicodeDecodeError:
        raise JsonError("it is not UTF-8") from None
    except JsonError:
        raise
    except ValueError as error:
        raise JsonError(str(error)) from None


def _refuse_constant(name: str) -> None:
    raise JsonError(f"{name} is no number of JSON")


def _int(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise JsonError(f"a number has {len(digits)} digits")
    return int(digits)


def _check(value: object) -> None:
    """Refuse deep nesting, and text with half a surrogate pair, which no file name and no message can hold."""
    level = [value]
    for _ in range(DEEPEST):
        texts: list[str] = []
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                texts += each
                below += each.values()
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str):
                texts.append(each)
        if _HALF_PAIR.search("\n".join(texts)):
            raise JsonError("it has half a surrogate pair, which is no text")
        level = below
        if not level:
            return
    raise JsonError("it is nested too deep")
