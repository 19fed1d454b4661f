"""Lockfile values as documents, and the hash over them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from cortexlock.lockfile.document import content_hash, document_hash, from_document, to_document
from cortexlock.model.lockfile import Lockfile, ScriptStep
from tests.support.lockfiles import example, lockfiles


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lockfiles)
def test_there_and_back(lockfile: Lockfile) -> None:
    assert from_document(to_document(lockfile)) == lockfile


def test_what_says_nothing_is_left_out() -> None:
    document = to_document(replace(example(), exclude_newer="", channels=(), resolvers=(), steps=()))
    assert not {"exclude-newer", "channels", "resolvers"} & set(document)
    assert document["steps"] == []
    package = to_document(example())["steps"][1]["packages"][1]
    assert package == {"name": "python", "version": "3.6.9", "action": "keep", "by": ["libblas"]}


def test_an_action_is_always_said_but_for_builds() -> None:
    step = to_document(example())["steps"][2]
    assert [package["action"] for package in step["packages"]] == ["add", "change"]
    assert "action" not in step["build-requirements"][0]


def test_the_order_of_steps_is_kept() -> None:
    steps = example().steps[::-1]
    assert [step["step"] for step in to_document(replace(example(), steps=steps))["steps"]] == [
        "pip",
        "conda",
        "script",
    ]


def test_the_hash_is_over_canonical_json_without_itself() -> None:
    document = {"b": "é", "a": [1, True], "content-hash": "sha256:0"}
    expected = hashlib.sha256(b'{"a":[1,true],"b":"\\u00e9"}').hexdigest()
    assert document_hash(document) == f"sha256:{expected}"


def test_the_hash_stands_in_the_document() -> None:
    document = to_document(example())
    assert list(document)[:2] == ["lockfile-version", "content-hash"]
    assert document["content-hash"] == document_hash(document) == content_hash(example())
    other = to_document(replace(example(), steps=(ScriptStep("script.sh", "0" * 64),)))
    assert other["content-hash"] != document["content-hash"]
