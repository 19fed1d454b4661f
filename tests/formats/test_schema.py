"""Schemas are found, and what is wrong with a document is said where."""

from __future__ import annotations

import json

import pytest

from cortexlock.errors import CortexlockError
from cortexlock.formats.compile_schema import VALIDATORS, generated_code
from cortexlock.formats.schema import explained, schema_text


@pytest.mark.parametrize("name", VALIDATORS)
def test_each_validator_has_a_schema_and_a_name_of_its_own(name: str) -> None:
    function = json.loads(schema_text(name))["$id"].replace(":", "_").replace("-", "_")
    assert f"def validate_{function}(" in generated_code(name)


def test_a_missing_schema_is_a_broken_installation() -> None:
    with pytest.raises(CortexlockError, match="missing from the installation"):
        schema_text("no-such.schema.json")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the document must be of type object or null"),
        ({"predictors": "python"}, "the document has a key that it cannot have: 'predictors'"),
        ({"platforms": ["gpu"]}, "platforms[0] must be one of cpu, cuda, inf"),
        ({"indexes": [{"name": "a"}]}, "indexes[0] has no 'url'"),
        ({"exclude-newer": "today"}, "exclude-newer is malformed: Consider nothing"),
    ],
)
def test_what_is_wrong_is_said_where(document: object, message: str) -> None:
    assert str(explained(document, "cortexlock.schema.json")).startswith(message)
