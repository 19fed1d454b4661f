"""A local channel that holds records of what an image has, and of nothing else.

The image's own conda packages are in no channel that a conda of the user's own sees, yet it must reckon with them and
keep them where it can: it reads this directory as the channel of the highest priority. Archives are not there: what is
taken from here is kept, never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cortexlock.model.predictor import SUBDIR, CondaRecord, SubdirName
from cortexlock.model.target import minor_of

_BUILD = "image_0"  # of records whose build is not documented


def write(directory: Path, records: Sequence[CondaRecord], subdir: SubdirName = SUBDIR) -> str:
    """Write the channel.

    Args:
        directory: Where to write it; made if it is not there.
        records: What the image has.
        subdir: The image's conda subdir.

    Returns:
        The channel's URL.
    """
    packages = {
        f"{record.name}-{record.version}-{build(record)}.tar.bz2": _entry(record, records, subdir) for record in records
    }
    for name, content in ((subdir, packages), ("noarch", {})):
        repodata = {
            "info": {"subdir": name},
            "packages": content,
            "packages.conda": {},
            "removed": [],
            "repodata_version": 1,
        }
        (directory / name).mkdir(parents=True)
        (directory / name / "repodata.json").write_text(json.dumps(repodata, sort_keys=True), encoding="utf-8")
    return directory.as_uri()


def build(record: CondaRecord) -> str:
    """Return a record's build string, made up where it is not documented."""
    return record.build or _BUILD


def _entry(record: CondaRecord, records: Sequence[CondaRecord], subdir: SubdirName) -> dict[str, Any]:
    """Return a record as `repodata.json` has it."""
    return {
        "name": record.name,
        "version": record.version,
        "build": build(record),
        "build_number": 0,
        "depends": list(record.depends) or implied_depends(record, records),
        "constrains": [],
        "subdir": subdir,
    }


def implied_depends(record: CondaRecord, records: Sequence[CondaRecord]) -> list[str]:
    """Return what a record without documented dependencies depends on for certain: pip is built for one Python."""
    if record.name != "pip":
        return []
    return [f"python {minor_of(other.version)}.*" for other in records if other.name == "python"]
