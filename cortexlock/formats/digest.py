"""The hash of a plain document: over what it says, not over how it is written."""

from __future__ import annotations

import hashlib
import json


def document_sha256(document: object) -> str:
    """Return the SHA-256, hexadecimal, over canonical JSON: keys sorted, no white space, ASCII only.

    Comments and layout of the text that the document was read from don't matter.

    Raises:
        TypeError: The document holds what JSON has no word for, or a mapping with keys that are not all text.
        ValueError: The document holds itself, or half a surrogate pair.
    """
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
