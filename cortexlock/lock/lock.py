"""`cortexlock lock`: a project into one lockfile per platform, all of them written or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.errors import CortexlockError, NoSolutionError
from cortexlock.inputs import redaction
from cortexlock.lock import check_forecast, file_notes, frozen, lock_notes, preparation
from cortexlock.lock.image_selection import disagreeing, says_release, select
from cortexlock.lock.locked import Locked, LockEvent, LockOptions
from cortexlock.lock.previous_settings import continued, note_of
from cortexlock.lockfile import files, text
from cortexlock.lockfile.comparison import same
from cortexlock.model.lock_facts import Note
from cortexlock.model.lock_progress import LockProgress, OnProgress
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Project
from cortexlock.workers import Workers, side_by_side

if TYPE_CHECKING:  # what only a solve needs is imported where one is asked for
    from cortexlock.lock.request import PlatformLock, PlatformRequest


def lock(
    project: Project, options: LockOptions, *, on_event: Callable[[LockEvent], None], workers: Workers | None = None
) -> tuple[Locked, ...]:
    """Lock a project for each of its platforms, side by side.

    Args:
        project: The project.
        options: How to lock.
        on_event: Told about progress.
        workers: Processes with the environment of the options, that other locks use, too; None: others are started.

    Returns:
        What became of each platform, in the order of `select`.

    Raises:
        UsageError: There is no image for what the project says.
        InputError: A dependency file cannot be read, or a lockfile is one that a newer cortexlock made.
        NoSolutionError: There is no solution, or a strict lock would break the image.
        NetworkError: An index or channel does not answer.
        IntegrityError: A file is not what its hash says.
    """
    default_release = not says_release(project)
    project, kept = continued(project, upgrade=options.upgrade)
    predictors = _predictors(project)
    there = [_previous(project.directory / lockfile_name(predictor.label)) for predictor in predictors]
    requests = [
        request_of(project, predictor, previous.lockfile, options)
        for predictor, previous in zip(predictors, there, strict=True)
    ]
    secrets, unsaid = secrets_of(requests)
    with redaction.redacted(unsaid):
        outcomes = _solved(
            requests,
            options,
            workers,
            lambda number, said: on_event(LockEvent(predictors[number].label, redaction.of_value(said, unsaid))),
        )
        if options.strict or project.configuration.strict:
            _refuse(outcomes)
        strays = check_forecast.stray(project, {outcome.lockfile.label for outcome in outcomes})
        locked = tuple(
            Locked(
                outcome.lockfile.label,
                project.directory / outcome.lockfile.file_name,
                outcome.lockfile,
                changed=not (previous.valid and previous.lockfile and same(previous.lockfile, outcome.lockfile)),
                default_release=default_release and not says_release(project),
                notes=(
                    *previous.notes,
                    *note_of(kept),
                    *_notes(project, predictor, previous.lockfile, outcome),
                    *(strays if outcome is outcomes[0] else ()),
                ),
                replaced_python=outcome.replaced_python,
                previous=previous.lockfile if previous.valid else None,
            )
            for predictor, outcome, previous in zip(predictors, outcomes, there, strict=True)
        )
        _write(locked, secrets, dry_run=options.dry_run)
        return locked


def secrets_of(requests: Sequence[PlatformRequest]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what no lockfile may have, and what no message may say besides."""
    secrets = frozenset(secret for request in requests for secret in request.inputs.secrets)
    return secrets, secrets.union(*(request.inputs.unsaid for request in requests))


def _write(locked: tuple[Locked, ...], secrets: frozenset[str], *, dry_run: bool) -> None:
    """Write the lockfiles that changed, all or none; one with a secret in it is refused, also where none is written."""
    texts = {outcome.path: text.dumps(outcome.lockfile) for outcome in locked if outcome.changed}
    redaction.refuse(((path.name, written) for path, written in texts.items()), secrets)
    if not dry_run:
        files.write_all(texts)


def _predictors(project: Project) -> tuple[Predictor, ...]:
    """Return the images to lock for, where each of them can have its lockfile."""
    predictors = select(project)
    frozen.check_names(project, predictors)
    for predictor in predictors:
        files.check_destination(project.directory / lockfile_name(predictor.label))
        files.refuse_another_file(project.directory, predictor.label)
    return predictors


def _solved(
    requests: Sequence[PlatformRequest],
    options: LockOptions,
    workers: Workers | None,
    on_message: Callable[[int, LockProgress], None],
) -> list[PlatformLock]:
    """Solve for all platforms, side by side."""
    groups: list[list[int]] = []  # of platforms that are alike, by their numbers
    for number, request in enumerate(requests):
        group = next((each for each in groups if requests[each[0]].is_alike(request)), None)
        groups.append([number]) if group is None else group.append(number)
    wanted = [replace(requests[one], alike=tuple(requests[other] for other in rest)) for one, *rest in groups]

    def on_message_of_group(number: int, progress: LockProgress) -> None:
        for each in groups[number]:
            on_message(each, progress)

    if workers is None:
        env = options.worker_environment
        found = side_by_side(_lock_platform, wanted, env=env, on_message=on_message_of_group)
    else:
        workers.prepare(_preparation(requests))
        wanted = [replace(each, common=workers.directory) for each in wanted]
        found = workers.side_by_side(_lock_platform, wanted, on_message=on_message_of_group)
    solved = {
        number: one
        for group, first in zip(groups, found, strict=True)
        for number, one in zip(group, (first, *first.alike), strict=True)
    }
    return [solved[number] for number in range(len(requests))]


