"""All artifacts into the cache, side by side, each verified; what is there already is verified again."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from cortexlock.errors import BrokenOffError, Hint, IntegrityError, NetworkError
from cortexlock.model.replay import OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing, FetchedAnew
from cortexlock.network import local_file
from cortexlock.network.urls import local_path
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache

if TYPE_CHECKING:
    import requests

    from cortexlock.pip.indexes.locations import Location

_AT_ONCE = 8
_TRIES = 5
_GRACE = 2.0
"""Seconds that downloads get to notice that they are to stop."""
_REPORT_EVERY = 0.1
"""Seconds between two reports of progress."""


def fetch(  # noqa: PLR0913 - what, where to, and how
    artifacts: Sequence[Artifact],
    cache: Cache,
    *,
    urls: Iterable[str],
    on_event: OnEvent,
    backoff: float = 0.5,
    offline: bool = False,
) -> dict[str, Path]:
    """Fetch artifacts.

    Args:
        artifacts: What to fetch.
        cache: Where to.
        urls: URLs whose user and password the requests use.
        on_event: Told how many bytes have come, from this thread only.
        backoff: Seconds before a second retry of a request, and before the second try of a file that broke off.
        offline: Whether only what is on this machine may be used.

    Returns:
        The verified files, by their sha256.

    Raises:
        NetworkError: A file cannot be had; the message names package, file and source.
        IntegrityError: A file has other bytes than the locked ones.
    """
    total = sum(artifact.expected.size for artifact in artifacts)
    counter = _Counter()
    futures: list[Future[Path]] = [Future() for _ in artifacts]
    jobs: SimpleQueue[tuple[Artifact, Future[Path]]] = SimpleQueue()
    for pair in zip(artifacts, futures, strict=True):
        jobs.put(pair)
    with closing(_Session(urls, backoff)) as session:
        shared = _Shared(cache, session, counter, backoff, offline=offline)
        # Threads that the interpreter does not wait for when it ends: a server that stalls must not hold up Ctrl-C.
        threads = [threading.Thread(target=_work, args=(jobs, shared), daemon=True) for _ in futures[:_AT_ONCE]]
        for thread in threads:
            thread.start()
        try:
            _watch(futures, counter, total, on_event)
        finally:
            counter.stop.set()
            until = time.monotonic() + _GRACE
            for thread in threads:
                thread.join(max(0.0, until - time.monotonic()))
    return {artifact.expected.sha256: future.result() for artifact, future in zip(artifacts, futures, strict=True)}


class _Counter:
    """Bytes that have come, what is worth a note, and the wish to stop."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self.done = 0
        self.files: dict[str, tuple[int, int]] = {}
        self.notes: SimpleQueue[FetchedAnew] = SimpleQueue()

    def add(self, size: int) -> None:
        with self._lock:
            self.done += size

    def note_file(self, artifact: Artifact, came: int) -> None:
        """Note how much of a file has come."""
        with self._lock:
            self.files[artifact.expected.file] = (came, max(came, artifact.expected.size))

    def changed_files(self) -> dict[str, tuple[int, int]]:
        """Return what was noted since the last call."""
        with self._lock:
            noted, self.files = self.files, {}
        return noted


def _watch(futures: Sequence[Future[Path]], counter: _Counter, total: int, on_event: OnEvent) -> None:
    """Report progress until all is done; raise the first failure."""
    pending = set(futures)
    reported = -1
    while pending:
        done, pending = wait(pending, timeout=_REPORT_EVERY)
        for file, (came, size) in counter.changed_files().items():
            on_event(ReplayEvent("fetch", file, came, size, "file"))
        if counter.done != reported:
            reported = counter.done
            on_event(ReplayEvent("fetch", Doing.FETCHES, reported, max(total, reported)))
        while not counter.notes.empty():
            on_event(ReplayEvent("fetch", counter.notes.get(), kind="note"))
        for future in futures:
            if future in done:
                future.result()


