"""The lock of one platform: the steps in the order of the predictor's release, each on top of the one before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from cortexlock.inputs import channels
from cortexlock.lock import frozen, lock_notes, pip_step, resolution_notes
from cortexlock.lock.beside_conda import BesideConda
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.lock.request import PlatformLock, PlatformRequest
from cortexlock.model.conda_list import PypiRow
from cortexlock.model.lock_facts import Note
from cortexlock.model.lock_progress import OnProgress
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled, ScriptStep, Step
from cortexlock.model.package import Conflict
from cortexlock.model.predictor import Distribution, LockedPredictor, Predictor, StepName
from cortexlock.model.resolution_facts import MovedVersion
from cortexlock.model.target import Target, minor_of
from cortexlock.pip.prefix.conflicts import Present, broken


def lock_platform(request: PlatformRequest, on_progress: OnProgress) -> PlatformLock:
    """Resolve all steps of one platform, and of those that are alike.

    It changes process-wide state: call it in a process of its own.

    Raises:
        CortexlockError: As the readers and resolvers of the steps do; nothing is written in any case.
    """
    project, predictor, inputs = request.project, request.predictor, request.inputs
    os.chdir(project.directory)  # as in the container: pip takes local paths relative to the working directory
    if inputs.files.conda and not request.pypi_rows:
        pip_step.refuse_rows(inputs.files.conda, inputs.conda.pypi)
    rows = pip_step.rows_to_lock(inputs)
    context, locked = StepContext(Target.of(predictor), predictor.distributions), list[LockedStep]()
    beside = BesideConda(request, rows)
    try:
        for name in predictor.order:
            step = _step(name, request, context, beside, on_progress)
            if step is not None:
                context = step.after
                locked.append(step)
    finally:
        beside.close()
    return replace(
        _lock_of(request, context, locked, rows),
        alike=tuple(_lock_of(each, context, locked, rows) for each in request.alike),
    )


def _lock_of(
    request: PlatformRequest, context: StepContext, locked: Sequence[LockedStep], rows: Sequence[PypiRow]
) -> PlatformLock:
    """Return the lock of a platform whose steps are locked; `context` is what is there after them."""
    predictor = request.predictor
    image = StepContext(Target.of(predictor), predictor.distributions)
    changed = context.target.python_minor != image.target.python_minor
    before = {} if changed else _present(image.installed)
    conflicts = broken(before, _present(context.installed), context.target.marker_environment)
    lockfile = _lockfile(request, image, context, locked, conflicts)
    replaced = predictor.python if changed else ""
    ambiguous = tuple(note for step in locked for note in step.ambiguous)
    notes = _notes(request, lockfile, locked, conflicts, rows)
    return PlatformLock(lockfile, notes, replaced, conflicts, ambiguous)


def _step(
    name: StepName,
    request: PlatformRequest,
    context: StepContext,
    beside: BesideConda,
    on_progress: OnProgress,
) -> LockedStep | None:
    """Lock one step on top of what is there; None if there is nothing to do."""
    files = request.inputs.files
    if name == "script" and files.script:
        return LockedStep(step=ScriptStep(files.script, request.inputs.script_sha256), after=context)
    if name == "conda" and files.conda:
        step = beside.lock_conda(context, files.conda, on_progress)
        frozen.refuse_changes(request.project.configuration, step, context)
        return step
    if name == "core" and request.predictor.core:
        is_same = context.target.python_minor == minor_of(request.predictor.python)
        return None if is_same else pip_step.lock_core(request, context, on_progress)
    if name == "pip" and beside.has_pip:
        return beside.lock_pip(context, on_progress)
    return None


def _lockfile(
    request: PlatformRequest,
    image: StepContext,
    after: StepContext,
    locked: Sequence[LockedStep],
    conflicts: tuple[Conflict, ...],
) -> Lockfile:
    predictor, configuration = request.predictor, request.project.configuration
    steps = _with_conflicts([each.step for each in locked], conflicts)
    by_conda = request.inputs.files.conda is not None
    by_pip = any(isinstance(step, PipStep) for step in steps)
    settings = configuration.pip_settings if by_pip else None
    return Lockfile(
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
        name=predictor.name,
        subdir=image.target.subdir,
        python=after.target.python_version,
        glibc=predictor.glibc,
        virtual_packages=image.target.virtual_packages,
        inputs=request.inputs.hashes,
        channels=channels.public(request.channels, project=request.project.directory) if by_conda else (),
        indexes=tuple(dict.fromkeys(alias for each in locked for alias in each.indexes)),
        channel_priority=(configuration.channel_priority or "") if by_conda else "",
        exclude_newer=configuration.exclude_newer or "",
        freeze=configuration.freeze,
        resolvers=tuple(
            sorted({each for step in locked for each in step.resolvers}, key=lambda resolver: resolver.name)
        ),
        pre_installed=_pre_installed(predictor),
        steps=steps,
        credentials=pip_step.needed_credentials(request, steps) if by_pip else (),
        pip_config=settings.named if settings else (),
    )


def _notes(
    request: PlatformRequest,
    lockfile: Lockfile,
    locked: Sequence[LockedStep],
    conflicts: Sequence[Conflict],
    rows: Sequence[PypiRow],
) -> tuple[Note, ...]:
    """Return what the user should know, conda's matters before pip's."""
    inputs, target = request.inputs, locked[-1].after.target if locked else Target.of(request.predictor)
    changed = target.python_minor != minor_of(request.predictor.python)
    of_conda = (each for each in locked if isinstance(each.step, CondaStep))
    of_pip = [each for each in locked if isinstance(each.step, PipStep)]
    return (
        *inputs.conda.notes,
        *resolution_notes.of_rows(inputs.files.conda or "", inputs.conda.pypi, rows, inputs.files.pip),
        *(
            resolution_notes.of_python(request.predictor, target, pip_step.unavailable(request.predictor))
            if changed
            else ()
        ),
        *(note for each in of_conda for note in each.notes),
        *lock_notes.of_channels(lockfile.channels),
        *lock_notes.of_pip_config(lockfile.pip_config),
        *lock_notes.of_overlaps(lockfile.steps),
        *(() if of_pip else resolution_notes.of_conflicts(conflicts)),
        *(note for each in of_pip for note in each.ambiguous),
        *(_for_platform(note, request) for each in of_pip for note in each.notes),
        *resolution_notes.of_upgrades(request.upgraded, lockfile.steps),
        *lock_notes.of_local_repositories(lockfile.steps),
        *lock_notes.of_yanked(lockfile.steps),
        *lock_notes.of_prefix_builds(lockfile.steps),
        *resolution_notes.of_unlocked(request.project.configuration.no_build_isolation, lockfile),
    )


def _for_platform(note: Note, request: PlatformRequest) -> Note:
    """Return a note as it is for a platform, of one that is alike."""
    return replace(note, platform=request.predictor.platform) if isinstance(note, MovedVersion) else note


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
