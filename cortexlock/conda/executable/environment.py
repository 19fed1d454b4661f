"""An environment as conda's solver sees it: a prefix with records, a history and pins, and no files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.conda.image_document import UNKNOWN_CHANNEL

_EPOCH = "==> 1970-01-01 00:00:00 <=="


@dataclass(frozen=True, slots=True)
class CondaEnvironment:
    """What conda finds.

    Attributes:
        records: What is installed, with the keys of `repodata.json`, each name once.
        history: The specifications that were asked for, as MatchSpecs.
        pinned: Those that hold whatever is asked for.
    """

    records: tuple[Mapping[str, Any], ...] = ()
    history: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()

    def reached(self) -> Iterable[str]:
        """Yield the MatchSpecs of all that plays a part in a solve."""
        for record in self.records:
            yield record["name"]
            yield from record.get("depends") or ()
        yield from self.history
        yield from self.pinned


def write(directory: Path, environment: CondaEnvironment) -> Path:
    """Write an environment's `conda-meta`.

    Args:
        directory: The prefix; made if it is not there.
        environment: What it has.

    Returns:
        The prefix.
    """
    meta = directory / "conda-meta"
    meta.mkdir(parents=True)
    for record in environment.records:
        whole = _prefix_record(record)
        name = f"{record['name']}-{record['version']}-{record['build']}.json"
        (meta / name).write_text(json.dumps(whole), encoding="utf-8")
    lines = [_EPOCH, "# cmd: conda create", f"# update specs: {list(environment.history)!r}", ""]
    (meta / "history").write_text("\n".join(lines), encoding="utf-8")
    (meta / "pinned").write_text("".join(f"{spec}\n" for spec in environment.pinned), encoding="utf-8")
    return directory


def _prefix_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as `conda-meta` has it."""
    address = record.get("channel") or f"{UNKNOWN_CHANNEL}/{record['subdir']}"
    file = record.get("fn") or f"{record['name']}-{record['version']}-{record['build']}.tar.bz2"
    whole = {
        "build_number": _build_number(record["build"]),
        **record,
        "channel": address,
        "fn": file,
        "url": f"{address}/{file}",
    }
    if record.get("noarch") == "python":
        whole["package_type"] = "noarch_python"
    return whole


def _build_number(build: str) -> int:
    """Return the number at the end of a build string, by which conda's packages end; 0 if there is none."""
    number = build.rpartition("_")[2]
    return int(number) if number.isdecimal() and number.isascii() else 0


def by_name(records: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return records by their names; of several with one name, the last."""
    return {record["name"]: record for record in records}
