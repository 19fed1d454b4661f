"""All that a plan needs, on this machine and verified: artifacts, checkouts of git repositories, conda archives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cortexlock.conda import archive
from cortexlock.formats import source_archive
from cortexlock.model import replay_facts as facts
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, OnEvent, ReplayEvent
from cortexlock.pip.install import wheel_check
from cortexlock.replay.plan import Plan
from cortexlock.replay.supply.artifacts import Artifact, artifacts_of, sources
from cortexlock.replay.supply.cache import Cache
from cortexlock.replay.supply.checkouts import check_out
from cortexlock.replay.supply.downloads import fetch
from cortexlock.replay.supply.space import check_cache_space


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered.

    Attributes:
        artifacts: What was asked for, each file once.
        files: Verified artifacts, by sha256.
        checkouts: Verified checkouts of git repositories, by normalized name of the package.
        listings: What the archives of conda packages bring, by name of the package.
    """

    artifacts: tuple[Artifact, ...]
    files: Mapping[str, Path]
    checkouts: Mapping[str, Path]
    listings: Mapping[str, archive.Listing] = field(default_factory=dict)


def gather(  # noqa: PLR0913 - what, where to, and how
    project: Project,
    lockfile: Lockfile,
    planned: Plan,
    options: InstallOptions,
    cache: Cache,
    *,
    on_event: OnEvent,
    backoff: float,
) -> Gathered:
    """Fetch and verify what a plan needs and is not there.

    Args:
        project: The project, which says where indexes and channels are.
        lockfile: What was locked.
        planned: What of it is needed.
        options: Whether and how the network may be used.
        cache: Where to.
        on_event: Told what happens.
        backoff: Seconds before a second retry of a request.

    Raises:
        UsageError: An index or channel is not configured.
        NetworkError: Something cannot be had.
        IntegrityError: Something has other bytes than the locked ones, or is unsafe.
        StepError: The cache cannot be written, or has too little space.
    """
    known = sources(project, lockfile, options)
    artifacts = artifacts_of(planned, known)
    if not options.offline:
        check_cache_space(artifacts, cache)
    files = fetch(artifacts, cache, urls=known.urls, on_event=on_event, backoff=backoff, offline=options.offline)
    for artifact in artifacts:
        if artifact.expected.file.endswith(".whl"):
            wheel_check.check(files[artifact.expected.sha256])
    for package in (package for step in planned.steps for package in step.pip if package.needs_build):
        if package.sha256 in files:  # a tree or a repository is in none
            source_archive.check(files[package.sha256])
    checkouts = check_out(
        [package for step in planned.steps for package in step.pip],
        cache.directory,
        requirements=known.requirements,
        environment=options.environment,
        on_event=on_event,
        also=cache.also,
        offline=options.offline,
    )
    if artifacts or checkouts:
        on_event(ReplayEvent("fetch", facts.Gathered(len(artifacts), len(checkouts)), kind="milestone"))
    listings = {
        package.name: archive.verify(files[package.sha256], package) for step in planned.steps for package in step.conda
    }
    return Gathered(artifacts, files, checkouts, listings)
