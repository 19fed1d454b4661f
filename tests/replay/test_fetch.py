"""All files of lockfiles in a directory, with an index that says what lies where."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.replay_words import words
from cortexlock.errors import DifferenceError, IntegrityError, StepError, UsageError
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.fetch import INDEX_NAME, check_bundle, fetch
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_sdist, make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.add(make_wheel(wheelhouse, "demo", "1.0"))
    case.add(make_sdist(wheelhouse, "built", "1.0"))
    return case


def _fetch(case: Case, directory: Path) -> tuple[int, list[str]]:
    events: list[ReplayEvent] = []
    options = replace(case.options(), prefix=directory)
    made = fetch(case.project, [case.lockfile], options, on_event=events.append)
    assert made.lockfiles == ("cortexlock.cpu.yaml",)
    return made.files, [words(event.fact) for event in events]


def test_each_file_lies_under_its_hash(case: Case, tmp_path: Path) -> None:
    assert _fetch(case, tmp_path / "bundle")[0] == 2
    check_bundle(tmp_path / "bundle")
    index = json.loads((tmp_path / "bundle" / INDEX_NAME).read_text())
    assert [(each["name"], each["version"]) for each in index["files"]] == [("built", "1.0"), ("demo", "1.0")]
    assert all(each["sha256"] in each["path"] for each in index["files"])
    assert index["lockfiles"].keys() == {"cortexlock.cpu.yaml"}
    assert str(tmp_path) not in json.dumps(index)


def test_what_the_cache_has_is_copied_and_not_fetched(case: Case, tmp_path: Path, index_server: IndexServer) -> None:
    _fetch(case, case.cache)
    asked = len(index_server.requests)
    assert _fetch(case, tmp_path / "bundle")[0] == 2
    assert len(index_server.requests) == asked
    assert tree_of(tmp_path / "bundle") == tree_of(case.cache)


def test_another_lockfile_adds_to_it(case: Case, tmp_path: Path, wheelhouse: Path) -> None:
    _fetch(case, tmp_path / "bundle")
    case.packages.clear()
    case.add(make_wheel(wheelhouse, "other", "1.0"))
    assert _fetch(case, tmp_path / "bundle")[0] == 1
    index = json.loads((tmp_path / "bundle" / INDEX_NAME).read_text())
    assert [each["name"] for each in index["files"]] == ["built", "demo", "other"]


def test_what_goes_wrong(case: Case, tmp_path: Path, index_server: IndexServer) -> None:
    lockfile = case.lockfile
    options = replace(case.options(), prefix=tmp_path / "bundle")
    index_server.fail("demo-1.0-py3-none-any.whl", "wrong-bytes")
    with pytest.raises(IntegrityError):
        _fetch(case, tmp_path / "bundle")
    assert not (tmp_path / "bundle" / INDEX_NAME).exists()
    (case.directory / "requirements.txt").write_text("else\n")
    with pytest.raises(DifferenceError, match="stale"):
        fetch(case.project, [lockfile], options, on_event=print)


def test_a_directory_that_cannot_be_written(case: Case, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StepError):
        _fetch(case, tmp_path / "file" / "bundle")


@pytest.mark.parametrize("text", [None, "{", "[]", '{"bundle-version": 2}'])
def test_what_is_no_such_directory(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / INDEX_NAME).write_text(text)
    with pytest.raises(UsageError, match="no directory that `cortexlock fetch` made"):
        check_bundle(tmp_path)


@pytest.mark.parametrize(
    "index",
    [
        "5",
        "[" * 100_000,
        '{"bundle-version": 1, "files": 5}',
        '{"bundle-version": 1, "files": [5]}',
        '{"bundle-version": 1, "files": [{"name": "x"}]}',
        '{"bundle-version": 1, "files": [{"name": "x", "path": "../../x"}]}',
        '{"bundle-version": 1, "files": [{"name": "x", "path": "a\\u0000"}]}',
        '{"bundle-version": 1, "lockfiles": []}',
        '{"bundle-version": 1, "lockfiles": {"a": 1}}',
    ],
)
def test_an_index_that_is_none(tmp_path: Path, index: str) -> None:
    (tmp_path / INDEX_NAME).write_text(index)
    with pytest.raises(UsageError, match="no directory that"):
        check_bundle(tmp_path)
