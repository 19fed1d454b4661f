"""`cortexlock lock` for one project or many: each by itself, all with the same caches and workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli import lock_report
from cortexlock.cli.lazy_workers import LazyWorkers
from cortexlock.cli.options import cache_of, predictors_of
from cortexlock.cli.output import Output
from cortexlock.cli.progress import progress
from cortexlock.errors import DifferenceError
from cortexlock.inputs import project_directory
from cortexlock.lock.locked import Locked, LockEvent, LockOptions
from cortexlock.lock.unchanged import unchanged
from cortexlock.model.project import Configuration
from cortexlock.quick_dataclass import dataclass

if TYPE_CHECKING:
    from cortexlock.workers import Workers


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of each project.

    Attributes:
        overrides: What goes before the projects' own configuration, but for predictors.
        options: How to lock; the cache is that of `cache_dir`.
        predictors: Values of `--predictor`: a type, or files as seen from the working directory.
        cache_dir: Value of `--cache-dir`.
        jobs: How many projects are locked at a time; None: as many as there are processors.
    """

    overrides: Configuration
    options: LockOptions
    predictors: tuple[str, ...]
    cache_dir: str | None
    jobs: int | None = None


def lock_all(output: Output, directories: Sequence[str], asked: Asked) -> int:
    """Lock projects, print what became of each, in their order, and return the exit code.

    Where there are several, one that fails does not keep the others from being locked; the highest code is returned.

    Raises:
        CortexlockError: The only project cannot be locked.
    """
    asked = replace(asked, options=replace(asked.options, since=time.time()))
    if len(directories) > 1:
        from cortexlock.cli import lock_many  # noqa: PLC0415 - one project does not pay for it

        return lock_many.lock_many(output, directories, asked)
    with LazyWorkers(asked.options.worker_environment) as workers, progress(output) as show:
        locked = lock_one(Path(directories[0]), asked, workers.get, show)
    if workers.were_needed:
        bound_cache(asked)
    lock_report.show(output, locked, dry_run=asked.options.dry_run)
    return code_of(locked, asked)


def code_of(locked: Sequence[Locked], asked: Asked) -> int:
    """Return the exit code of a project that could be locked: whether it was only looked for what would change."""
    return DifferenceError.exit_code if asked.options.dry_run and any(one.changed for one in locked) else 0


def lock_one(
    directory: Path, asked: Asked, workers: Callable[[], Workers], show: Callable[[str, str], None]
) -> tuple[Locked, ...]:
    """Lock a project where anything has changed.

    Args:
        directory: The project.
        asked: How to lock it.
        workers: Gives the processes that solve.
        show: Told who does what.

    Raises:
        CortexlockError: It cannot be locked.
    """
    predictor_type, predictor_files = predictors_of(list(asked.predictors), project_directory.root(directory))
    overrides = replace(asked.overrides, predictor=predictor_type, predictor_files=predictor_files)
    project = project_directory.read(directory, overrides)
    options = asked.options
    if options.upgrade_packages:
        from cortexlock.lock import upgrade_names  # noqa: PLC0415 - rarely needed

        upgrade_names.refuse_unknown(project.directory, options.upgrade_packages)
    locked = unchanged(project, options)
    if locked is not None:
        return locked
    options = replace(options, cache=cache_of(asked.cache_dir, written=True))
    started = workers()
    # Imported here: while the workers are on their way.
    from cortexlock.cli.progress_words import words  # noqa: PLC0415
    from cortexlock.lock import lock  # noqa: PLC0415

    def on_event(event: LockEvent) -> None:
        show(event.platform, words(event.progress))

    return lock.lock(project, options, on_event=on_event, workers=started)


def bound_cache(asked: Asked) -> None:
    """Keep the cache, where something was put, within its bounds."""
    from cortexlock import cache_contents  # noqa: PLC0415 - where nothing has changed, nobody pays for it

    with suppress(OSError):  # another one prunes, or it cannot be written: the locks are none the worse
        cache_contents.bound(cache_of(asked.cache_dir), now=time.time())
