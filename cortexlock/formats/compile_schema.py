"""Write the schemas' validators as Python code: `python -m cortexlock.formats.compile_schema`.

Compiling a schema at run time takes 15 ms, and importing what compiles it 5 ms, of the 150 ms that `check` may take.
The code that is written needs neither. It says only that something is wrong; what and where is found by validating once
more with fastjsonschema itself.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import fastjsonschema

from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.formats.schema import schema_text

VALIDATORS = {
    "lockfile-v1.schema.json": "lockfile/validator.py",
    "predictor-v1.schema.json": "predictors/validator.py",
}
"""Where in the package the validator of a schema stands."""

# Messages that nobody reads, and the names of places for them, which take longer to make than a value to check.
_MESSAGE = re.compile(rf"(?<=raise {InvalidDocumentError.__name__})\(.*\)$", re.MULTILINE)
_NAME = re.compile(r', \(name_prefix or "data"\).*\)$', re.MULTILINE)
_HEADER = '''"""The validator of {name}, written by `python -m cortexlock.formats.compile_schema`: never edit it."""

# mypy: ignore-errors
# fmt: off

from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.patterns import pattern
'''


def generated_code(name: str) -> str:
    """Return the code of the validator of a schema as it is."""
    code: str = fastjsonschema.compile_to_code(
        json.loads(schema_text(name)), use_default=False, use_formats=False, detailed_exceptions=False
    )
    # No number that is read here is a Decimal, and of the patterns a document needs few.
    unused = ("from fastjsonschema import", "from decimal import", "import re")
    lines = [line for line in code.splitlines() if not line.startswith(unused)]
    text = "\n".join([_HEADER.format(name=name), *lines, ""]).replace("(int, float, Decimal)", "(int, float)")
    text = text.replace("': re.compile('", "': pattern('")
    for theirs in ("JsonSchemaValuesException", "JsonSchemaValueException"):
        text = text.replace(theirs, InvalidDocumentError.__name__)
    return _NAME.sub(")", _MESSAGE.sub("", text))


def main() -> None:
    """Write the code into the package."""
    package = Path(__file__).resolve().parent.parent
    for name, file in VALIDATORS.items():
        (package / file).write_text(generated_code(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
