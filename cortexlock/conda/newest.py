"""The newest version of a conda package that an image can have, whatever the project's lines admit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from cortexlock.conda import records
from cortexlock.conda.channels import Channel
from cortexlock.conda.records import Record
from cortexlock.inputs import vendored_conda
from cortexlock.model.newest import Newest

_AS_DATE = 10_000_000_000  # seconds; what is above counts milliseconds


def newest(  # noqa: PLR0913 - what decides it
    names: Sequence[str], channels: Sequence[Channel], *, subdir: str, python: str, cut_off: str, cache: Path
) -> dict[str, Newest]:
    """Return the newest versions of packages, by name, among those whose own requirement of Python holds.

    Args:
        names: The packages.
        channels: Where to look.
        subdir: The platform, besides `noarch`.
        python: The version of Python.
        cut_off: RFC 3339 date and time; empty without one. What has no date counts as published before.
        cache: A directory for repodata.

    Raises:
        NetworkError: A channel cannot be read.
    """
    found: dict[str, list[Record]] = {name: [] for name in names}
    for record in records.lookup(names, channels, subdir=subdir, cache=cache):
        if record.name in found and _fits(record, python):
            found[record.name].append(record)
    limit = records.moment(cut_off).timestamp() if cut_off else None
    return {
        name: Newest(_last(there, lambda each: limit is None or _time(each) < limit), _last(there, lambda _each: True))
        for name, there in found.items()
    }


def _time(record: Record) -> float:
    stamp = record.timestamp or 0.0
    return stamp / 1000 if stamp > _AS_DATE else stamp


def _last(there: Iterable[Record], is_taken: Callable[[Record], bool]) -> str:
    """Return the version of the last record that is taken; a channel gives them in order."""
    taken = [record.version for record in there if is_taken(record)]
    return taken[-1] if taken else ""


def _fits(record: Record, python: str) -> bool:
    wanted: Mapping[str, str] = dict(_constraints(record))
    return not wanted.get("python") or vendored_conda.holds(wanted["python"], python)


def _constraints(record: Record) -> Iterable[tuple[str, str]]:
    for text in record.depends:
        name, *rest = text.split()
        yield name, rest[0] if rest else ""
