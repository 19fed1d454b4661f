"""From locked packages to the files that must be fetched, and where they can be had now."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cortexlock.conda import channels
from cortexlock.errors import UsageError
from cortexlock.inputs import channels as written_channels
from cortexlock.inputs import conda_list, requirements_text, url_secrets
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage, FromArchive, FromUrl, PipPackage
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions
from cortexlock.network.urls import urls_with_credentials
from cortexlock.pip.indexes import declarations
from cortexlock.pip.indexes.locations import Location, locations
from cortexlock.pip.internals import default_index
from cortexlock.replay.plan import Plan
from cortexlock.replay.supply.cache import Expected


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file to fetch: for which package, what bytes, and from where.

    Either `urls` are tried in order, or `location` is asked where the file of the project `name` is. `source` is for
    messages.
    """

    name: str
    version: str
    expected: Expected
    source: str
    urls: tuple[str, ...] = ()
    location: Location | None = None

    @property
    def where(self) -> str:
        """The package and its file, for messages."""
        return f"{self.name} {self.version} ({self.expected.file})"


@dataclass(frozen=True, slots=True)
class ArtifactPlaces:
    """Where artifacts can be had now.

    Attributes:
        locations: The project's indexes.
        channels: The project's channels.
        requirements: The text of the requirements files, variables expanded: direct references have their user and
            password there, and in no lockfile.
        project: The project's directory, which has local archives.
        offline: Whether no network may be used: then what the project names of it need not be complete.
    """

    locations: tuple[Location, ...]
    channels: tuple[channels.Channel, ...]
    requirements: str = field(default="", repr=False)
    project: Path = Path()
    offline: bool = False

    @property
    def urls(self) -> tuple[str, ...]:
        """All URLs, with their user and password."""
        direct = urls_with_credentials(self.requirements)
        of_channels = (url for channel in self.channels for url in channel.urls)
        return (*(location.url_with_credentials for location in self.locations), *of_channels, *direct)


def sources(project: Project, lockfile: Lockfile, options: InstallOptions) -> ArtifactPlaces:
    """Find out where the indexes and channels of a lockfile are now.

    Raises:
        UsageError: The configuration of an index or channel is wrong.
        InputError: The requirements file cannot be read.
    """
    declaration = declarations.Declared()
    text = ""
    for file in lockfile.requirements_files[:1]:
        path = project.directory / file
        declaration = declarations.declared(path, options.environment, project=project.directory)
        lines = requirements_text.read(project.directory, file).lines
        text = url_secrets.expand("\n".join(line.text for line in lines), options.environment)
    found: tuple[Location, ...] = ()
    with suppress(UsageError) if options.offline else nullcontext():  # variables with credentials need not be set
        found = locations(
            project.configuration,
            declaration,
            environment=options.environment,
            index_url=options.index_url,
            default_url=default_index.URL,
        )
    return ArtifactPlaces(found, _channels(project, lockfile, options), text, project.directory, options.offline)


def _channels(project: Project, lockfile: Lockfile, options: InstallOptions) -> tuple[channels.Channel, ...]:
    """Return the channels, those that only the conda list names too, with their credentials."""
    said = project.configuration.channels or lockfile.channels
    aliases = project.configuration.channel_aliases
    with suppress(UsageError) if options.offline else nullcontext():  # as above
        said = written_channels.expanded(said, options.environment, where="cortexlock.yaml")
        aliases = written_channels.aliases(project.configuration, options.environment)
    urls: list[str] = []
    for step in lockfile.conda_steps:
        if step.linked and (project.directory / step.file).is_file():
            listed = conda_list.read(project.directory / step.file, name=step.file, subdir=lockfile.subdir)
            urls += [spec.channel for spec in listed.specs if "://" in spec.channel]
            urls += [url.url.rsplit("/", 2)[0] for url in listed.explicit]
    # Of two addresses of one channel, the lockfile's has no credentials.
    with_credentials_first = sorted([*said, *urls], key=lambda url: url_secrets.without(url) == url)
    names = [name for name, _ in aliases]  # of channels that only lines of the list name, too
    return channels.resolve_all([*with_credentials_first, *names], project=project.directory, aliases=dict(aliases))


def pip_artifact(package: PipPackage, known: ArtifactPlaces) -> Artifact | None:
    """Return the artifact of a distribution; None for trees and for what is kept.

    Raises:
        UsageError: Its index has an alias that the project does not name.
    """
    if not package.file:
        return None
    expected = Expected(package.file, package.sha256, size=package.size)
    source = package.source
    if isinstance(source, FromUrl):
        return Artifact(package.name, package.version, expected, source.url, urls=(source.url,))
    if isinstance(source, FromArchive):
        urls = ((known.project / source.path).absolute().as_uri(),)
        return Artifact(package.name, package.version, expected, f"the project's `{source.path}`", urls=urls)
    alias = package.alias
    location = next((each for each in known.locations if each.alias == alias), None)
    if location is None and known.offline:
        return Artifact(package.name, package.version, expected, f"the index `{alias}`")
    if location is None:
        raise UsageError(
            f"the lockfile has an index `{alias}` that the project does not name",
            where=f"{package.name} {package.version}",
            hint=f"name it in cortexlock.yaml: `indexes: [{{name: {alias}, url: …}}]`",
        )
    return Artifact(package.name, package.version, expected, f"the index `{alias}`", location=location)


def conda_artifact(package: CondaPackage, known: ArtifactPlaces) -> Artifact | None:
    """Return the archive of a conda package; None for what is kept.

    Raises:
        UsageError: Its channel is not configured.
    """
    if not package.file:
        return None
    expected = Expected(package.file, package.sha256, package.md5, package.size)
    urls = channels.archive_urls(package, known.channels)
    return Artifact(package.name, package.version, expected, f"the channel `{package.channel}`", urls=urls)


def artifacts_of(planned: Plan, known: ArtifactPlaces) -> tuple[Artifact, ...]:
    """Return the artifacts of all that is left to do, build requirements included, each file once.

    Raises:
        UsageError: An index or channel is not named by the project.
    """
    found: dict[str, Artifact] = {}
    for step in planned.steps:
        conda = (conda_artifact(each, known) for each in step.conda)
        pip = (pip_artifact(each, known) for each in step.pip)
        builds = (pip_artifact(each.package, known) for each in step.build_requirements)
        for artifact in (*conda, *pip, *builds):
            if artifact is not None:
                found.setdefault(artifact.expected.sha256, artifact)
    return tuple(found.values())
