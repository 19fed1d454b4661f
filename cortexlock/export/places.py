"""Where the artifacts of a lockfile are, as an export may say it: without credentials, without this machine's paths."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cortexlock.conda import channels
from cortexlock.export import licences, steps
from cortexlock.export.content import Format, IndexPlace, Source
from cortexlock.export.script import bundle_path
from cortexlock.inputs.trees import tree_files
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions
from cortexlock.network.http import new_session
from cortexlock.network.urls import local_path
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.indexes.pages import locate
from cortexlock.pip.internals import default_index
from cortexlock.predictors import catalog
from cortexlock.replay.supply.artifacts import ArtifactPlaces, conda_artifact, pip_artifact, sources
from cortexlock.storage.digests import file_digest

_BACKOFF = 0.5
_WITH_PIP_URLS: frozenset[Format] = frozenset(["pylock"])
_WITH_CONDA_URLS: frozenset[Format] = frozenset(["conda-explicit", "cortex", "script", "dockerfile"])


def source(  # noqa: PLR0913 - what `export` takes
    project: Project,
    lockfile: Lockfile,
    environment: Mapping[str, str],
    *,
    wanted: Format,
    bundle: Path | None,
    destination: Path | None,
) -> Source:
    """Find out what a format needs beside the lockfile.

    Raises:
        UsageError: An index or channel is not configured, or the project is not there.
        NetworkError: An index does not say where a file is.
        IntegrityError: A file in the bundle, which licences are asked of, has other bytes than the locked ones.
    """
    offline = wanted not in _WITH_PIP_URLS
    options = InstallOptions(
        prefix=project.directory, cache=project.directory, environment=environment, offline=offline
    )
    known = sources(project, lockfile, options)
    urls: dict[str, str] = {}
    if bundle is not None and wanted in _WITH_PIP_URLS:
        base = os.path.relpath(bundle, destination.parent if destination is not None else Path.cwd())
        for package in steps.installed(lockfile):
            if package.file:
                urls[package.sha256] = Path(base, bundle_path(package)).as_posix()
    elif wanted in _WITH_PIP_URLS:
        urls |= _pip_urls(lockfile, known, project.directory)
    if wanted in _WITH_CONDA_URLS:
        urls |= {each.sha256: _conda_url(each, known, project.directory) for each in steps.linked(lockfile)}
    file = lockfile.file_name
    return Source(
        lockfile=lockfile,
        project=project.directory,
        file=file,
        sha256=file_digest(project.directory / file),
        indexes=tuple(_index(each) for each in known.locations),
        urls=urls,
        bundle=str(bundle) if bundle is not None else None,
        base_image=_base_image(lockfile),
        trees={
            tree: tree_files(project.directory / tree)
            for each in steps.installed(lockfile)
            if (tree := steps.tree_of(each)) is not None
        },
        licences=licences.of_bundle(bundle, (*steps.linked(lockfile), *steps.installed(lockfile)))
        if bundle is not None and wanted == "cyclonedx"
        else {},
    )


def _index(location: Location) -> IndexPlace:
    """Return an index as it can be named to others: credentials as the variables that they come from."""
    url, in_file = location.url, False
    variables: tuple[str, ...] = ()
    if location.origin is not None:
        names = location.origin.variables
        in_file = not names
        if names:
            variables = names
            user_info = ":".join(f"${{{name}}}" for name in names)
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(netloc=f"{user_info}@{parts.netloc}"))
    return IndexPlace(
        location.alias,
        url,
        location.kind,
        variables,
        secret_in_file=in_file,
        is_declared=location.url.rstrip("/") != default_index.URL.rstrip("/"),
    )


def _pip_urls(lockfile: Lockfile, known: ArtifactPlaces, project: Path) -> dict[str, str]:
    """Return where each file of pip's is; an index is asked for what it has."""
    found: dict[str, str] = {}
    with new_session(known.urls, connections=1, backoff=_BACKOFF) as session:
        for package in steps.installed(lockfile):
            artifact = pip_artifact(package, known)
            if artifact is None:
                continue
            place = artifact.location
            url = artifact.urls[0] if place is None else locate(place, package.name, package.file, session)
            found[package.sha256] = _relative(url, project)
    return found


def _conda_url(package: CondaPackage, known: ArtifactPlaces, project: Path) -> str:
    artifact = conda_artifact(package, known)
    urls = artifact.urls if artifact is not None else ()
    return _relative(channels.public(channels.likely_url(package, urls)), project)


def _relative(url: str, project: Path) -> str:
    """Return a URL; of a file in the project, its path from there."""
    path = local_path(url)
    if path is None:
        return url
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else url


def _base_image(lockfile: Lockfile) -> str:
    """Return the name of the container image, where it is one of the catalog's."""
    predictor = lockfile.predictor
    return "" if predictor.file else catalog.container_image(predictor.image, predictor.cortex_version)
