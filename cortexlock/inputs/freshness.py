"""Whether a lockfile still says what its project asks for: by hashes and values only, no network, no solve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.errors import InputError
from cortexlock.inputs import channels, dependency_files, hashes
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.requirement_names import name_of
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.index_alias import is_made_up
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import FromDirectory
from cortexlock.model.predictor import DependencyFiles, Predictor
from cortexlock.model.project import Configuration, Project, covers
from cortexlock.put_off import when_used

if TYPE_CHECKING:
    from cortexlock.model import stale_facts as facts
    from cortexlock.model.stale_facts import StaleReason
else:  # what is fresh needs none of them
    facts = when_used("cortexlock.model.stale_facts")

_CONFIGURATION = "cortexlock.yaml"


def differences(
    project: Project, lockfile: Lockfile, predictor: Predictor | None = None, names: DependencyFiles | None = None
) -> tuple[StaleReason, ...]:
    """Return what the project says now and the lockfile does not; nothing: the lockfile is fresh.

    What the configuration leaves open is no difference: the lockfile may have it from an option of the command line.

    Args:
        project: The project as it is now.
        lockfile: The lockfile of one platform.
        predictor: The image that the project selects for the platform. Without it (in a replay), the image's own facts
            are not compared.
        names: The names of the dependency files, where nobody says the image; without them, the usual ones.

    Raises:
        InputError: A dependency file cannot be read.
    """
    return (
        *_configured(project, lockfile),
        *_bound(project.configuration, lockfile),
        *_builds(project.configuration, lockfile),
        *_isolated(project.configuration, lockfile),
        *(_image(predictor, lockfile) if predictor else ()),
        *_files(project, lockfile, names or _names(lockfile, predictor)),
        *_trees(project.directory, lockfile),
        *_frozen(project, lockfile),
        *(_broken(lockfile) if project.configuration.strict else ()),
    )


def _broken(lockfile: Lockfile) -> Iterator[StaleReason]:
    """Yield what a strict lock refuses, as far as a lockfile tells."""
    name = lockfile.file_name
    if lockfile.changes_python:
        yield facts.StaleReason(name, facts.ReplacedPython(lockfile.assumed_python, lockfile.python))
    for each in lockfile.conflicts:
        if not each.already:
            yield facts.StaleReason(name, facts.Broken(each))


def _frozen(project: Project, lockfile: Lockfile) -> Iterator[StaleReason]:
    said = project.configuration.freeze
    if said and said != lockfile.freeze:
        yield facts.StaleReason(_CONFIGURATION, facts.OtherFreeze(said, lockfile.freeze))


def _configured(project: Project, lockfile: Lockfile) -> Iterator[StaleReason]:
    said, locked = project.configuration, lockfile.predictor
    yield from _described(said, lockfile)
    pairs: list[tuple[str, str | bool | None, str | bool]] = [
        ("predictor", said.predictor, locked.type),
        ("cortex-version", said.cortex_version, locked.cortex_version),
        ("slim", said.slim, locked.slim),
        ("exclude-newer", _cut_off(said, lockfile), lockfile.exclude_newer or "none"),
    ]
    for key, wanted, found in pairs:
        if wanted is not None and wanted != found:
            yield facts.StaleReason(_CONFIGURATION, facts.OtherSetting(key, wanted, found))
    written = channels.public(said.channels, project=project.directory)
    # The lockfile's are named anew, too: former releases took over how a path was spelled.
    if written and lockfile.channels and written != channels.public(lockfile.channels, project=project.directory):
        yield facts.StaleReason(_CONFIGURATION, facts.OtherChannels(written, lockfile.channels))
    priority, locked_with = said.channel_priority or "flexible", lockfile.channel_priority or "flexible"
    if lockfile.channels and priority != locked_with:
        yield facts.StaleReason(_CONFIGURATION, facts.OtherSetting("channel-priority", priority, locked_with))
    if lockfile.indexes:
        names = {index.name for index in said.indexes}
        for name in sorted(names.difference(lockfile.indexes)):
            yield facts.StaleReason(_CONFIGURATION, facts.OtherIndex(name))
        for name in sorted({name for name in lockfile.indexes if not is_made_up(name)} - names):
            yield facts.StaleReason(_CONFIGURATION, facts.OtherIndex(name, gone=True))


def _described(said: Configuration, lockfile: Lockfile) -> Iterator[StaleReason]:
    """Yield that the configuration names another predictor file for the lockfile than it was made for."""
    file = lockfile.predictor.file
    if said.image_names:
        now = dict(zip(said.image_names, said.predictor_files, strict=True)).get(lockfile.label, file)
        if now != file:
            yield facts.StaleReason(_CONFIGURATION, facts.OtherPredictorFile((now,), file, lockfile.label))
    elif said.predictor_files and file not in said.predictor_files:
        yield facts.StaleReason(_CONFIGURATION, facts.OtherPredictorFile(said.predictor_files, file))
    if said.predictor and file:
        yield facts.StaleReason(_CONFIGURATION, facts.OtherPredictorFile((said.predictor,), file))


def _cut_off(said: Configuration, lockfile: Lockfile) -> str | None:
    """Return the cut-off date that the lockfile must have; a duration means the date on which it was locked."""
    return None if said.exclude_newer_moves and lockfile.exclude_newer else said.exclude_newer


def _bound(said: Configuration, lockfile: Lockfile) -> Iterator[StaleReason]:
    """Yield what is locked from another index than the one that its name is bound to now."""
    closed = {index.name for index in said.indexes if index.packages}
    for name, alias in _from_indexes(lockfile):
        owners = [index.name for index in said.indexes if covers(index.packages, name)]
        if (owners and alias not in owners) or (not owners and alias in closed):
            yield facts.StaleReason(_CONFIGURATION, facts.OtherBinding(name, alias, "".join(owners[:1])))


def _builds(said: Configuration, lockfile: Lockfile) -> Iterator[StaleReason]:
    """Yield what the configuration says that a locked build needs, and the lockfile does not have."""
    for step in lockfile.pip_steps if said.build_requirements else ():
        built = {package.name for package in step.packages if package.needs_build}
        has = {(name, each.package.name) for each in step.build_requirements for name in each.needed_by}
        has |= {(package.name, need) for package in step.packages for need in package.builds_with}
        for name, texts in said.build_requirements:
            for text in texts if name in built else ():
                needed = name_of(text)
                if (name, needed) not in has:
                    yield facts.StaleReason(_CONFIGURATION, facts.MissingBuildRequirement(name, text))


def _isolated(said: Configuration, lockfile: Lockfile) -> Iterator[StaleReason]:
    """Yield what is built in another place than the configuration says, in the prefix or away from it."""
    for package in (package for step in lockfile.pip_steps for package in step.packages if package.needs_build):
        wanted = package.name in said.no_build_isolation
        if wanted != package.no_build_isolation:
            yield facts.StaleReason(_CONFIGURATION, facts.OtherIsolation(package.name, isolated=not wanted))


def _from_indexes(lockfile: Lockfile) -> Iterator[tuple[str, str]]:
    """Yield the name of each package that is from an index, and the alias of that."""
    for step in lockfile.pip_steps:
        yield from ((package.name, package.alias) for package in step.artifacts if package.alias is not None)


def _image(predictor: Predictor, lockfile: Lockfile) -> Iterator[StaleReason]:
    locked = lockfile.predictor
    if predictor.type != locked.type:
        now, then = predictor.type or predictor.image, locked.type or locked.image
        yield facts.StaleReason("cortex.yaml", facts.OtherPredictor(now, then))
    elif not predictor.file and predictor.cortex_version == locked.cortex_version and predictor.image != locked.image:
        yield facts.StaleReason("cortex.yaml", facts.OtherImage(predictor.image, locked.image))


def _files(project: Project, lockfile: Lockfile, names: DependencyFiles) -> Iterator[StaleReason]:
    predictor_file = lockfile.predictor.file
    found = dependency_files.find(project, names, platform=lockfile.platform, described=bool(predictor_file))
    if not (project.directory / predictor_file).is_file():  # it is reported as gone
        predictor_file = ""
    yield from _steps(lockfile, found)
    now = {given.file: given.sha256 for given in hashes.inputs(project.directory, found, predictor_file)}
    then = {given.file: given.sha256 for given in lockfile.inputs}
    for file in sorted({*now, *then}):
        if file not in then:
            yield facts.StaleReason(file, facts.FileIs.NEW)
        elif file not in now:
            gone = not (project.directory / file).exists()
            yield facts.StaleReason(file, facts.FileIs.GONE if gone else facts.FileIs.UNUSED)
        elif now[file] != then[file]:
            yield facts.StaleReason(file, facts.FileIs.CHANGED)


def _steps(lockfile: Lockfile, found: FoundFiles) -> Iterator[StaleReason]:
    """Yield the dependency files that have no step: what a lockfile leaves out would be missed by nobody."""
    steps = {step.step for step in lockfile.steps}
    listed = {given.file for given in lockfile.inputs}  # of one that is not, it is told that it is new
    for step, file in (("script", found.script), ("conda", found.conda), ("pip", found.pip)):
        if file in listed and step not in steps:
            yield facts.StaleReason(file, facts.NoStep(step))


def _trees(directory: Path, lockfile: Lockfile) -> Iterator[StaleReason]:
    packages = (package for step in lockfile.pip_steps for package in step.packages)
    for package in packages:
        if isinstance(package.source, FromDirectory):
            path = package.source.path
            try:
                now = tree_hash(directory / path)
            except InputError as error:
                yield facts.StaleReason(path, facts.OtherTree(package.name, error.what))
                continue
            if now != package.sha256:
                yield facts.StaleReason(path, facts.OtherTree(package.name))


def _names(lockfile: Lockfile, predictor: Predictor | None) -> DependencyFiles:
    """Return the names of the dependency files: the image's, if it is the one that was locked for."""
    if predictor is not None and predictor.cortex_version == lockfile.predictor.cortex_version:
        return predictor.files
    usual = DependencyFiles()
    had_conda = any(package.manager == "conda" for package in lockfile.pre_installed)
    if had_conda or not {given.file for given in lockfile.inputs}.isdisjoint((*usual.script, usual.conda)):
        return usual
    return DependencyFiles(script=(), conda=None, pip=usual.pip)  # release 0.15 has no conda
