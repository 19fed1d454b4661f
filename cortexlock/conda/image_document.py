"""What the embedded conda is told of an image and of a previous lock, as a JSON document between two processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.conda.channels import resolve
from cortexlock.conda.image_channel import build, implied_depends
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import CondaRecord

# Where records are said to be from whose channel nobody knows; no channel has this name.
UNKNOWN_CHANNEL = "https://channel.invalid/unknown-channel-of-an-image"


@dataclass(frozen=True, slots=True)
class PreviousLock:
    """What was locked before, for a solve that changes no more of it than it must.

    Attributes:
        packages: Packages that may stay, with an archive: all but those that are to be upgraded.
        asked: Names that a line of the list asked for.
        upgraded: Names of packages that were locked, and are to be upgraded.
    """

    packages: tuple[CondaPackage, ...]
    asked: tuple[str, ...]
    upgraded: tuple[str, ...] = ()


def kept_url(document: str, name: str) -> str:
    """Return what stands for a URL of a package that is kept of the image.

    Args:
        document: The path of the document.
        name: `name-version-build`.
    """
    return f"{Path(document).as_uri()}#{name}" if document else ""


def write(  # noqa: PLR0913 - what an image says of its conda environment
    path: Path,
    records: Sequence[CondaRecord],
    *,
    subdir: str,
    history: Sequence[str],
    pinned: Sequence[str],
    aggressive_updates: Sequence[str],
    previous: PreviousLock | None,
) -> None:
    """Write the document.

    Args:
        path: The file.
        records: What the image has.
        subdir: Its platform.
        history: What was asked for in it, as MatchSpecs.
        pinned: The lines of its `conda-meta/pinned`.
        aggressive_updates: What its conda updates whatever is asked for.
        previous: What was locked before; None for a first lock, and for one that asks anew.
    """
    document: dict[str, Any] = {
        "records": [_entry(record, records, record.subdir or subdir) for record in records],
        "history": list(history),
        "pinned": list(pinned),
        "aggressive-updates": list(aggressive_updates),
    }
    if previous is not None:
        document["previous"] = {
            "packages": [
                {"name": package.name, "subdir": package.subdir, "fn": package.file} for package in previous.packages
            ],
            "asked": list(previous.asked),
            "upgraded": list(previous.upgraded),
        }
    path.write_text(json.dumps(document, sort_keys=True), encoding="utf-8")


def _entry(record: CondaRecord, records: Sequence[CondaRecord], subdir: str) -> dict[str, Any]:
    """Return a record with the keys of `repodata.json`, and the address of its channel's subdir as `channel`."""
    entry = {
        "name": record.name,
        "version": record.version,
        "build": build(record),
        "depends": list(record.depends) or implied_depends(record, records),
        "subdir": subdir,
    }
    if record.noarch:
        entry["noarch"] = record.noarch
    if record.channel:
        entry["channel"] = f"{resolve(record.channel, project=Path()).urls[0]}/{subdir}"
    return entry
