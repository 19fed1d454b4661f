"""Artifacts come side by side, verified; the first that fails ends it and is named."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError, NetworkError
from cortexlock.model.replay import ReplayEvent
from cortexlock.pip.indexes.locations import Location
from cortexlock.replay.supply.artifacts import Artifact
from cortexlock.replay.supply.cache import Cache, Expected
from cortexlock.replay.supply.downloads import fetch
from tests.support.file_server import FileServer
from tests.support.index_server import IndexServer
from tests.support.wheels import make_wheel


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    (tmp_path / "served").mkdir()
    with FileServer(tmp_path / "served") as started:
        yield started


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def _artifact(server: FileServer, name: str, content: bytes | None = None) -> Artifact:
    content = content if content is not None else name.encode() * 70_000
    (server.directory / name).write_bytes(content)
    expected = Expected(name, hashlib.sha256(content).hexdigest(), size=len(content))
    return Artifact(name, "1.0", expected, "the channel `main`", urls=(f"{server.url}/{name}",))


def _ignore(event: ReplayEvent) -> None:
    """Take no notice."""


def test_all_come_and_progress_is_told_by_the_calling_thread(server: FileServer, cache: Cache) -> None:
    artifacts = [_artifact(server, f"file{number}") for number in range(20)]
    events: list[ReplayEvent] = []
    threads = set()

    def on_event(event: ReplayEvent) -> None:
        events.append(event)
        threads.add(threading.current_thread())

    found = fetch(artifacts, cache, urls=(), on_event=on_event)
    assert {name: path.read_bytes() for name, path in found.items()} == {
        each.expected.sha256: (server.directory / each.name).read_bytes() for each in artifacts
    }
    total = sum(each.expected.size for each in artifacts)
    last = [event for event in events if event.kind != "file"][-1]
    assert (last.done, last.total) == (total, total)
    assert threads == {threading.current_thread()}


def test_they_come_side_by_side(server: FileServer, cache: Cache) -> None:
    artifacts = [_artifact(server, f"file{number}") for number in range(8)]
    for each in artifacts:
        server.fail(each.name, "slow", delay=0.05)
    started = time.monotonic()
    fetch(artifacts, cache, urls=(), on_event=_ignore)
    assert time.monotonic() - started < 8 * 7 * 0.05  # seven pieces each, were they one after the other


def test_what_is_in_the_cache_is_not_asked_for(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    fetch([artifact], cache, urls=(), on_event=_ignore)
    fetch([artifact], cache, urls=(), on_event=_ignore)
    assert len(server.asked_for("file")) == 1


def test_nothing_to_fetch(cache: Cache) -> None:
    assert fetch([], cache, urls=(), on_event=_ignore) == {}


def test_wrong_bytes_name_package_file_and_source(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    server.fail("file", "wrong-bytes")
    with pytest.raises(IntegrityError, match="the channel `main` has other bytes") as caught:
        fetch([artifact], cache, urls=(), on_event=_ignore)
    assert caught.value.where == "file 1.0 (file)"
    assert len(server.asked_for("file")) == 1


def test_a_second_place_is_tried(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    elsewhere = Artifact(
        "file", "1.0", artifact.expected, "the channel `defaults`", urls=(f"{server.url}/absent", *artifact.urls)
    )
    assert fetch([elsewhere], cache, urls=(), on_event=_ignore)[artifact.expected.sha256].is_file()


def test_a_file_that_breaks_off_is_continued(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    server.fail("file", "truncated", times=2)
    events: list[ReplayEvent] = []
    found = fetch([artifact], cache, urls=(), on_event=events.append, backoff=0)
    assert found[artifact.expected.sha256].read_bytes() == (server.directory / "file").read_bytes()
    asked = [request.headers.get("range", "bytes=0-") for request in server.asked_for("file")]
    begins = [int(each.removeprefix("bytes=").removesuffix("-")) for each in asked]
    assert begins == [0, 140_000, 210_000]  # all that came is there
    assert events[-1].done == artifact.expected.size


def test_a_later_run_continues(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    server.fail("file", "truncated")
    with pytest.raises(NetworkError):
        fetch([artifact], cache, urls=(), on_event=_ignore, backoff=0)
    server.fail("file", "slow", times=0)
    events: list[ReplayEvent] = []
    fetch([artifact], cache, urls=(), on_event=events.append, backoff=0)
    assert server.requests[-1].status == 206
    assert events[-1].done == artifact.expected.size


def test_a_file_that_keeps_breaking_off_is_given_up(server: FileServer, cache: Cache) -> None:
    artifact = _artifact(server, "file")
    server.fail("file", "truncated")
    events: list[ReplayEvent] = []
    with pytest.raises(NetworkError, match="the channel `main`: the server breaks off"):
        fetch([artifact], cache, urls=(), on_event=events.append, backoff=0)
    assert len(server.asked_for("file")) == 5


def test_a_failure_ends_the_others(server: FileServer, cache: Cache) -> None:
    slow = [_artifact(server, f"slow{number}", bytes(3_000_000)) for number in range(12)]
    for each in slow:
        server.fail(each.name, "slow", delay=0.2)
    bad = _artifact(server, "bad")
    server.fail("bad", "not-found")
    started = time.monotonic()
    with pytest.raises(NetworkError, match="404") as caught:
        fetch([bad, *slow], cache, urls=(), on_event=_ignore, backoff=0)
    assert caught.value.where == "bad 1.0 (bad)"
    assert time.monotonic() - started < 5  # each slow one would take 9 seconds


def test_an_index_is_asked_where_a_file_is(wheelhouse: Path, cache: Cache) -> None:
    wheel = make_wheel(wheelhouse, "demo", "1.0")
    expected = Expected(wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest())
    with IndexServer(wheelhouse, auth=("user", "pass")) as server:
        location = Location("default", server.simple_url)
        artifact = Artifact("demo", "1.0", expected, "the index `default`", location=location)
        found = fetch([artifact], cache, urls=[server.with_auth(server.simple_url)], on_event=_ignore)
    assert found[expected.sha256].read_bytes() == wheel.read_bytes()


def test_an_artifact_from_nowhere_is_a_network_error(cache: Cache) -> None:
    artifact = Artifact("demo", "1.0", Expected("demo.whl", "0" * 64), "nowhere")
    with pytest.raises(NetworkError, match="names no place"):
        fetch([artifact], cache, urls=(), on_event=_ignore)
