"""The newest version of a conda package that an image can have, whatever the project's lines admit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from cortexlock.conda import records
from cortexlock.conda.channels import Channel
from cortexlock.conda.records import Record
from cortexlock.inputs import vendored_conda
from cortexlock.model.newest import Newest


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

    def is_before(record: Record) -> bool:
        return limit is None or (record.timestamp or 0) < limit

    return {name: Newest(_last(there, is_before), _last(there, lambda _each: True)) for name, there in found.items()}


def _last(there: Iterable[Record], is_taken: Callable[[Record], bool]) -> str:
    """Return the version of the last record that is taken; a channel gives them in order."""
    taken = [record.version for record in there if is_taken(record)]
    return taken[-1] if taken else ""


def _fits(record: Record, python: str) -> bool:
    """Whether a record's own requirements of Python hold."""
    depends = zip(record.depends, record.dependencies, strict=True)
    return all(_holds(spec, python) for spec, name in depends if name == "python")


def _holds(spec: str, version: str) -> bool:
    try:
        wanted = vendored_conda.read(spec).fields.get("version", "")
    except vendored_conda.InvalidSpecError:
        return False
    return not wanted or vendored_conda.holds(wanted, version)
