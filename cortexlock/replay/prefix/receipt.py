"""The receipt of a replay: what was installed from which lockfile, kept in the prefix, without time stamps.

It is written when a replay starts to change the prefix, after each step, and at the end; so that a replay that was
ended half-way can be completed, and one over a completed prefix has nothing to do.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal, TypeAlias, get_args

from cortexlock.errors import StepError
from cortexlock.formats import prefix_file
from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.snapshot import Snapshot

RECEIPT_NAME = "cortexlock-receipt.json"
WORKSPACE = ".cortexlock-work-"
"""How the names of temporary directories in a prefix begin."""
_VERSION = 1
_HINT = "remove it, and install again: what is there is compared without it then"

Stage: TypeAlias = Literal["started", "completed"]
"""How far a replay has come."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a replay did.

    Attributes:
        state: `started` while the prefix changes, `completed` when it was verified.
        content_hash: Of the lockfile, `sha256:…`.
        image: The predictor image, platform included.
        platform: The platform of the lockfile.
        python: The interpreter's version.
        steps: Names of the steps that are done.
        pip: The sha256 of the artifact or tree that each distribution was installed from, by normalized name.
        conda: The sha256 of the archive that each conda package was linked from, by name.
        tools: Versions of what installed, by name.
        installed: Versions in the prefix at the end by name, of `conda` and of `pip`; empty until it is completed.
        script: The sha256 of the script that has run here last, whatever lockfile it was of; empty while one runs.
        known: What was there beside what is locked, and how the steps left all; see `snapshot`.
    """

    state: Stage
    content_hash: str
    image: str
    platform: str
    python: str
    steps: tuple[str, ...] = ()
    pip: Mapping[str, str] = field(default_factory=dict)
    installed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    conda: Mapping[str, str] = field(default_factory=dict)
    known: Snapshot = field(default_factory=Snapshot)


def read_receipt(prefix: Path) -> Receipt | None:
    """Return the receipt of the last replay in a prefix; None if there is none.

    Raises:
        DifferenceError: It cannot be read: it was damaged, or another version of cortexlock has written it.
    """
    path = prefix / RECEIPT_NAME
    if not os.path.lexists(path):
        return None
    document = prefix_file.read_json(path)
    receipt = _receipt(document) if isinstance(document, dict) else None
    if receipt is None or not _is_sound(receipt):
        raise prefix_file.damaged(path, "the receipt is none that this version of cortexlock has written", hint=_HINT)
    return receipt


def _receipt(document: dict[str, Any]) -> Receipt | None:
    """Return the receipt that a document says, of whatever types its values are; None if it says none."""
    if document.pop("receipt-version", None) != _VERSION:
        return None
    try:
        values = {key.replace("-", "_"): value for key, value in document.items()}
        known = _known(values.get("known", {}))
        return Receipt(**{**values, "steps": tuple(values["steps"]), "known": known})
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _known(document: Mapping[str, Any]) -> Snapshot:
    records = {PackageKey.parse(text): digest for text, digest in document.get("records", {}).items()}
    return Snapshot(**{**document, "records": records})


def _is_sound(receipt: Receipt) -> bool:
    """Whether all values are of the types that they should be: anyone can write to a prefix."""
    texts: list[object] = [receipt.content_hash, receipt.image, receipt.platform, receipt.python, receipt.script]
    texts += receipt.steps
    maps: list[object] = [receipt.pip, receipt.conda, receipt.tools]
    maps += [receipt.known.records, receipt.known.strays]
    managers: list[object] = [receipt.installed, receipt.known.packages]
    if receipt.state not in get_args(Stage) or not all(isinstance(each, dict) for each in managers):
        return False
    maps += [versions for each in managers if isinstance(each, dict) for versions in each.values()]
    return all(isinstance(text, str) for text in texts) and all(map(_has_texts, maps))


def _has_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def clear_remains(prefix: Path) -> None:
    """Remove what a replay that was killed left in a prefix beside its packages: workspaces, half a receipt."""
    for path in prefix.glob(f"{WORKSPACE}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in prefix.glob(f".{RECEIPT_NAME}.*"):
        path.unlink(missing_ok=True)


def write_receipt(receipt: Receipt, prefix: Path) -> None:
    """Write a receipt, whole or not at all.

    Raises:
        StepError: The prefix cannot be written.
    """
    document = {key.replace("_", "-"): value for key, value in asdict(receipt).items()}
    document["known"]["records"] = {str(key): digest for key, digest in receipt.known.records.items()}
    text = json.dumps({"receipt-version": _VERSION, **document}, indent=2, sort_keys=True) + "\n"
    try:
        with NamedTemporaryFile("w", dir=prefix, prefix=f".{RECEIPT_NAME}.", delete=False, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary = Path(file.name)
        temporary.chmod(0o644)
        temporary.replace(prefix / RECEIPT_NAME)
    except OSError as error:
        raise StepError(f"The receipt cannot be written: {error.strerror}", where=str(prefix)) from error
