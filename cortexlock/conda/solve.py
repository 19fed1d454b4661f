"""Resolve `conda-packages.txt` on top of an image: what its own conda would install there, to the very archive."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cortexlock.conda import (
    conda_lock_package,
    condalock,
    embedded,
    explain,
    explicit,
    image_channel,
    image_conda,
    image_document,
    locked_packages,
    own_conda,
    records,
    virtual_packages,
)
from cortexlock.conda.channels import Channel, of_archive, public, resolve, resolve_all
from cortexlock.conda.failure import CondaFailedError
from cortexlock.conda.specs import merged, on_image
from cortexlock.errors import FileLine, NetworkError, UsageError
from cortexlock.inputs import configuration
from cortexlock.model.conda_list import CondaSpec, ExplicitUrl
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.lockfile import ResolverVersion
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import ChannelPriority
from cortexlock.model.resolution_facts import LeftBehind
from cortexlock.model.target import Target, VirtualPackage


@dataclass(frozen=True, slots=True, kw_only=True)
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
        upgraded: Names of what was locked before and is to be chosen anew.
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
    upgraded: tuple[str, ...] = ()
    explicit: tuple[ExplicitUrl, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    priority: ChannelPriority = "flexible"

    @property
    def repodata(self) -> Path:
        """The directory where repodata is cached."""
        return self.cache / "repodata"


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
    resolvers: tuple[ResolverVersion, ...]
    python: str
    notes: tuple[LeftBehind, ...] = ()


def solve(request: CondaRequest, *, on_progress: OnProgress) -> CondaSolution:
    """Resolve a list; call it in a process of its own, for conda-lock changes its process while it runs.

    Args:
        request: What to resolve.
        on_progress: Told what is being done.

    Raises:
        NoSolutionError: No packages satisfy the list.
        NetworkError: A channel cannot be read.
        IntegrityError: A channel's archive has no hash, or another one than its channel says.
        InputError: Two lines of the list contradict each other.
        UsageError: A channel makes no sense, or the conda executable cannot be used.
    """
    channels = _channels(request)
    try:
        return _with_private_cache(request, channels, on_progress)
    except NetworkError as error:
        _locate(error, request)
        raise


def _locate(error: NetworkError, request: CondaRequest) -> None:
    """Give the error of a channel the place of the line that names it, where one does."""
    name = error.channel
    if not name:
        return
    lines = [spec.line for spec in request.specs if spec.channel and _written(spec.channel, request) == name]
    named = [text for text in request.channels if _written(text, request) == name]
    place = configuration.place(request.project / configuration.FILE_NAME, "channels", named[0]) if named else None
    place = place or (FileLine(request.file, lines[0]) if lines and not named else None)
    if place:
        error.summary, error.place = f"the channel {name} {error.summary}", place


def _written(channel: str, request: CondaRequest) -> str:
    return _resolve(channel, request).written


def _resolve(channel: str, request: CondaRequest) -> Channel:
    return resolve(channel, project=request.project, aliases=dict(request.aliases))


def _with_private_cache(request: CondaRequest, channels: Sequence[Channel], on_progress: OnProgress) -> CondaSolution:
    """Resolve a list; a cache that holds credentials is gone afterwards."""
    private = [channel for channel in channels if any(public(url) != url for url in channel.urls)]
    if not private:
        return _lock_packages(request, channels, on_progress)
    if request.conda:
        raise UsageError(
            f"the channel {private[0].written} has credentials, and another conda would get them as an argument",
            where="--conda",
            hint="leave out --conda: the embedded conda gets them by the environment",
        )
    # rattler's cache of repodata has the whole URL of a channel: nothing of it is left behind.
    with tempfile.TemporaryDirectory(prefix="cortexlock-repodata-") as directory:
        return _lock_packages(replace(request, cache=Path(directory)), channels, on_progress)


def _lock_packages(request: CondaRequest, channels: Sequence[Channel], on_progress: OnProgress) -> CondaSolution:
    resolvers = () if request.explicit else _resolvers(request)  # first: a program that is no conda solves nothing
    asked: set[str]
    if request.explicit:
        on_progress(LockProgress(Activity.READS_CHANNELS, request.file))
        found = explicit.described(
            request.explicit,
            file=request.file,
            project=request.project,
            subdir=request.target.subdir,
            cache=request.repodata,
            exclude_newer=request.exclude_newer,
        )
        asked = set(found)
    else:
        real = virtual_packages.without(request.specs, _virtual_packages(request), file=request.file)
        specs = merged(real, request.file)
        on_progress(LockProgress(Activity.SOLVES, request.file))
        chosen = _ask_solver(request, specs, channels)
        on_progress(LockProgress(Activity.READS_SOLUTION))
        found = locked_packages.described(
            chosen,
            request.predictor.conda_records,
            channels,
            subdir=request.target.subdir,
            cache=request.repodata,
            exclude_newer=request.exclude_newer,
            conda=request.conda,
        )
        asked = {spec.name for spec in specs}
    python = found["python"].version if "python" in found else request.predictor.python
    notes = () if request.explicit else locked_packages.left_behind(found, request.predictor, python)
    packages = locked_packages.locked(found, asked, channels, request.file, request.predictor, on_progress=on_progress)
    return CondaSolution(locked_packages.with_replaced(packages, request.predictor, python), resolvers, python, notes)


def _channels(request: CondaRequest) -> tuple[Channel, ...]:
    """Return the channels in force, those that only the list names last."""
    prefixes = [spec.channel for spec in request.specs if spec.channel]
    named = resolve_all([*request.channels, *prefixes], project=request.project, aliases=dict(request.aliases))
    archives = (of_archive(url.url, project=request.project) for url in request.explicit)
    return tuple(dict.fromkeys((*named, *archives)))


def _virtual_packages(request: CondaRequest) -> tuple[VirtualPackage, ...]:
    return image_conda.virtual_packages(request.predictor.conda_version, request.target.virtual_packages)


def _ask_solver(
    request: CondaRequest, specs: Sequence[CondaSpec], channels: Sequence[Channel]
) -> tuple[condalock.Chosen, ...]:
    """Let conda choose; what is kept of the image has no URL.

    The embedded conda decides as `conda install` in the image does. One of the user's own makes an environment anew,
    with the image's packages as the channel of the highest priority.
    """
    resolved = [
        replace(spec, channel=public(_resolve(spec.channel, request).argument)) if spec.channel else spec
        for spec in specs
    ]
    with tempfile.TemporaryDirectory(prefix="cortexlock-conda-") as directory:
        workspace = Path(directory).resolve()
        if request.conda:
            kept = image_channel.write(workspace / "image", request.predictor.conda_records, request.target.subdir)
            arguments = [kept, *(channel.argument for channel in channels)]
            resolved += on_image(specs, request.predictor)
            variables = embedded.variables(channels, cache=request.repodata, exclude_newer=request.exclude_newer)
        else:
            image = _image(request, workspace / "image.json")
            kept, arguments = image.as_uri(), [embedded.argument(channel) for channel in channels]
            variables = embedded.variables(
                channels, cache=request.repodata, exclude_newer=request.exclude_newer, image=image
            )
        try:
            chosen = condalock.solve(
                request.conda or embedded.executable(),
                resolved,
                channels=arguments,
                subdir=request.target.subdir,
                virtual_packages=_virtual_packages(request),
                variables={**variables, "CONDA_CHANNEL_PRIORITY": request.priority},
                workspace=workspace,
            )
        except CondaFailedError as failure:
            if explain.NETWORK.search(failure.name):  # who asks such a channel again waits as long again
                raise records.unreachable(failure, channels) from None
            names = sorted(spec.name for spec in specs)
            known = records.lookup(names, channels, subdir=request.target.subdir, cache=request.repodata)
            raise explain.error(
                failure,
                specs,
                file=request.file,
                image={each.name: each.version for each in request.predictor.conda_records}
                | {"python": request.predictor.python},
                channels=channels,
                known=known,
                lines=request.specs,
                exclude_newer=request.exclude_newer,
            ) from None
    return tuple(replace(package, url="") if package.url.startswith(kept) else package for package in chosen)


def _image(request: CondaRequest, path: Path) -> Path:
    """Write what the embedded conda solves on top of."""
    previous = None
    if request.previous:
        previous = image_document.PreviousLock(
            packages=tuple(package for package in request.previous if package.file),
            asked=tuple(package.name for package in request.previous if request.file in package.by),
            upgraded=request.upgraded,
        )
    image_document.write(
        path,
        request.predictor.conda_records,
        subdir=request.target.subdir,
        history=request.predictor.conda_history,
        pinned=request.predictor.conda_pinned,
        aggressive_updates=image_conda.AGGRESSIVE_UPDATES,
        previous=previous,
    )
    return path


def _resolvers(request: CondaRequest) -> tuple[ResolverVersion, ...]:
    """Return the tools that decided, sorted by name, as the lockfile's `resolvers` has them."""
    own = own_conda.resolver(request.conda) if request.conda else None
    solver = own or ResolverVersion("py-rattler", records.rattler_version())
    conda_lock = ResolverVersion("conda-lock", conda_lock_package.version())
    return tuple(sorted((conda_lock, solver), key=lambda resolver: resolver.name))
