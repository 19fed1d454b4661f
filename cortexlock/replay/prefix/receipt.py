"""The receipt of a replay: what was installed from which lockfile, kept in the prefix, without time stamps.

It is written when a replay starts to change the prefix, after each step, and at the end; so that a replay that was
ended half-way can be completed, and one over a completed prefix has nothing to do.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from cortexlock.errors import StepError
from cortexlock.formats import prefix_file
from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.storage import whole_file

RECEIPT_NAME = "cortexlock-receipt.json"
WORKSPACE = ".cortexlock-work-"
"""How the names of temporary directories in a prefix begin."""
_VERSION = 1
_HINT = "remove it, and install again: what is there is compared without it then"


Stage: TypeAlias = Literal["started", "completed"]
"""How far a replay has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a replay did.

    Attributes:
        state: `started` while the prefix changes, `completed` when what is locked was found as locked.
        content_hash: Of the lockfile, `sha256:…`.
        image: The predictor image, platform included.
        platform: The platform of the lockfile.
        python: The interpreter's version.
        steps: Names of the steps that are done.
        pip: The sha256 of the artifact or tree that each distribution was installed from, by normalized name.
        conda: The sha256 of the archive that each conda package was linked from, by name.
        order: The names of the locked distributions, in the order in which they are installed.
        tools: Versions of what installed, by name.
        installed: Versions in the prefix at the end by name, of `conda` and of `pip`; empty until it is completed.
        script: The sha256 of the script that has run here last, whatever lockfile it was of; empty while one runs.
        known: What was there beside what is locked, and how the steps left all; see `snapshot`.
        allowed: What differed and was allowed by who installed (`--allow-drift`).
    """

    state: Stage
    content_hash: str
    image: str
    platform: str
    python: str
    steps: tuple[str, ...] = ()
    pip: Mapping[str, str] = field(default_factory=dict)
    conda: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    installed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    known: Snapshot = field(default_factory=Snapshot)
    allowed: tuple[Problem, ...] = ()


def read_receipt(prefix: Path) -> Receipt | None:
    """Return the receipt of the last replay in a prefix; None if there is none.

    Raises:
        DifferenceError: It cannot be read: it was damaged, or another version of cortexlock has written it.
    """
    path = prefix / RECEIPT_NAME
    if not os.path.lexists(path):
        return None
    document = prefix_file.read_json(path)
    try:
        return _receipt(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise prefix_file.damaged(
            path, "the receipt is none that this version of cortexlock has written", hint=_HINT
        ) from None


def _receipt(document: Any) -> Receipt:  # noqa: ANN401 - any JSON value: anyone can write to a prefix
    """Return the receipt that a document says; the errors of a document that says none are those of any bad value."""
    values = {key.replace("-", "_"): value for key, value in document.items()}
    if values.pop("receipt_version") != _VERSION or values["state"] not in get_args(Stage):
        raise ValueError
    known = {"packages": {}, "records": {}, "strays": {}, "files": {}} | values.pop("known", {})
    texts = ("content_hash", "image", "platform", "python", "script")
    return Receipt(
        **{
            **values,
            **{key: _text(values.get(key, "")) for key in texts},
            "steps": tuple(map(_text, values["steps"])),
            "order": tuple(map(_text, values.get("order", ()))),
            **{key: _texts(values.get(key, {})) for key in ("pip", "conda", "tools")},
            "installed": {_text(key): _texts(value) for key, value in values.get("installed", {}).items()},
            "known": Snapshot(
                packages={_text(key): _texts(value) for key, value in known.pop("packages").items()},
                records={PackageKey.parse(key): value for key, value in _texts(known.pop("records")).items()},
                strays=_texts(known.pop("strays")),
                files={PackageKey.parse(key): _texts(value) for key, value in known.pop("files").items()},
                **known,
            ),
            "allowed": tuple(Problem(**_texts(each)) for each in values.get("allowed", ())),  # type: ignore[arg-type]
        }
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    return {_text(key): _text(each) for key, each in value.items()}


def without_gone(receipt: Receipt, there: Collection[PackageKey]) -> Receipt:
    """Return a receipt that has nothing of packages which replays installed and which are gone.

    A replay that was killed may have removed one and not noted it.

    Args:
        receipt: Of an earlier replay.
        there: What is in the prefix, and what will be.
    """
    pip = {name: sha256 for name, sha256 in receipt.pip.items() if PackageKey.of("pip", name) in there}
    conda = {name: sha256 for name, sha256 in receipt.conda.items() if PackageKey.of("conda", name) in there}
    gone = {PackageKey.of("pip", name) for name in receipt.pip.keys() - pip.keys()}
    gone |= {PackageKey.of("conda", name) for name in receipt.conda.keys() - conda.keys()}
    if not gone:
        return receipt
    known = replace(
        receipt.known,
        records={key: each for key, each in receipt.known.records.items() if key not in gone},
        files={key: each for key, each in receipt.known.files.items() if key not in gone},
    )
    return replace(receipt, pip=pip, conda=conda, known=known)


def clear_remains(prefix: Path) -> None:
    """Remove what a replay that was killed left in a prefix beside its packages: workspaces, half a receipt."""
    for path in prefix.glob(f"{WORKSPACE}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in prefix.glob(f".{RECEIPT_NAME}.*"):
        if path.is_dir() and not path.is_symlink():  # not ours, and in nobody's way
            continue
        path.unlink(missing_ok=True)


def write_receipt(receipt: Receipt, prefix: Path) -> None:
    """Write a receipt, whole or not at all.

    Raises:
        StepError: The prefix cannot be written.
    """
    text = json.dumps(as_document(receipt), indent=2, sort_keys=True) + "\n"
    try:
        whole_file.write(prefix / RECEIPT_NAME, text.encode(), durable=True)
    except OSError as error:
        raise StepError(f"the receipt cannot be written: {error.strerror}", where=str(prefix)) from error


def as_document(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as the JSON value that the prefix keeps."""
    plain = {key.replace("_", "-"): value for key, value in asdict(receipt).items()}
    for part in ("records", "files"):
        plain["known"][part] = {str(key): value for key, value in plain["known"][part].items()}
    return {"receipt-version": _VERSION, **plain, "allowed": [_without_empty(each) for each in receipt.allowed]}


def _without_empty(problem: Problem) -> dict[str, str]:
    return {key: value for key, value in asdict(problem).items() if value}
