"""Resolve `conda-packages.txt` on top of an image: what conda would install there, to the very archive."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cortexlock.conda import condalock, embedded, explain, explicit, image_channel, own_conda, records, virtual_packages
from cortexlock.conda.channels import Channel, locate, of_archive, public, resolve, resolve_all
from cortexlock.conda.distributions import brought
from cortexlock.conda.records import Record
from cortexlock.conda.specs import merged, on_image
from cortexlock.errors import IntegrityError, NetworkError, NoSolutionError, UsageError
from cortexlock.inputs import configuration
from cortexlock.model.conda_list import CondaSpec, ExplicitUrl
from cortexlock.model.lockfile import Resolver
from cortexlock.model.package import CondaPackage, Replaced
from cortexlock.model.predictor import CondaRecord, Predictor
from cortexlock.model.project import ChannelPriority
from cortexlock.model.target import Target, minor_of

_CHANNEL = "channel "


@dataclass(frozen=True, slots=True)
class CondaRequest:
    """What to resolve.

    Attributes:
        specs: The list as read.
        file: The list's name, for messages and for `by`.
        predictor: The image.
        target: Its target.
        channels: In order of priority, as the project or the predictor writes them.
        project: The project's absolute path: paths of channels are relative to it.
        exclude_newer: RFC 3339 date and time; packages that were built later do not count.
        conda: A conda, mamba or micromamba executable; None for the embedded one.
        cache: Our cache directory.
        previous: What was locked before, to be kept where it still fits.
        explicit: Archives that are taken as they are; then there are no `specs`, and nothing is solved.
        aliases: Names of channels, and the addresses that they stand for, in place of conda's.
        priority: Of the channels, as conda has it.
    """

    specs: tuple[CondaSpec, ...]
    file: str
    predictor: Predictor
    target: Target
    channels: tuple[str, ...]
    project: Path
    exclude_newer: str | None
    conda: Path | None
    cache: Path
    previous: tuple[CondaPackage, ...] = ()
    explicit: tuple[ExplicitUrl, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    priority: ChannelPriority = "flexible"


@dataclass(frozen=True, slots=True)
class CondaSolution:
    """What conda would do.

    Attributes:
        packages: Sorted by name; `keep` only for what of the image the solution needs.
        resolvers: Who resolved, sorted by name.
        python: The interpreter's version after the step.
        notes: What the user should know of it.
    """

    packages: tuple[CondaPackage, ...]
    resolvers: tuple[Resolver, ...]
    python: str
    notes: tuple[str, ...] = ()


def solve(request: CondaRequest, *, on_progress: Callable[[str], None]) -> CondaSolution:
    """Resolve a list; call it in a process of its own, for conda-lock changes its process while it runs.

    Args:
        request: What to resolve.
        on_progress: Called with what is being done, a few words.

    Raises:
        NoSolutionError: No packages satisfy the list.
        NetworkError: A channel cannot be read.
        IntegrityError: A channel's archive has no hash, or another one than its channel says.
        InputError: Two lines of the list contradict each other.
        UsageError: A channel makes no sense, or the conda executable cannot be used.
    """
    channels = _channels(request)
    try:
        return _solved(request, channels, on_progress)
    except NetworkError as error:
        _locate(error, request)
        raise


def _locate(error: NetworkError, request: CondaRequest) -> None:
    """Give the error of a channel the place of the line that names it, where one does."""
    name = (error.where or "").removeprefix(_CHANNEL)
    if name == error.where:
        return
    lines = [spec.line for spec in request.specs if spec.channel and _written(spec.channel, request) == name]
    named = [text for text in request.channels if _written(text, request) == name]
    place = configuration.place(request.project / configuration.FILE_NAME, "channels", named[0]) if named else None
    place = place or (f"{request.file}:{lines[0]}" if lines and not named else None)
    if place:
        error.what, error.where = f"the channel {name} {error.what}", place


def _written(channel: str, request: CondaRequest) -> str:
    return _resolve(channel, request).written


def _resolve(channel: str, request: CondaRequest) -> Channel:
    return resolve(channel, project=request.project, aliases=dict(request.aliases))


def _solved(request: CondaRequest, channels: Sequence[Channel], on_progress: Callable[[str], None]) -> CondaSolution:
    """Resolve a list; a cache that holds credentials is gone afterwards."""
    private = [channel for channel in channels if any(public(url) != url for url in channel.urls)]
    if not private:
        return _solve(request, channels, on_progress)
    if request.conda:
        raise UsageError(
            f"the channel {private[0].written} has credentials, and another conda would get them as an argument",
            where="--conda",
            hint="leave out --conda: the embedded conda gets them by the environment",
        )
    # rattler's cache of repodata has the whole URL of a channel: nothing of it is left behind.
    with tempfile.TemporaryDirectory(prefix="cortexlock-repodata-") as directory:
        return _solve(replace(request, cache=Path(directory)), channels, on_progress)


def _solve(request: CondaRequest, channels: Sequence[Channel], on_progress: Callable[[str], None]) -> CondaSolution:
    image = {record.name: record for record in request.predictor.conda_records}
    resolvers = () if request.explicit else _resolvers(request)  # first: a program that is no conda solves nothing
    notes: tuple[str, ...] = ()
    if request.explicit:
        on_progress(f"reading what the channels say of {request.file}")
        found = explicit.described(
            request.explicit,
            file=request.file,
            project=request.project,
            subdir=request.target.subdir,
            cache=_repodata(request),
            exclude_newer=request.exclude_newer,
        )
        asked = set(found)
    else:
        real = virtual_packages.without(request.specs, request.target.virtual_packages, file=request.file)
        specs = merged(real, request.file)
        on_progress(f"solving {request.file}")
        chosen, notes = _choose_for_python(request, specs, channels)
        on_progress("reading what the channels say of the solution")
        found = _described(request, chosen, image, channels)
        asked = {spec.name for spec in specs}
    used = records.reachable(asked, found)
    # What of the image the solution does without is not in the lockfile, and asks for nothing there.
    found = {name: record for name, record in sorted(found.items()) if record.url or name in used}
    by = records.dependers(found)
    packages = []
    for name, record in found.items():
        on_progress(f"locking {name}")
        who = {*by[name], *([request.file] if name in asked else [])}
        packages.append(_package(_hashed(record, channels), image.get(name), channels, tuple(sorted(who))))
    python = found["python"].version if "python" in found else request.predictor.python
    return CondaSolution(_with_replaced(packages, request, python), resolvers, python, notes)


def _channels(request: CondaRequest) -> tuple[Channel, ...]:
    """Return the channels in force, those that only the list names last."""
    prefixes = [spec.channel for spec in request.specs if spec.channel]
    named = resolve_all([*request.channels, *prefixes], project=request.project, aliases=dict(request.aliases))
    archives = (of_archive(url.url, project=request.project) for url in request.explicit)
    return tuple(dict.fromkeys((*named, *archives)))


def _choose_for_python(
    request: CondaRequest, specs: Sequence[CondaSpec], channels: Sequence[Channel]
) -> tuple[tuple[condalock.Chosen, ...], tuple[str, ...]]:
    """Let conda choose; where Python's minor version changes, nothing that was linked for the old one is kept.

    Returns:
        What is chosen, and notes on it.
    """
    chosen = _choose(request, specs, channels, request.predictor.conda_records)
    python = next((package.version for package in chosen if package.name == "python"), request.predictor.python)
    if minor_of(python) == minor_of(request.predictor.python):
        return chosen, ()
    kept = {package.name for package in chosen if not package.url}
    bound = {record.name for record in request.predictor.conda_records if _depends_on_python(record)}
    left = sorted(kept & bound)
    if not left:
        return chosen, ()
    others = [record for record in request.predictor.conda_records if record.name not in left]
    try:
        return _choose(request, specs, channels, others), ()
    except NoSolutionError:
        what = "is" if len(left) == 1 else "are"
        note = (
            f"{', '.join(left)} of the image {what} in no channel for Python {minor_of(python)}: what is of pure "
            "Python moves to the new Python in a replay, the rest will not be found there"
        )
        return chosen, (note,)


def _depends_on_python(record: CondaRecord) -> bool:
    """Whether a package is linked for one Python, whatever versions of Python it says that it fits."""
    return any(re.split(r"[\s=<>!~\[]", spec.strip(), maxsplit=1)[0] == "python" for spec in record.depends)


def _choose(
    request: CondaRequest, specs: Sequence[CondaSpec], channels: Sequence[Channel], on: Sequence[CondaRecord]
) -> tuple[condalock.Chosen, ...]:
    """Let conda choose, with the packages `on` of the image in reach, and all of the image's wanted.

    What is kept of them has no URL.
    """
    wanted = on_image(specs, request.predictor)
    resolved = [
        replace(spec, channel=public(_resolve(spec.channel, request).argument)) if spec.channel else spec
        for spec in specs
    ]
    arguments = [channel.argument if request.conda else embedded.argument(channel) for channel in channels]
    variables = embedded.variables(channels, cache=_repodata(request), exclude_newer=request.exclude_newer)
    with tempfile.TemporaryDirectory(prefix="cortexlock-conda-") as directory:
        workspace = Path(directory).resolve()
        previous = [package for package in request.previous if package.file]
        image = image_channel.write(workspace / "image", on, prefer=previous)
        try:
            chosen = condalock.solve(
                request.conda or embedded.executable(),
                [*resolved, *wanted],
                channels=[image, *arguments],
                subdir=request.target.subdir,
                virtual_packages=request.target.virtual_packages,
                variables={**variables, "CONDA_CHANNEL_PRIORITY": request.priority},
                workspace=workspace,
            )
        except condalock.CondaFailedError as failure:
            known = records.lookup(
                sorted(spec.name for spec in specs), channels, subdir=request.target.subdir, cache=_repodata(request)
            )
            raise explain.error(
                failure,
                specs,
                file=request.file,
                python=request.predictor.python,
                channels=channels,
                known=known,
                lines=request.specs,
            ) from None
    return tuple(replace(package, url="") if package.url.startswith(f"{image}/") else package for package in chosen)


def _described(
    request: CondaRequest,
    chosen: Sequence[condalock.Chosen],
    image: Mapping[str, CondaRecord],
    channels: Sequence[Channel],
) -> dict[str, Record]:
    """Return the record of each chosen package, by name; those of the image have no URL."""
    found = {
        record.name: Record(record.name, record.version, record.build, "", depends=record.depends)
        for record in image.values()
    }
    fetched = {package.name: package for package in chosen if package.url}
    known = records.lookup(sorted(fetched), channels, subdir=request.target.subdir, cache=_repodata(request))
    by_url = {records.plain_url(record.url): record for record in known}
    cutoff = records.moment(request.exclude_newer).timestamp() if request.exclude_newer else None
    for name, package in fetched.items():
        record = by_url.get(records.plain_url(package.url))
        if record is None:
            raise IntegrityError(f"the channels do not know {package.url}, which conda chose", where=name)
        if cutoff is not None and record.timestamp is not None and record.timestamp > cutoff:
            raise UsageError(
                f"{request.conda} chose {name} {record.version}, built after {request.exclude_newer}",
                hint="a date limit needs the embedded conda: leave out --conda",
            )
        found[name] = replace(record, sha256=record.sha256 or package.sha256, md5=record.md5 or package.md5)
    return {package.name: found[package.name] for package in chosen}


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


def _with_replaced(packages: Sequence[CondaPackage], request: CondaRequest, python: str) -> tuple[CondaPackage, ...]:
    """Add which pre-installed pip distributions the packages replace.

    None are replaced where Python's minor version changes: the old ones stay behind, out of reach.
    """
    by_conda = {
        pin.name
        for record in request.predictor.conda_records
        for pin in brought(record.name, record.version, depends=record.depends, noarch="python")
    }
    by_pip = {d.name: d.version for d in request.predictor.distributions if d.name not in by_conda}
    if minor_of(python) != request.target.python_minor:
        by_pip = {}
    done = []
    for package in packages:
        names = [pin.name for pin in package.distributions] if package.file else []
        replaced = tuple(Replaced("pip", by_pip[name]) for name in names if name in by_pip)
        done.append(replace(package, action="change", replaces=(*package.replaces, *replaced)) if replaced else package)
    return tuple(done)


def _resolvers(request: CondaRequest) -> tuple[Resolver, ...]:
    """Return who resolved."""
    own = own_conda.resolver(request.conda) if request.conda else None
    solver = own or Resolver("py-rattler", records.rattler_version())
    return tuple(sorted((Resolver("conda-lock", condalock.version()), solver), key=lambda resolver: resolver.name))


def _repodata(request: CondaRequest) -> Path:
    """Return the directory where repodata is cached."""
    return request.cache / "repodata"
