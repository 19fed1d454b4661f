"""`cortexlock fetch`: which lockfiles, where to, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, ReplayEvent
from cortexlock.replay import fetch as bundle
from tests.support.projects import fresh_project

_NAMES = ("cortexlock.cpu.yaml", "cortexlock.cuda.yaml")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], InstallOptions]]:
    """Record what the use case is called with."""
    found: list[tuple[list[str], InstallOptions]] = []

    def fetch(
        project: Project,
        lockfiles: Sequence[Lockfile],
        options: InstallOptions,
        *,
        on_event: Callable[[ReplayEvent], None],
        label: str,
    ) -> bundle.Bundle:
        on_event(ReplayEvent("fetch", "a.whl", 1 << 20, 4 << 20))
        found.append(([each.platform for each in lockfiles], options))
        names = tuple(f"{label}/{name}" if label else name for name in _NAMES)
        return bundle.Bundle(options.prefix, names, 12, 1, 3 << 20)

    monkeypatch.setattr(bundle, "fetch", fetch)
    return found


def _fetch(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["fetch", *arguments])
    return caught.value.code


def test_all_lockfiles_or_those_of_a_platform(tmp_path: Path, calls: list[tuple[list[str], InstallOptions]]) -> None:
    project = str(fresh_project(tmp_path / "p"))
    options = ["--output", str(tmp_path / "out"), "--index-url", "https://example.org/simple", "--cache-dir", "/c"]
    assert _fetch(project, *options) == 0
    assert _fetch(project, *options, "--platform", "cuda") == 0
    assert [platforms for platforms, _ in calls] == [["cpu", "cuda"], ["cuda"]]
    assert calls[0][1].prefix == tmp_path / "out"
    assert (calls[0][1].cache, calls[0][1].index_url) == (Path("/c"), "https://example.org/simple")


def test_many_projects_into_one_directory(
    tmp_path: Path, calls: list[tuple[list[str], InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    projects = [str(fresh_project(tmp_path / name)) for name in ("a", "b")]
    assert _fetch(*projects, "--output", str(tmp_path / "out")) == 0
    assert len(calls) == 2
    assert "a/cortexlock.cpu.yaml, a/cortexlock.cuda.yaml, b/cortexlock.cpu.yaml" in capsys.readouterr().out
    assert _fetch(*projects, "--output", str(tmp_path / "out"), "--export", "script") == 2
    assert "an export is of one project" in capsys.readouterr().err


def test_what_it_prints(
    tmp_path: Path, calls: list[tuple[list[str], InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    project = str(fresh_project(tmp_path / "p"))
    assert _fetch(project, "--output", "/out", "--verbose") == 0
    printed = capsys.readouterr()
    assert printed.out == f"/out: complete for {', '.join(_NAMES)}\n  12 files (3.0 MiB) and 1 git checkout\n"
    assert printed.err == "fetch: a.whl (1.0 of 4.0 MiB)\n"
    assert _fetch(project, "--output", "/out", "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert _fetch(project, "--output", "/out", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["directory"], document["files"], document["lockfiles"]) == ("/out", 12, list(_NAMES))


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        ([], 2, "error: --output: no directory is named"),
        (["--output", "out", "--platform", "gpu"], 2, "there is no platform `gpu`"),
        (["--output", "out", "--platform", "inf"], 2, "--platform: the project is not for the platform inf"),
    ],
)
def test_wrong_usage(
    tmp_path: Path, arguments: list[str], code: int, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _fetch(str(fresh_project(tmp_path)), *arguments) == code
    assert what in capsys.readouterr().err


def test_no_lockfile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    assert _fetch(str(tmp_path), "--output", "out") == 2
    assert "there is no lockfile" in capsys.readouterr().err
