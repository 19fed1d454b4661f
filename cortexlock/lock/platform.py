"""The lock of one platform: the steps in the order of the predictor's release, each on top of the one before."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from cortexlock.inputs import channels, conda_list, dependency_files, hashes
from cortexlock.inputs.trees import hash_of_file
from cortexlock.lock import lock_notes, pip_step
from cortexlock.lock.conda_step import Surroundings, after_conda, lock_conda
from cortexlock.lock.request import PlatformLock, PlatformRequest
from cortexlock.model.conda_list import CondaList
from cortexlock.model.lockfile import LockedPredictor, Lockfile, PipStep, PreInstalled, Resolver, ScriptStep, Step
from cortexlock.model.package import Conflict
from cortexlock.model.predictor import Distribution, Predictor
from cortexlock.model.target import Target
from cortexlock.pip.prefix.conflicts import Present, broken


def lock_platform(request: PlatformRequest, on_progress: Callable[[str], None]) -> PlatformLock:
    """Resolve all steps of one platform. Changes process-wide state: call it in a process of its own.

    Raises:
        CortexlockError: As the readers and resolvers of the steps do; nothing is written in any case.
    """
    project, predictor = request.project, request.predictor
    os.chdir(project.directory)  # as in the container: pip takes local paths relative to the working directory
    image = Target.of(predictor)
    found = dependency_files.find(project, predictor.files, platform=predictor.platform)
    listed = conda_list.read(project.directory / found.conda, name=found.conda) if found.conda else CondaList()
    if found.conda and not request.pypi_rows:
        pip_step.refuse_rows(found.conda, listed.pypi)
    rows = [(found.conda or "", row) for row in pip_step.without_named(request, found.pip, listed.pypi)]
    there = Surroundings(image, predictor.distributions)
    steps: list[Step] = []
    resolvers: list[Resolver] = []
    indexes: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    of_pip: tuple[str, ...] = ()
    of_conda: tuple[str, ...] = ()
    for name in predictor.order:
        if name == "script" and found.script:
            steps.append(ScriptStep(found.script, hash_of_file(project.directory / found.script)))
        elif name == "conda" and found.conda:
            conda_step, by_conda, of_conda = lock_conda(request, image, listed, found.conda, on_progress)
            steps.append(conda_step)
            resolvers += by_conda
            there = after_conda(there, conda_step.packages)
        elif (name == "core" and predictor.core and there.target.python_minor != image.python_minor) or (
            name == "pip" and (found.pip or rows)
        ):
            if name == "core":
                locked = pip_step.lock_core(request, there, found.pip, on_progress)
            else:
                locked = pip_step.lock_pip(request, there, found.pip, rows, on_progress)
            steps.append(locked.step)
            resolvers += locked.resolvers
            ambiguous += lock_notes.of_indexes(locked.findings.ambiguous)
            of_pip += lock_notes.of_findings(locked, there.target, project.configuration.exclude_newer or "")
            indexes = tuple(dict.fromkeys((*indexes, *locked.indexes)))
            there = Surroundings(there.target, locked.installed)
    changed = there.target.python_minor != image.python_minor
    settings = project.configuration.pip_settings
    by_pip = any(isinstance(step, PipStep) for step in steps)
    before = {} if changed else _present(predictor.distributions)
    conflicts = broken(before, _present(there.installed), there.target.marker_environment)
    lockfile = Lockfile(
        predictor=LockedPredictor(
            predictor.type,
            predictor.cortex_version,
            predictor.image,
            predictor.slim,
            predictor.closure,
            predictor.file,
            predictor.digest,
        ),
        platform=predictor.platform,
        subdir=image.subdir,
        python=there.target.python_version,
        glibc=predictor.glibc,
        virtual_packages=image.virtual_packages,
        inputs=hashes.inputs(project.directory, found, predictor.file),
        channels=channels.public(request.channels, project=project.directory) if found.conda else (),
        indexes=indexes,
        channel_priority=(project.configuration.channel_priority or "") if found.conda else "",
        exclude_newer=project.configuration.exclude_newer or "",
        resolvers=tuple(sorted(set(resolvers), key=lambda resolver: resolver.name)),
        pre_installed=_pre_installed(predictor),
        steps=_with_conflicts(steps, conflicts),
        credentials=pip_step.credentials(request, found.pip, steps) if by_pip else (),
        pip_config=settings.named if settings and by_pip else (),
    )
    said = (*listed.notes, *lock_notes.of_rows(found.conda or "", listed.pypi, [row for _, row in rows], found.pip))
    if changed:
        said += lock_notes.of_python(predictor, there.target)
    said += (*of_conda, *lock_notes.of_channels(lockfile.channels), *lock_notes.of_pip_config(lockfile.pip_config))
    said += (
        *lock_notes.of_overlaps(steps),
        *(() if by_pip else lock_notes.of_conflicts(conflicts)),
        *ambiguous,
        *of_pip,
    )
    said += (*lock_notes.of_upgrades(request.upgraded, steps), *lock_notes.of_local_repositories(steps))
    return PlatformLock(lockfile, said, predictor.python if changed else "", conflicts, ambiguous)


def _present(distributions: Sequence[Distribution]) -> dict[str, Present]:
    return {distribution.name: Present(distribution.version, distribution.requires) for distribution in distributions}


def _with_conflicts(steps: Sequence[Step], conflicts: tuple[Conflict, ...]) -> tuple[Step, ...]:
    """Give the conflicts of image and lock to the last step of pip's: they are what is left when all is installed."""
    last = max((number for number, step in enumerate(steps) if isinstance(step, PipStep)), default=None)
    return tuple(
        replace(step, conflicts=conflicts if number == last else ()) if isinstance(step, PipStep) else step
        for number, step in enumerate(steps)
    )


def _pre_installed(predictor: Predictor) -> tuple[PreInstalled, ...]:
    by_conda = [PreInstalled("conda", record.name, record.version) for record in predictor.conda_records]
    by_pip = [PreInstalled("pip", dist.name, dist.version) for dist in predictor.distributions]
    return (*by_conda, *by_pip)
