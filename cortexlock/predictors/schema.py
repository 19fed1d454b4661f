"""The schema of predictor files, applied to documents."""

from __future__ import annotations

from collections.abc import Callable

from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.formats.schema import Document, explained

SCHEMA_NAME = "predictor-v1.schema.json"


def validate(document: object) -> Document:
    """Return the document if it is as the schema wants it.

    Raises:
        SchemaError: It is not.
    """
    # Imported here: only what reads or writes a predictor file pays for it.
    from cortexlock.predictors import validator  # noqa: PLC0415

    check: Callable[[object], Document] = validator.validate_urn_cortexlock_predictor_v1
    try:
        return check(document)
    except InvalidDocumentError:
        raise explained(document, SCHEMA_NAME) from None
