"""JSON schemas: found in the package or next to it, applied to documents.

Validators are generated code (`cortexlock.formats.compile_schema`). Only a document that fails is validated a second
time, by fastjsonschema, to find out what is wrong where.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from cortexlock.errors import CortexlockError

Document: TypeAlias = dict[str, Any]
"""A file as plain values: mappings, lists, text, integers and booleans."""


class SchemaError(Exception):
    """A document that is not as the schema wants it.

    Attributes:
        path: The place in the document, `("steps", 1, "packages", 3, "sha256")`.
        place: The same as text, `steps[1].packages[3].sha256`; empty for the document itself.
        problem: What is wrong there; never the value, which may hold a secret.
        unknown: The keys that it cannot have, if that is wrong.
        known: The keys that it can have, then.
    """

    def __init__(
        self,
        path: tuple[str | int, ...],
        problem: str,
        *,
        unknown: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
    ) -> None:
        """Describe what is wrong and where."""
        self.unknown, self.known = unknown, known
        self.path = path
        self.place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        self.problem = problem
        super().__init__(f"{self.place or 'the document'} {problem}")


def schema_text(name: str) -> str:
    """Return the text of a published schema: from the installed package, or from the checkout that it is run from.

    Raises:
        CortexlockError: The schema is not there: a broken installation.
    """
    package = Path(__file__).resolve().parent.parent
    for directory in (package / "schemas", package.parent / "schemas"):
        file = directory / name
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise CortexlockError(f"the schema {name} is missing from the installation", hint="install cortexlock anew")


def explained(document: object, name: str) -> SchemaError:
    """Return what is wrong with a document that the generated validator of a schema refuses."""
    import fastjsonschema  # noqa: PLC0415 - only a wrong document pays for it

    try:
        _with_details(name)(document)
    except fastjsonschema.JsonSchemaValueException as error:
        return _readable(error, document)
    raise AssertionError("the generated validator is not of this schema")


@cache
def _with_details(name: str) -> Callable[[object], object]:
    """Return the validator of a schema that says what is wrong; to compile it takes a sixth of a second."""
    import fastjsonschema  # noqa: PLC0415 - as above

    found: Callable[[object], object] = fastjsonschema.compile(
        json.loads(schema_text(name)), use_default=False, use_formats=False
    )
    return found


def _readable(error: Any, document: object) -> SchemaError:  # noqa: ANN401 - fastjsonschema publishes no types
    """Turn the library's message into a place in the document and a sentence about it."""
    path = _path(error.path[1:], document)
    if error.rule == "additionalProperties":
        known = tuple(error.definition["properties"])
        unknown = tuple(sorted(map(str, set(error.value) - set(known))))
        what = f"has a key that it cannot have: {', '.join(map(repr, unknown))}"
        return SchemaError(path, what, unknown=unknown, known=known)
    return SchemaError(path, _problem(error))


def _problem(error: Any) -> str:  # noqa: ANN401 - as above
    rule, wanted = error.rule, error.rule_definition
    explained = error.definition.get("description") if isinstance(error.definition, dict) else None
    if rule == "required":
        missing = sorted(set(wanted) - set(error.value))
        return f"has no {' and no '.join(repr(key) for key in missing)}"
    listed = list(map(str, wanted)) if isinstance(wanted, list) else [str(wanted)]
    problems = {
        "enum": f"must be one of {', '.join(listed)}",
        "type": f"must be of type {' or '.join(listed)}",
        "pattern": f"is malformed: {explained}" if explained else f"does not match {wanted}",
        "maxLength": f"is longer than {wanted} characters",
        **dict.fromkeys(("oneOf", "propertyNames", "dependencies"), f"has keys that do not go together: {explained}"),
    }
    return problems.get(rule) or error.message.partition(" ")[2]


def _path(parts: list[str], document: object) -> tuple[str | int, ...]:
    """Tell list positions from keys: the library gives both as text."""
    path: list[str | int] = []
    for part in parts:
        if isinstance(document, list):
            position = int(part)
            path.append(position)
            document = document[position]
        else:
            path.append(part)
            document = document.get(part) if isinstance(document, dict) else None
    return tuple(path)
