"""Lists that name archives (`@EXPLICIT`): what their channels say of each, or the archive itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cortexlock.conda import records
from cortexlock.conda.channels import Channel, of_archive, public
from cortexlock.conda.records import Record
from cortexlock.errors import FileLine, InputError, IntegrityError, NetworkError
from cortexlock.inputs.conda_explicit import parts
from cortexlock.model.conda_list import ExplicitUrl
from cortexlock.patterns import pattern

_FOR_PYTHON = pattern(r"(?:.*_|np\d+)?py\d+.*")  # builds for one Python


def described(  # noqa: PLR0913 - what decides it
    urls: Sequence[ExplicitUrl],
    *,
    file: str,
    project: Path,
    subdir: str,
    cache: Path,
    exclude_newer: str | None,
) -> dict[str, Record]:
    """Return a record of each archive, by name, with all hashes; nothing is solved.

    Args:
        urls: The archives.
        file: The list's name.
        project: The project's absolute path.
        subdir: The platform, besides `noarch`.
        cache: A directory for repodata.
        exclude_newer: RFC 3339 date and time; an archive that was built later is an error.

    Raises:
        NetworkError: Neither a channel nor its archive can be read.
        IntegrityError: An archive is not what the list or its channel says.
        InputError: An archive is newer than the date.
    """
    by_channel: dict[Channel, list[ExplicitUrl]] = {}
    for url in urls:
        by_channel.setdefault(of_archive(url.url, project=project), []).append(url)
    found = {}
    for channel, of_it in by_channel.items():
        names = sorted({parts(url.url)[0].lower() for url in of_it})
        try:
            known = records.lookup(names, [channel], subdir=subdir, cache=cache)
        except NetworkError:
            known = ()  # its archives can be had all the same, or their own error says so
        by_url = {records.plain_url(record.url): record for record in known}
        for url in of_it:
            try:
                record = _record(url, by_url.get(records.plain_url(url.url)), channel, file)
            except NetworkError as error:
                error.summary, error.place = f"{error.summary} ({error.where})", FileLine(file, url.line)
                raise
            _check_date(record, url, file, exclude_newer)
            found[record.name] = record
    return found


def _record(url: ExplicitUrl, known: Record | None, channel: Channel, file: str) -> Record:
    """Return the record of an archive; what the list says of its hash must hold."""
    where = FileLine(file, url.line)
    record = known or _of_name(url)
    for name in ("md5", "sha256"):
        said, is_so = getattr(url, name), getattr(record, name)
        if said and is_so and said != is_so:
            raise IntegrityError(
                f"the list has the {name} {said}, the channel has {is_so}",
                where=where,
                hint="the archive was replaced: make the list anew",
            )
    record = replace(record, md5=record.md5 or url.md5, sha256=record.sha256 or url.sha256)
    if known and known.sha256 and (known.md5 or not url.md5):
        return record
    if not (record.md5 or record.sha256):
        # Nobody knows a hash: what the archive has today is what is locked.
        return records.with_sha256(record, [channel], demand=False)
    return records.with_sha256(record, [channel])


def _of_name(url: ExplicitUrl) -> Record:
    """Return what the name of an archive says, where its channel does not know it any more."""
    name, version, build = parts(url.url)
    subdir = url.url.split("/")[-2]
    depends = ("python",) if _FOR_PYTHON.fullmatch(build) else ()
    noarch = "python" if subdir == "noarch" and build.startswith("py") else ""
    return Record(name, version, build, public(url.url), depends=depends, noarch=noarch)


def _check_date(record: Record, url: ExplicitUrl, file: str, exclude_newer: str | None) -> None:
    if exclude_newer and record.timestamp and record.timestamp > records.moment(exclude_newer).timestamp():
        raise InputError.at(
            file,
            url.line,
            f"{record.name} {record.version} was built after {exclude_newer}",
            hint="leave out the date limit, or make the list with older packages",
        )
