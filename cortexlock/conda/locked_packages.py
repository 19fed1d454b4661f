"""From what conda chose to what a lockfile says: the very archive, who asked for it, and instead of what it comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cortexlock.conda import records
from cortexlock.conda.channels import Channel, locate
from cortexlock.conda.condalock import Chosen
from cortexlock.conda.distributions import brought
from cortexlock.conda.match_specs import name_of
from cortexlock.conda.records import Record
from cortexlock.errors import IntegrityError, UsageError
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.package import CondaPackage, Replaced
from cortexlock.model.predictor import CondaRecord, Predictor
from cortexlock.model.resolution_facts import LeftBehind
from cortexlock.model.target import minor_of


def described(  # noqa: PLR0913 - where to look, and what for
    chosen: Sequence[Chosen],
    image: Sequence[CondaRecord],
    channels: Sequence[Channel],
    *,
    subdir: str,
    cache: Path,
    exclude_newer: str | None,
    conda: Path | None,
) -> dict[str, Record]:
    """Return the record of each chosen package, by name; those of the image have no URL.

    Args:
        chosen: What conda chose; without a URL where it is the image's own.
        image: What the image has.
        channels: Where the others are from.
        subdir: The platform.
        cache: A directory for repodata.
        exclude_newer: RFC 3339 date and time, or None.
        conda: A conda of the user's own that chose.

    Raises:
        IntegrityError: The channels do not know a package.
        UsageError: The user's conda does not mind the date.
        NetworkError: A channel cannot be read.
    """
    found = {record.name: _of_image(record) for record in image}
    fetched = {package.name: package for package in chosen if package.url}
    known = records.lookup(sorted(fetched), channels, subdir=subdir, cache=cache)
    by_url = {records.plain_url(record.url): record for record in known}
    cutoff = records.moment(exclude_newer).timestamp() if exclude_newer else None
    for name, package in fetched.items():
        record = by_url.get(records.plain_url(package.url))
        if record is None:
            raise IntegrityError(f"the channels do not know {package.url}, which conda chose", where=name)
        if cutoff is not None and record.timestamp is not None and record.timestamp > cutoff:
            raise UsageError(
                f"{conda} chose {name} {record.version}, built after {exclude_newer}",
                hint="a date limit needs the embedded conda: leave out --conda",
            )
        found[name] = replace(record, sha256=record.sha256 or package.sha256, md5=record.md5 or package.md5)
    return {package.name: found[package.name] for package in chosen}


def locked(  # noqa: PLR0913 - what a package's line says
    found: Mapping[str, Record],
    asked: Collection[str],
    channels: Sequence[Channel],
    file: str,
    image: Predictor,
    *,
    on_progress: OnProgress,
) -> tuple[CondaPackage, ...]:
    """Return the packages as the lockfile has them, sorted by name.

    Args:
        found: The records of the solution.
        asked: What the list names.
        channels: Where they are from.
        file: The list's name.
        image: What is there before.
        on_progress: Told what is being done.

    Raises:
        IntegrityError: An archive has no hash, or another than its channel says.
        NetworkError: An archive whose channel does not say its hash cannot be had.
    """
    before = {record.name: record for record in image.conda_records}
    needed = records.reachable(set(asked), found)
    # What of the image the solution does without is not in the lockfile, and asks for nothing there.
    used = {name: record for name, record in sorted(found.items()) if record.url or name in needed}
    by = records.dependers(used)
    packages = []
    for name, record in used.items():
        on_progress(LockProgress(Activity.LOCKS_PACKAGE, name))
        who = {*by[name], *([file] if name in asked else [])}
        packages.append(_package(_hashed(record, channels), before.get(name), channels, tuple(sorted(who))))
    return tuple(packages)


def with_replaced(packages: Sequence[CondaPackage], image: Predictor, python: str) -> tuple[CondaPackage, ...]:
    """Add which pre-installed pip distributions the packages replace.

    None are replaced where Python's minor version changes: the old ones stay behind, out of reach.

    Args:
        packages: As locked.
        image: What is there before.
        python: The interpreter's version afterwards.
    """
    by_conda = {
        pin.name
        for record in image.conda_records
        for pin in brought(record.name, record.version, depends=record.depends, noarch="python")
    }
    by_pip = {d.name: d.version for d in image.distributions if d.name not in by_conda}
    if minor_of(python) != minor_of(image.python):
        by_pip = {}
    done = []
    for package in packages:
        names = [pin.name for pin in package.distributions] if package.file else []
        replaced = tuple(Replaced("pip", by_pip[name]) for name in names if name in by_pip)
        done.append(replace(package, action="change", replaces=(*package.replaces, *replaced)) if replaced else package)
    return tuple(done)


def left_behind(found: Mapping[str, Record], image: Predictor, python: str) -> tuple[LeftBehind, ...]:
    """Return what is kept of the image and was linked for another Python than there is afterwards.

    Args:
        found: The records of the solution.
        image: What is there before.
        python: The interpreter's version afterwards.
    """
    if minor_of(python) == minor_of(image.python):
        return ()
    left = sorted(name for name, record in found.items() if not record.url and _depends_on_python(record.depends))
    return (LeftBehind(tuple(left), minor_of(image.python), minor_of(python)),) if left else ()


def _of_image(record: CondaRecord) -> Record:
    return Record(record.name, record.version, record.build, "", depends=record.depends, noarch=record.noarch)


def _depends_on_python(depends: Sequence[str]) -> bool:
    """Whether a package is linked for one Python, whatever versions of Python it says that it fits."""
    return "python" in map(name_of, depends)


def _hashed(record: Record, channels: Sequence[Channel]) -> Record:
    """Return a record whose archive, if it has one, has a SHA-256; a channel need not say the size."""
    complete = not record.url or record.sha256
    return record if complete else records.with_sha256(record, channels)


def _package(
    record: Record, before: CondaRecord | None, channels: Sequence[Channel], by: tuple[str, ...]
) -> CondaPackage:
    """Return a record as the lockfile has it."""
    distributions = brought(record.name, record.version, depends=record.depends, noarch=record.noarch)
    if not record.url:
        return CondaPackage(
            record.name, record.version, record.build, action="keep", by=by, distributions=distributions
        )
    place = locate(record.url, channels)
    return CondaPackage(
        name=record.name,
        version=record.version,
        build=record.build,
        channel=place.channel,
        subdir=place.subdir,
        file=place.file,
        sha256=record.sha256,
        md5=record.md5,
        size=record.size,
        action="change" if before else "add",
        replaces=(Replaced("conda", before.version),) if before else (),
        by=by,
        distributions=distributions,
    )
