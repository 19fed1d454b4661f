"""`cortexlock lock` for one project or many: each by itself, all with the same caches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cortexlock.cli import lock_report
from cortexlock.cli.errors import as_document, text_of
from cortexlock.cli.hints import pasteable
from cortexlock.cli.options import cache_of, predictors_of
from cortexlock.cli.output import Output
from cortexlock.cli.progress import progress
from cortexlock.errors import CortexlockError, DifferenceError
from cortexlock.inputs import project_directory
from cortexlock.lock.locked import Locked, LockOptions
from cortexlock.lock.unchanged import unchanged
from cortexlock.model.project import Configuration
from cortexlock.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of each project.

    Attributes:
        overrides: What goes before the projects' own configuration, but for predictors.
        options: How to lock; the cache is that of `cache_dir`.
        predictors: Values of `--predictor`: a type, or files as seen from the working directory.
        cache_dir: Value of `--cache-dir`.
    """

    overrides: Configuration
    options: LockOptions
    predictors: tuple[str, ...]
    cache_dir: str | None


def lock_all(output: Output, directories: Sequence[str], asked: Asked) -> int:
    """Lock projects one after the other, print what became of each, and return the exit code.

    Where there are several, one that fails does not keep the others from being locked; the highest code is returned.

    Raises:
        CortexlockError: The only project cannot be locked.
    """
    asked = replace(asked, options=replace(asked.options, since=time.time()))
    if len(directories) == 1:
        locked = _lock(output, Path(directories[0]), asked)
        lock_report.show(output, locked, dry_run=asked.options.dry_run)
        return _code(locked, asked)
    codes: list[int] = []
    found: list[dict[str, object]] = []
    for directory in directories:
        name = Path(directory).as_posix()
        try:
            locked = _lock(output, Path(directory), asked)
        except CortexlockError as error:
            error.advice = pasteable(error.advice, name)
            if not output.as_json:
                output.note(f"{name}:\n{text_of(output, error)}")
            found.append({"project": name, "error": as_document(error)})
            codes.append(error.exit_code)
            continue
        if not output.quiet:
            output.line(f"{name}:")
        lock_report.show_lines(output, locked, dry_run=asked.options.dry_run)
        found.append({"project": name, "lockfiles": lock_report.documents(locked)})
        codes.append(_code(locked, asked))
    output.document({"projects": found})
    return max(codes)


def _code(locked: Sequence[Locked], asked: Asked) -> int:
    """Return the exit code of a project that could be locked: whether it was only looked for what would change."""
    return DifferenceError.exit_code if asked.options.dry_run and any(one.changed for one in locked) else 0


def _lock(output: Output, directory: Path, asked: Asked) -> tuple[Locked, ...]:
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
    from cortexlock import cache_contents  # noqa: PLC0415 - where nothing has changed, nobody pays for it
    from cortexlock.workers import Workers  # noqa: PLC0415 - as above

    options = replace(options, cache=cache_of(asked.cache_dir, written=True))
    with Workers(options.worker_environment) as workers, progress(output) as show:
        from cortexlock.lock import lock  # noqa: PLC0415 - while the workers are on their way

        locked = lock.lock(project, options, on_event=lambda event: show(event.platform, event.text), workers=workers)
    with suppress(OSError):  # another one prunes, or it cannot be written: the lock is none the worse
        cache_contents.bound(options.cache, now=time.time())
    return locked
