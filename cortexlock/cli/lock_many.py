"""`cortexlock lock` for many projects: some at a time, each told of in the order that was given."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from cortexlock.cli import lock_report
from cortexlock.cli.errors import as_document, text_of
from cortexlock.cli.hints import pasteable
from cortexlock.cli.lazy_workers import LazyWorkers
from cortexlock.cli.lock_projects import Asked, bound_cache, code_of, lock_one
from cortexlock.cli.output import Output
from cortexlock.cli.progress import Progress, progress
from cortexlock.errors import CortexlockError
from cortexlock.lock.locked import Locked
from cortexlock.workers import processors


def lock_many(output: Output, directories: Sequence[str], asked: Asked) -> int:
    """Lock projects, print what became of each, and return the highest exit code.

    Raises:
        WorkerError: A bug, once all before it have been told of; those that are being locked are given up.
    """
    codes: list[int] = []
    found: list[dict[str, object]] = []
    names = [Path(directory).as_posix() for directory in directories]
    env = asked.options.worker_environment
    with LazyWorkers(env) as workers, progress(output) as show, ExitStack() as stack:
        pool = ThreadPoolExecutor(min(asked.jobs or processors(), len(names)), thread_name_prefix="lock")
        stack.callback(pool.shutdown, cancel_futures=True)
        stack.callback(workers.end)  # first, where a project is waited for that nobody wants any more
        begun = _begun(pool, names, asked, workers, show)
        for name in names:
            locked = _outcome(begun.popleft())  # nobody keeps what was told of: there may be thousands
            with show.hidden():
                codes.append(_report(output, name, locked, asked))
            found += [_document(name, locked)] if output.as_json else []
    if workers.were_needed:
        bound_cache(asked)
    output.document({"projects": found})
    return max(codes)


def _begun(
    pool: ThreadPoolExecutor, names: Sequence[str], asked: Asked, workers: LazyWorkers, show: Progress
) -> deque[Future[tuple[Locked, ...]]]:
    """Have projects locked by threads; one that is named twice after it was locked."""
    begun: dict[Path, Future[tuple[Locked, ...]]] = {}

    def lock(name: str, before: Future[tuple[Locked, ...]] | None) -> tuple[Locked, ...]:
        if before is not None:  # it was begun earlier: no thread waits for one that comes later
            wait([before])
        try:
            return lock_one(Path(name), asked, workers.get, lambda who, what: show(f"{name} {who}", what))
        finally:
            show.done(f"{name} ")

    found = deque[Future[tuple[Locked, ...]]]()
    for name in names:
        place = Path(name).absolute()
        begun[place] = pool.submit(lock, name, begun.get(place))
        found.append(begun[place])
    return found


def _outcome(locking: Future[tuple[Locked, ...]]) -> tuple[Locked, ...] | CortexlockError:
    try:
        return locking.result()
    except CortexlockError as error:
        return error


def _report(output: Output, name: str, locked: tuple[Locked, ...] | CortexlockError, asked: Asked) -> int:
    """Print what became of one of several projects, and return its exit code."""
    if isinstance(locked, CortexlockError):
        locked.advice = pasteable(locked.advice, name)
        if not output.as_json:
            output.note(f"{name}:\n{text_of(output, locked)}")
        return locked.exit_code
    if not output.quiet:
        output.line(f"{name}:")
    lock_report.show_lines(output, locked, dry_run=asked.options.dry_run)
    return code_of(locked, asked)


def _document(name: str, locked: tuple[Locked, ...] | CortexlockError) -> dict[str, object]:
    if isinstance(locked, CortexlockError):
        return {"project": name, "error": as_document(locked)}
    return {"project": name, "lockfiles": lock_report.documents(locked)}
