"""The use case `outdated`: what newer there is of what is locked, within the project's lines and beyond them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cortexlock.inputs import redaction
from cortexlock.lock import lock as lock_module
from cortexlock.lock.image_selection import select
from cortexlock.lock.locked import LockEvent, LockOptions
from cortexlock.lock.previous_settings import continued, read_lockfile
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.newest import Newest
from cortexlock.model.package import CondaPackage, FromGit, FromIndex, PackageKey, PipPackage
from cortexlock.model.project import Project
from cortexlock.workers import side_by_side

if TYPE_CHECKING:
    from cortexlock.lock.request import PlatformRequest


@dataclass(frozen=True, slots=True)
class Outdated:
    """A locked package of which there is something newer.

    Attributes:
        key: The package.
        locked: Its locked version; of a repository, with the beginning of the commit.
        within: What `lock --upgrade` would take; as `locked` where it would stay, empty where it would be gone.
        newest: The newest that the image can have before the cut-off date, whatever the lines admit; empty: unknown.
        later: The newest that it can have after the cut-off date; empty without one, or where there is none.
        by: Who asks for it.
    """

    key: PackageKey
    locked: str
    within: str
    newest: str
    later: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutdatedLockfile:
    """What newer there is for one lockfile, sorted; `unknown` are names that are on no index or channel."""

    lockfile: Lockfile
    packages: tuple[Outdated, ...]
    unknown: tuple[str, ...]


def outdated(
    project: Project, options: LockOptions, *, on_event: Callable[[LockEvent], None]
) -> tuple[OutdatedLockfile, ...]:
    """Look for what newer there is of what a project has locked; nothing is written.

    The image, the release and the cut-off date are those of the lockfiles.

    Raises:
        InputError: A lockfile is not there, or cannot be read.
        CortexlockError: As `lock` does.
    """
    project = continued(project)[0]
    predictors = select(project)
    lockfiles = [read_lockfile(project.directory / lockfile_name(each.label)) for each in predictors]
    upgrading = replace(options, upgrade=True, dry_run=True, refresh=True)
    upgraded = lock_module.lock(project, upgrading, on_event=on_event)
    requests = [
        lock_module.request_of(project, predictor, lockfile, options)
        for predictor, lockfile in zip(predictors, lockfiles, strict=True)
    ]
    _, unsaid = lock_module.secrets_of(requests)
    with redaction.redacted(unsaid):
        newest = side_by_side(
            _newest,
            requests,
            env=options.worker_environment,
            on_message=lambda number, progress: on_event(
                LockEvent(predictors[number].label, redaction.of_value(progress, unsaid))
            ),
        )
    return tuple(
        _compared(before, after.lockfile, there)
        for before, after, there in zip(lockfiles, upgraded, newest, strict=True)
    )


def _newest(request: PlatformRequest, on_progress: OnProgress) -> dict[PackageKey, Newest]:
    """Ask indexes and channels, in a process of its own."""
    on_progress(LockProgress(Activity.LOOKS_FOR_NEWER))
    lockfile = request.previous
    if lockfile is None:
        return {}
    return {**_of_conda(request, lockfile), **_of_pip(request, lockfile)}


def _of_pip(request: PlatformRequest, lockfile: Lockfile) -> dict[PackageKey, Newest]:
    from cortexlock.model.target import Target  # noqa: PLC0415 - in the process that asks, and only there
    from cortexlock.pip.queries.newest import newest  # noqa: PLC0415 - as above
    from cortexlock.pip.resolution.request import PipRequest  # noqa: PLC0415 - as above

    locked = {
        each.name: each.version
        for each in lockfile.final_distributions().values()
        if each.action != "keep" and isinstance(each.source, FromIndex)
    }
    if not locked:
        return {}
    target = Target.of(replace(request.predictor, python=lockfile.python))
    files = request.inputs.files
    asked = PipRequest(
        file=files.pip or "",
        requirements=request.inputs.requirements,
        project=request.project.directory,
        target=target,
        installed=(),
        configuration=request.project.configuration,
        preferences={},
        cache=request.cache,
        python=None,
        environment=request.environment,
        only_pins=files.pip is None,
    )
    return {PackageKey("pip", name): found for name, found in newest(asked, locked).items()}


def _of_conda(request: PlatformRequest, lockfile: Lockfile) -> dict[PackageKey, Newest]:
    names = sorted(each.name for step in lockfile.conda_steps for each in step.linked)
    if not names:
        return {}
    from cortexlock.conda.channels import resolve_all  # noqa: PLC0415 - in the process that asks, and only there
    from cortexlock.conda.newest import newest  # noqa: PLC0415 - as above

    directory = request.project.directory
    prefixes = (spec.channel for spec in request.inputs.conda.specs if spec.channel)
    channels = resolve_all([*request.addresses, *prefixes], project=directory, aliases=dict(request.aliases))
    found = newest(
        names,
        channels,
        subdir=lockfile.subdir,
        python=lockfile.python,
        cut_off=lockfile.exclude_newer,
        cache=request.cache / "repodata",
    )
    return {PackageKey.of("conda", name): each for name, each in found.items()}


def _compared(before: Lockfile, after: Lockfile, newest: Mapping[PackageKey, Newest]) -> OutdatedLockfile:
    then, now = dict(_packages(before)), dict(_packages(after))
    kept = {each.key: each.version for step in after.steps for each in step.packages if each.action == "keep"}
    found = []
    for key, package in sorted(then.items()):
        locked, there = _version(package), newest.get(key, Newest("", ""))
        within = _version(now[key]) if key in now else kept.get(key, "")
        top = there.before_cut_off if there.before_cut_off not in {"", package.version, within} else ""
        later = there.ever if there.ever not in {"", package.version, within, there.before_cut_off} else ""
        if within != locked or top or later:
            found.append(Outdated(key, locked, within, top, later, package.by))
    unknown = tuple(sorted(key.name for key in then if key not in newest or not newest[key].ever))
    return OutdatedLockfile(before, tuple(found), unknown)


def _packages(lockfile: Lockfile) -> Iterator[tuple[PackageKey, CondaPackage | PipPackage]]:
    """Yield what the steps install and leave there."""
    for step in lockfile.conda_steps:
        yield from ((each.key, each) for each in step.linked)
    for each in lockfile.final_distributions().values():
        if each.action != "keep":
            yield each.key, each


def _version(package: CondaPackage | PipPackage) -> str:
    source = package.source if isinstance(package, PipPackage) else None
    return f"{package.version} ({source.commit[:12]})" if isinstance(source, FromGit) else package.version
