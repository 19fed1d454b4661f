"""What is fetched ahead of the resolver: side by side, and nothing that pip would not ask for."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock import workers
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration, Index
from cortexlock.pip.internals.ahead import Forecast
from cortexlock.pip.sources.source_trees import SourceTrees
from tests.pip.test_resolve import HOST
from tests.support.file_server import Answer
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_sdist, make_tree, make_wheel

if TYPE_CHECKING:
    import pytest

_SECONDS = 0.2
_DEPTH = 4


class _SlowPages(IndexServer):
    """An index that takes its time for each page, and remembers when it had which on its hands."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.spans: list[tuple[float, float]] = []

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        began = time.monotonic()
        if path.startswith("/simple/"):
            time.sleep(_SECONDS)
        found = super().answer(path, headers)
        if path.startswith("/simple/"):
            self.spans.append((began, time.monotonic()))
        return found

    @property
    def one_after_the_other(self) -> int:
        """How many pages at most were waited for one after the other."""
        number, end = 0, 0.0
        for began, ended in sorted(self.spans, key=lambda span: span[1]):
            if began >= end:
                number, end = number + 1, ended
        return number


def _make_chain(wheelhouse: Path) -> None:
    """Make `a0`, which needs `a1` and leaves, and so on, and a line of its own that needs each leaf."""
    for level in range(_DEPTH):
        leaves = [f"leaf-{level}-{number}" for number in range(3)]
        needed = [f"a{level + 1}"] if level < _DEPTH - 1 else []
        make_wheel(wheelhouse, f"a{level}", "1.0", requires=[*needed, *leaves])
        for leaf in leaves:
            make_wheel(wheelhouse, leaf, "1.0")


def test_pages_are_waited_for_as_often_as_the_chain_is_deep(wheelhouse: Path, tmp_path: Path) -> None:
    _make_chain(wheelhouse)
    with _SlowPages(wheelhouse) as server:
        found = versions(resolve(tmp_path / "project", "a0\n", index_url=server.simple_url))
    assert len(found) == len(server.spans) == _DEPTH * 4
    assert server.one_after_the_other <= _DEPTH + 3


def _asked(server: IndexServer) -> set[str]:
    return {request.path for request in server.requests if request.path.startswith("/simple/")}


def _asked_with_and_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, servers: list[IndexServer], text: str, **options: object
) -> list[set[str]]:
    """Resolve twice, the second time with nothing ahead; what is locked and asked for must be the same."""
    outcomes = []
    for number in range(2):
        for server in servers:
            server.requests.clear()
        found = resolve(tmp_path / str(number) / "project", text, **options)  # type: ignore[arg-type]  # as given
        outcomes.append((found.packages, [_asked(server) for server in servers]))
        monkeypatch.setattr(Forecast, "begin", lambda _self, _requirements: None)
    assert outcomes[0] == outcomes[1]
    return outcomes[0][1]


