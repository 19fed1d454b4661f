"""Many projects checked in one command: where they are enough to pay for the processes, on all processors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cortexlock.errors import CortexlockError
from cortexlock.inputs import project_directory
from cortexlock.lock.check import Checked, check
from cortexlock.model.project import Configuration
from cortexlock.quick_dataclass import dataclass

_WORTH_A_PROCESS = 100
"""Projects; a process starts in the time that these take."""

_GARBAGE = 50_000
"""Objects after which a process looks for cycles; with Python's 700 a seventh of the time goes into that."""


@dataclass(frozen=True, slots=True)
class CheckedProject:
    """What a check found out about a project.

    Attributes:
        directory: As it was named.
        results: One per lockfile that there is or should be.
        error: Why there are no results; None where there are.
    """

    directory: Path
    results: tuple[Checked, ...] = ()
    error: CortexlockError | None = None


@dataclass(frozen=True, slots=True)
class _Share:
    """What one process checks."""

    directories: tuple[Path, ...]
    platforms: tuple[str, ...]
    strict: bool


def check_projects(
    directories: Sequence[Path], platforms: tuple[str, ...], *, strict: bool, environment: Mapping[str, str]
) -> Iterator[CheckedProject]:
    """Check the lockfiles of projects.

    Args:
        directories: The projects.
        platforms: As `check.check` has them.
        strict: Whether lockfiles that break packages of the image are wrong, too.
        environment: That of further processes.

    Yields:
        One result per project, in their order.
    """
    if len(directories) < 2 * _WORTH_A_PROCESS:
        yield from (_checked(directory, platforms, strict=strict) for directory in directories)
        return
    from cortexlock import workers  # noqa: PLC0415 - few projects start no process

    shares = min(workers.processors(), len(directories) // _WORTH_A_PROCESS)
    parts = [_Share(tuple(directories[number::shares]), platforms, strict) for number in range(shares)]
    found = workers.side_by_side(_check_share, parts, env=environment, on_message=lambda *_: None)
    yield from (found[number % shares][number // shares] for number in range(len(directories)))


def _check_share(share: _Share, _: object) -> tuple[CheckedProject, ...]:
    import gc  # noqa: PLC0415 - few projects are checked without

    gc.set_threshold(_GARBAGE)  # of a process that has nothing else to do
    return tuple(_checked(directory, share.platforms, strict=share.strict) for directory in share.directories)


def _checked(directory: Path, platforms: tuple[str, ...], *, strict: bool) -> CheckedProject:
    overrides = Configuration(strict=True) if strict else None
    try:
        return CheckedProject(directory, check(project_directory.read(directory, overrides), platforms))
    except CortexlockError as error:
        error.__cause__ = error.__context__ = None  # chained errors of libraries cannot always be pickled
        return CheckedProject(directory, error=error)
