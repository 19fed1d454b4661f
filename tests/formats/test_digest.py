"""The hash of what a document says."""

from __future__ import annotations

import hashlib

import pytest

from cortexlock.formats.digest import document_sha256


def test_order_of_keys_does_not_count_and_order_of_lists_does() -> None:
    assert document_sha256({"a": 1, "b": ["x", "y"]}) == document_sha256({"b": ["x", "y"], "a": 1})
    assert document_sha256(["x", "y"]) != document_sha256(["y", "x"])


def test_it_is_the_hash_of_canonical_json() -> None:
    assert document_sha256({"b": "é", "a": True}) == hashlib.sha256(b'{"a":true,"b":"\\u00e9"}').hexdigest()


@pytest.mark.parametrize("document", [{1: "a", "b": "c"}, {"a"}, b"x"])
def test_what_json_has_no_word_for(document: object) -> None:
    with pytest.raises(TypeError):
        document_sha256(document)