def test_nothing_is_asked_for_that_pip_does_not_ask_for(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    requires = ["b", "kept", "old>=2", 'other; python_version >= "3.7"', 'undeclared; extra == "y"']
    make_wheel(wheelhouse, "a", "1.0", requires=requires, extras={"x": ["x"], "more": ["extra"]})
    for name in ("b", "old", "other", "extra", "x", "undeclared"):
        make_wheel(wheelhouse, name, "2.0")
    (asked,) = _asked_with_and_without(
        monkeypatch,
        tmp_path,
        [index_server],
        'a[x,y]\nb<3\nother; python_version >= "3.7"\n',
        index_url=index_server.simple_url,
        installed=[
            Distribution("kept", "1.0", ("never>=1",)),
            Distribution("never", "1.0"),
            Distribution("old", "1.0"),
        ],
    )
    assert asked == {"/simple/a/", "/simple/b/", "/simple/old/", "/simple/x/"}


def test_a_name_is_asked_of_the_index_that_it_is_bound_to(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    make_wheel(private, "private-a", "1.0", requires=["private-b", "c"])
    make_wheel(private, "private-b", "1.0")
    make_wheel(wheelhouse, "c", "1.0")
    make_wheel(wheelhouse, "private-b", "9.0")
    with IndexServer(private, auth=("me", "s3cr3t")) as server:
        named = Index("internal", server.with_auth(server.simple_url), packages=("private-*",))
        asked = _asked_with_and_without(
            monkeypatch,
            tmp_path,
            [index_server, server],
            f"--extra-index-url {server.with_auth(server.simple_url)}\nprivate-a\n",
            configuration=Configuration(index_url=index_server.simple_url, indexes=(named,)),
        )
    assert asked == [{"/simple/c/"}, {"/simple/private-a/", "/simple/private-b/"}]
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("pages/**/*.jsonl"))
    assert "/simple/c/" in kept
    assert "private" not in kept


def test_directories_and_urls_stand_for_their_names(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    for number in range(2):
        make_tree(
            tmp_path / str(number) / "project" / "thing",
            "thing",
            "1.0",
            setup="from setuptools import setup\nsetup()\n",
        )
        make_sdist(tmp_path / "elsewhere", "url", "1.0")
    make_wheel(wheelhouse, "a", "1.0", requires=["direct", "b"])
    make_wheel(wheelhouse, "b", "1.0")
    make_wheel(wheelhouse, "direct", "1.0")
    text = f"direct @ {index_server.file_url('direct-1.0-py3-none-any.whl')}\na\n"
    (asked,) = _asked_with_and_without(monkeypatch, tmp_path, [index_server], text, index_url=index_server.simple_url)
    assert asked == {"/simple/a/", "/simple/b/"}


def test_without_an_index_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    text = f"--no-index\n-f {wheelhouse}\na\n"
    (asked,) = _asked_with_and_without(monkeypatch, tmp_path, [index_server], text, index_url=index_server.simple_url)
    assert asked == set()


def test_a_failure_ahead_is_said_only_where_pip_meets_it(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "a", "2.0", requires=["broken", "b<1"])  # never chosen, but looked at
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "b", "1.0")
    index_server.fail("broken", "not-found")
    assert versions(resolve(tmp_path / "project", "a\nb\n", index_url=index_server.simple_url)) == {
        "a": "1.0",
        "b": "1.0",
    }


def test_no_thread_is_left(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url)
    time.sleep(0.05)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def _code(here: Path | None, there: Path) -> str:
    """Return requirements of a build, none, that leaves a file and waits for another one."""
    leave = f"open({str(here)!r}, 'w').close()" if here else "None"
    come = f"any(os.path.exists({str(there)!r}) or time.sleep(0.05) for _ in range(400))"
    return f"(lambda os, time: [{leave}, {come} or 1 / 0][2:])(__import__('os'), __import__('time'))"


def test_sdists_are_built_ahead_and_side_by_side(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    make_wheel(wheelhouse, "a", "1.0", requires=["b", "c"])
    for here, there in (("b", "c"), ("c", "b")):
        code = _code(tmp_path / here, tmp_path / there)
        make_sdist(wheelhouse, here, "1.0", requires=[f"{here}-leaf"], dynamic=code)
        make_wheel(wheelhouse, f"{here}-leaf", "1.0")
    python, url = Path(sys.executable), index_server.simple_url
    outcomes = []
    for number in range(2):
        project = tmp_path / str(number) / "project"
        outcomes.append(resolve(project, "a\n", index_url=url, python=python, target=HOST))
        monkeypatch.setattr(Forecast, "begin", lambda _self, _requirements: None)  # the files are there by now
    assert outcomes[0] == outcomes[1]
    assert versions(outcomes[0]) == dict.fromkeys(("a", "b", "b-leaf", "c", "c-leaf"), "1.0")


def test_a_build_that_nobody_waits_for_is_ended(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    slow = f"[open({str(tmp_path / 'begun')!r}, 'w').close(), __import__('time').sleep(60)][2:]"
    make_wheel(wheelhouse, "a", "2.0", requires=["c<1", "slow", "b"])  # looked at, and not chosen
    make_wheel(wheelhouse, "a", "1.0", requires=["b"])
    make_sdist(wheelhouse, "slow", "1.0", dynamic=slow)
    make_sdist(wheelhouse, "b", "1.0", dynamic=_code(None, tmp_path / "begun"))
    make_wheel(wheelhouse, "c", "0.5")
    make_wheel(wheelhouse, "c", "1.0")
    began = time.monotonic()
    found = resolve(
        tmp_path / "project",
        "a\nb\nc==1.0\n",
        index_url=index_server.simple_url,
        python=Path(sys.executable),
        target=HOST,
    )
    assert versions(found) == {"a": "1.0", "b": "1.0", "c": "1.0"}
    assert (tmp_path / "begun").exists()
    assert time.monotonic() - began < 40
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("build")]


def test_one_sdist_of_a_project_is_looked_into_ahead(
    monkeypatch: pytest.MonkeyPatch, wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    looked_into: list[str] = []
    monkeypatch.setattr(
        SourceTrees, "look_ahead", lambda _, archive, name, *__: looked_into.append(f"{name} {archive}")
    )
    digests = {}
    for version in ("1.0", "2.0", "3.0"):
        sdist = make_sdist(wheelhouse, "s", version)
        digests[version] = hashlib.sha256(sdist.read_bytes()).hexdigest()
    make_wheel(wheelhouse, "a", "1.0", requires=["s<3", "b"])
    make_wheel(wheelhouse, "b", "1.0", requires=["s<2"])
    python, url = Path(sys.executable), index_server.simple_url
    found = resolve(tmp_path / "project", "s\na\n", index_url=url, python=python, target=HOST)
    assert versions(found) == {"a": "1.0", "b": "1.0", "s": "1.0"}
    [one] = set(looked_into)  # the same one may come from two requirements: it is begun once
    assert one.removeprefix("s ") in digests.values()
