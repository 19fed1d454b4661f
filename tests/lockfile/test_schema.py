"""The schema: published, found, and the same as the validator that was generated from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.errors import CortexlockError
from cortexlock.formats.compile_schema import generated_code
from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.formats.schema import SchemaError, schema_text
from cortexlock.lockfile import validator
from cortexlock.lockfile.document import to_document
from cortexlock.lockfile.schema import SCHEMA_NAME, validate
from tests.support.lockfiles import example

_SCHEMAS = Path(__file__).parents[2] / "schemas"
_PATHS = [(), ("predictor",), ("inputs", 0), ("steps", 0), ("steps", 1), ("steps", 1, "packages", 0), ("steps", 2)]


@cache
def _fastjsonschema() -> Callable[[object], object]:
    compiled: Callable[[object], object] = fastjsonschema.compile(
        json.loads(schema_text(SCHEMA_NAME)), use_default=False, use_formats=False
    )
    return compiled


def test_the_published_schema_is_the_one_that_is_read() -> None:
    assert schema_text(SCHEMA_NAME) == (_SCHEMAS / "lockfile-v1.schema.json").read_text(encoding="utf-8")


def test_a_missing_schema_is_a_broken_installation() -> None:
    with pytest.raises(CortexlockError, match="missing from the installation"):
        schema_text("no-such.schema.json")


def test_every_object_of_the_schema_is_closed() -> None:
    def objects(node: object) -> list[dict[str, Any]]:
        if isinstance(node, dict):
            found = [node] if "properties" in node and "required" in node else []
            return found + [each for value in node.values() for each in objects(value)]
        return [each for value in node for each in objects(value)] if isinstance(node, list) else []

    found = objects(json.loads(schema_text(SCHEMA_NAME)))
    open_ones = [each for each in found if each.get("additionalProperties") is not False]
    assert len(found) > 10
    # A step is closed by the definition of its kind.
    assert [sorted(each["properties"]) for each in open_ones] == [["step"]]


@pytest.mark.skipif(validator.VERSION != fastjsonschema.VERSION, reason="another version generates other code")
def test_the_validator_is_generated_from_this_schema() -> None:
    written = Path(validator.__file__).read_text(encoding="utf-8")
    assert written == generated_code(SCHEMA_NAME)


@settings(deadline=None)
@given(st.sampled_from(_PATHS), st.data())
def test_the_validator_agrees_with_fastjsonschema(path: tuple[str | int, ...], data: st.DataObject) -> None:
    document = copy.deepcopy(to_document(example()))
    place: Any = document
    for part in path:
        place = place[part]
    key = data.draw(st.sampled_from([*sorted(place), "unknown"]))
    value: Any = data.draw(
        st.sampled_from([None, 1, True, "", "x", "../x", [], ["x"], {}, [{}], {"step": "pip"}, "DELETE"])
    )
    if value == "DELETE":
        place.pop(key, None)
    else:
        place[key] = value
    try:
        _fastjsonschema()(copy.deepcopy(document))
    except fastjsonschema.JsonSchemaValueException:
        with pytest.raises(InvalidDocumentError):
            validator.validate_urn_cortexlock_lockfile_v1(document)  # type: ignore[no-untyped-call]  # generated
    else:
        assert validate(document) is document


def test_the_place_is_readable() -> None:
    document = to_document(example())
    document["steps"][2]["packages"][1]["sha256"] = "secret"
    with pytest.raises(SchemaError) as caught:
        validate(document)
    assert caught.value.place == "steps[2].packages[1].sha256"
    assert caught.value.path == ("steps", 2, "packages", 1, "sha256")
    assert "secret" not in str(caught.value)