def _preparation(requests: Sequence[PlatformRequest]) -> Callable[[], None]:
    """Return what imports what the first step needs."""
    if not any(request.inputs.files.conda for request in requests):
        return preparation.for_pip
    is_solved = any(not request.inputs.conda.explicit for request in requests)
    return preparation.for_conda_solver if is_solved else preparation.for_conda


def _lock_platform(request: PlatformRequest, on_progress: OnProgress) -> PlatformLock:
    from cortexlock.lock.platform import lock_platform  # noqa: PLC0415 - in the process that solves, and only there

    return lock_platform(request, on_progress)


def request_of(
    project: Project, predictor: Predictor, previous: Lockfile | None, options: LockOptions
) -> PlatformRequest:
    """Return what to lock for an image, on top of a lockfile that is there (None: there is none).

    Raises:
        CortexlockError: As the readers of the dependency files do.
    """
    from cortexlock.inputs import project_inputs  # noqa: PLC0415 - only a solve needs it
    from cortexlock.lock.request import PlatformRequest  # noqa: PLC0415 - as above

    return PlatformRequest(
        project=project,
        predictor=predictor,
        inputs=project_inputs.read(project, predictor, options.environment),
        previous=None if options.upgrade else previous,
        upgraded=options.upgrade_packages,
        conda=options.conda,
        python=options.python,
        cache=options.cache,
        environment=dict(options.environment),
        pypi_rows=options.pypi_rows,
        refresh=options.refresh,
        since=options.since,
    )


@dataclass(frozen=True, slots=True)
class _Previous:
    """The lockfile that is there, as far as it can be read, what is to be said of it, and whether it can stay."""

    lockfile: Lockfile | None = None
    notes: tuple[Note, ...] = ()
    valid: bool = False


def _previous(path: Path) -> _Previous:
    """Return the lockfile that is there, if it can be read: it is a preference, no more."""
    from cortexlock.model import resolution_facts  # noqa: PLC0415 - a lock that solves nothing does not pay for it

    if not path.exists():
        return _Previous()
    try:
        lockfile, has_markers = files.read_for_versions(path, name=path.name)
    except text.NewerLockfileError:
        raise
    except CortexlockError as error:
        return _Previous(notes=(resolution_facts.MadeAnew(path.name, error.what),))
    if has_markers:
        return _Previous(lockfile, (resolution_facts.Merged(path.name),))
    return _Previous(lockfile, valid=True)


def _notes(
    project: Project, predictor: Predictor, previous: Lockfile | None, outcome: PlatformLock
) -> tuple[Note, ...]:
    return (
        *disagreeing(project),
        *file_notes.of_project(project, predictor),
        *(lock_notes.of_image(previous, predictor) if previous else ()),
        *outcome.notes,
        *check_forecast.stale(project, outcome.lockfile),
    )


def _refuse(outcomes: list[PlatformLock]) -> None:
    """Refuse what a strict lock does not let pass."""
    _refuse_other_python(outcomes)
    _refuse_ambiguous(outcomes)
    _refuse_conflicts(outcomes)


def _refuse_other_python(outcomes: list[PlatformLock]) -> None:
    for outcome in outcomes:
        if outcome.replaced_python:
            step = outcome.lockfile.step("conda")
            raise NoSolutionError(
                f"conda would replace Python {outcome.replaced_python} of the image with {outcome.lockfile.python}: "
                "every pre-installed pip package would be gone",
                where=step.file if step else None,
                hint="leave Python at the image's version, or lock without --strict",
            )


def _refuse_ambiguous(outcomes: list[PlatformLock]) -> None:
    for outcome in outcomes:
        if outcome.ambiguous:
            error = NoSolutionError(
                "who has a name on another index decides what is installed",
                where=outcome.lockfile.file_name,
                hint="bind packages to an index in cortexlock.yaml (`packages: [name-*]`), or lock without --strict",
            )
            error.facts = outcome.ambiguous
            raise error


def _refuse_conflicts(outcomes: list[PlatformLock]) -> None:
    for outcome in outcomes:
        lines = [
            f"  {conflict.package} {conflict.version} requires {conflict.requirement}, "
            + (f"{conflict.found} would be there" if conflict.found else "which would not be there")
            for conflict in outcome.conflicts
            if not conflict.already
        ]
        if lines:
            raise NoSolutionError(
                "the lock would break packages of the image:",
                details=lines,
                where=outcome.lockfile.file_name,
                hint="ask for versions that the image can live with, or lock without --strict",
            )
