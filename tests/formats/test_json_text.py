"""JSON of others: plain values, or one error."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.formats.json_text import JsonError, loads

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(), of, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(_values, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_json_says(value: object, encoding: str) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert loads(text) == loads(text.encode(encoding)) == loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "Expecting value"),
        (b"[1", "Expecting ',' delimiter"),
        (b'{"a": "\xe9"}', "it is not UTF-8"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[-Infinity]", "Infinity is no number"),
        (b"[" * 200_000, "nested too deep"),
        (b"[" * 61 + b"]" * 61, "nested too deep"),
        (b'{"a":' * 62 + b"1" + b"}" * 62, "nested too deep"),
        (b'["\\ud800"]', "half a surrogate pair"),
        (b'{"\\udfff": 1}', "half a surrogate pair"),
        (b"[" + b"9" * 5000 + b"]", "a number has 5000 digits"),
    ],
)
def test_what_is_none(text: bytes, what: str) -> None:
    with pytest.raises(JsonError, match=what):
        loads(text)


def test_what_is_deep_enough() -> None:
    assert loads(b"[" * 60 + b"]" * 60)
    assert loads(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: f'["{text}"]'.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with suppress(JsonError):
        json.dumps(loads(text), ensure_ascii=False).encode()
