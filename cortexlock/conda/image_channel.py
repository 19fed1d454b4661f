"""A local channel that holds records of what an image has, and of nothing else.

The image's own conda packages are in no channel that the solver sees, yet it must reckon with them and keep them where
it can. Real conda reads this directory as the channel of the highest priority; the embedded executable knows it by a
marker in its `repodata.json` and prefers its records without asking a channel's priority. Archives are not there: what
the solver takes from here is kept, never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import SUBDIR, CondaRecord
from cortexlock.model.target import minor_of

MARKER = "cortexlock_image"
PREFER = "cortexlock_prefer"
_BUILD = "image_0"  # of records whose build is not documented


def write(directory: Path, records: Sequence[CondaRecord], *, prefer: Sequence[CondaPackage] = ()) -> str:
    """Write the channel.

    Args:
        directory: Where to write it; made if it is not there.
        records: What the image has.
        prefer: What a former solution took from other channels: to be taken again where it fits.

    Returns:
        The channel's URL.
    """
    packages = {
        f"{record.name}-{record.version}-{build(record)}.tar.bz2": _entry(record, records) for record in records
    }
    preferred = [f"{package.name} {package.version} {package.build}" for package in prefer]
    for subdir, content in ((SUBDIR, packages), ("noarch", {})):
        info = {"subdir": subdir, MARKER: True, PREFER: preferred}
        repodata = {"info": info, "packages": content, "packages.conda": {}, "removed": [], "repodata_version": 1}
        (directory / subdir).mkdir(parents=True)
        (directory / subdir / "repodata.json").write_text(json.dumps(repodata, sort_keys=True), encoding="utf-8")
    return directory.as_uri()


def build(record: CondaRecord) -> str:
    """Return a record's build string, made up where it is not documented."""
    return record.build or _BUILD


def read(directory: Path) -> Mapping[str, Any] | None:
    """Return the `repodata.json` of a local channel if it is marked as an image's, else None."""
    try:
        repodata = json.loads((directory / SUBDIR / "repodata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return repodata if isinstance(repodata, dict) and repodata.get("info", {}).get(MARKER) else None


def _entry(record: CondaRecord, records: Sequence[CondaRecord]) -> dict[str, Any]:
    """Return a record as `repodata.json` has it."""
    return {
        "name": record.name,
        "version": record.version,
        "build": build(record),
        "build_number": 0,
        "depends": list(record.depends) or _implied(record, records),
        "constrains": [],
        "subdir": SUBDIR,
    }


def _implied(record: CondaRecord, records: Sequence[CondaRecord]) -> list[str]:
    """Return what a record without documented dependencies depends on for certain: pip is built for one Python."""
    if record.name != "pip":
        return []
    return [f"python {minor_of(other.version)}.*" for other in records if other.name == "python"]
