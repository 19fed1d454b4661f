"""Plain documents as YAML lines."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.formats.block import lines
from tests.support.lockfiles import texts

_flat = texts | st.integers() | st.booleans() | st.lists(texts, max_size=3)
_entries = _flat | st.dictionaries(st.sampled_from(["name", "version", "requires"]), _flat, max_size=3)


@given(_entries | st.lists(_entries, max_size=4))
def test_what_is_written_is_read_back(value: object) -> None:
    written = list(lines("key", value, always_quoted={"version"}))
    assert yaml.safe_load("\n".join(written)) == {"key": value}
    assert len(written) == (1 + len(value) if isinstance(value, list) else 1)


def test_a_line_per_entry() -> None:
    value = [{"name": "six", "version": "1.0", "requires": ["a", "b>1"]}, {"name": "n"}]
    assert list(lines("packages", value, always_quoted={"version"}, indent="  ")) == [
        "  packages:",
        '    - {name: six, version: "1.0", requires: [a, "b>1"]}',
        '    - {name: "n"}',
    ]


def test_what_is_no_plain_value_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        list(lines("key", 1.5))