class _Session:
    """What the requests of all threads share, made where the first one needs it: what is there already needs none."""

    def __init__(self, urls: Iterable[str], backoff: float) -> None:
        self._urls = tuple(urls)
        self._backoff = backoff
        self._lock = threading.Lock()
        self._made: requests.Session | None = None

    def made(self) -> requests.Session:
        """Return the session; the first call makes it."""
        # Imported where it is used: it takes longer than an installation of a small list.
        from cortexlock.network import http  # noqa: PLC0415

        with self._lock:
            if self._made is None:
                self._made = http.new_session(self._urls, connections=_AT_ONCE, backoff=self._backoff)
            return self._made

    def close(self) -> None:
        """Close the connections of the session, if one was made."""
        if self._made is not None:
            self._made.close()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the threads share."""

    cache: Cache
    session: _Session
    counter: _Counter
    pause: float
    offline: bool


def _work(jobs: SimpleQueue[tuple[Artifact, Future[Path]]], shared: _Shared) -> None:
    """Fetch one artifact after the other, until there are no more."""
    while not shared.counter.stop.is_set():
        try:
            artifact, future = jobs.get_nowait()
        except Empty:
            return
        try:
            future.set_result(_fetch_one(artifact, shared))
        except BaseException as error:  # noqa: BLE001 - the thread that asked raises it
            future.set_exception(error)


def _fetch_one(artifact: Artifact, shared: _Shared) -> Path:
    cached, wrong = shared.cache.look_up(artifact.expected)
    if cached is not None:
        shared.counter.add(artifact.expected.size)
        return cached
    urls = _offline_urls(artifact, wrong) if shared.offline else artifact.urls
    if wrong:
        shared.counter.notes.put(FetchedAnew(artifact.where))
    if artifact.location is not None and not urls:
        urls = (_located(artifact, artifact.location, shared),)
    failure = NetworkError("the lockfile names no place to have it from")
    for url in urls:
        for number in range(_TRIES):
            try:
                return _attempt(artifact, url, shared)
            except BrokenOffError as error:  # noqa: PERF203 - a try costs nothing beside a download
                failure = error
                if number + 1 < _TRIES:
                    shared.counter.stop.wait(shared.pause * 2**number)
            except NetworkError as error:
                failure = error
                break
    if shared.offline and wrong:
        raise _tampered(artifact, wrong)
    raise NetworkError(
        f"the file cannot be fetched from {artifact.source}: {failure.what}",
        where=artifact.where,
        hint="check the network, or name a mirror with --index-url"
        if artifact.location is not None
        else "check the network, and the address and the credentials that the project has for it",
        url=artifact.location.url if artifact.location is not None else failure.url,
        status=failure.status,
    ) from failure


def _located(artifact: Artifact, location: Location, shared: _Shared) -> str:
    """Return where an index has a file."""
    from cortexlock.pip.indexes.pages import locate  # noqa: PLC0415 - the readers of pages take long to import

    return locate(location, artifact.name, artifact.expected.file, shared.session.made())


def _pieces(url: str, shared: _Shared, *, skip: int) -> Generator[bytes, None, None]:
    """Yield the bytes of a URL, but for the first `skip`."""
    path = local_path(url)
    if path is not None:
        yield from local_file.pieces(path, skip=skip)
        return
    from cortexlock.network import http  # noqa: PLC0415 - as above

    yield from http.pieces(url, shared.session.made(), skip=skip)


def _offline_urls(artifact: Artifact, wrong: str) -> tuple[str, ...]:
    """Return the URLs of an artifact that lie on this machine.

    Raises:
        IntegrityError: There are none, and the file that is there has other bytes.
        NetworkError: There are none.
    """
    local = tuple(url for url in artifact.urls if url.startswith("file:"))
    if local or (artifact.location is not None and local_path(artifact.location.url) is not None):
        return local
    if wrong:
        raise _tampered(artifact, wrong)
    raise NetworkError(
        f"the file is not on this machine, and --offline keeps from fetching it from {artifact.source}",
        where=artifact.where,
        hint="fetch all files of this lockfile with `cortexlock fetch --output DIR`, and name it with --from DIR",
    )


def _tampered(artifact: Artifact, wrong: str) -> IntegrityError:
    return IntegrityError(
        f"the file that is there is not as locked: {wrong}",
        where=artifact.where,
        hint=Hint("fetch it anew with ", "fetch", ", or install without --offline"),
    )


def _attempt(artifact: Artifact, url: str, shared: _Shared) -> Path:
    counter = shared.counter
    came = 0

    def rest(there: int) -> Generator[bytes, None, None]:
        nonlocal came
        counter.add(there - came)
        came = there
        with closing(_pieces(url, shared, skip=there)) as coming:  # not when somebody collects garbage
            for piece in coming:
                if counter.stop.is_set():
                    raise NetworkError("another file failed")
                came += len(piece)
                counter.add(len(piece))
                counter.note_file(artifact, came)
                yield piece

    try:
        path = shared.cache.resume(artifact.expected, rest)
    except NetworkError:
        counter.add(-came)
        raise
    except IntegrityError as error:
        raise IntegrityError(
            f"{artifact.source} has other bytes than those that were locked: {error.what}",
            where=artifact.where,
            hint="find out why the file was replaced, then lock anew",
        ) from error
    size = path.stat().st_size
    counter.add(size - came)  # what was there already
    counter.note_file(replace(artifact, expected=replace(artifact.expected, size=size)), size)
    return path
