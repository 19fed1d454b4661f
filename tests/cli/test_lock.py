"""`cortexlock lock`: from options to the use case, and a real lock that needs no index."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.lock import lock as locking
from cortexlock.lock.locked import Locked, LockEvent, LockOptions
from cortexlock.model.lock_progress import Activity, LockProgress
from cortexlock.model.project import Configuration, Project


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Project, LockOptions]]:
    """Record what the use case is called with."""
    found: list[tuple[Project, LockOptions]] = []

    def lock(
        project: Project, options: LockOptions, *, on_event: Callable[[LockEvent], None], **_: object
    ) -> tuple[Locked, ...]:
        on_event(LockEvent("cpu", LockProgress(Activity.SOLVES, "conda-packages.txt")))
        found.append((project, options))
        return ()

    monkeypatch.setattr(locking, "lock", lock)
    return found


def _lock(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["lock", *arguments])
    return caught.value.code


@pytest.fixture
def project(tmp_path: Path) -> str:
    (tmp_path / "script.sh").write_text("true\n")
    (tmp_path / "cortexlock.yaml").write_text("predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu]\n")
    return str(tmp_path)


def test_nothing_said(project: str, calls: list[tuple[Project, LockOptions]], isolated: Path) -> None:
    assert _lock(project) == 0
    (read, options) = calls[0]
    assert read.directory == Path(project)
    assert read.configuration == Configuration(predictor="python", cortex_version="0.23.0", platforms=("cpu",))
    assert (options.conda, options.python, options.strict, options.upgrade, options.upgrade_packages) == (
        None,
        None,
        False,
        False,
        (),
    )
    assert options.cache == isolated / ".cache" / "cortexlock"
    assert options.environment["HOME"] == str(isolated)


def test_everything_said(project: str, calls: list[tuple[Project, LockOptions]], tmp_path: Path) -> None:
    arguments = [
        *("--predictor", "onnx", "--cortex-version", "0.16.0", "--platform", "cuda", "--platform", "cpu", "--full"),
        *(
            "--exclude-newer",
            "2021-06-01",
            "--channel",
            "b",
            "--channel",
            "a",
            "--index-url",
            "https://example.org/simple",
        ),
        *("--conda", sys.executable, "--python", sys.executable, "--cache-dir", str(tmp_path / "c"), "--strict"),
        *("--upgrade", "--upgrade-package", "x", "-P", "y", "--quiet"),
    ]
    assert _lock(project, *arguments) == 0
    (read, options) = calls[0]
    assert read.configuration == Configuration(
        predictor="onnx",
        cortex_version="0.16.0",
        slim=False,
        platforms=("cpu", "cuda"),
        channels=("b", "a"),
        index_url="https://example.org/simple",
        exclude_newer="2021-06-01T00:00:00Z",
    )
    assert options.conda == options.python == Path(sys.executable)
    assert options.cache == tmp_path / "c"
    assert (options.strict, options.upgrade, options.upgrade_packages) == (True, True, ("x", "y"))


def test_the_cache_from_the_environment(
    project: str, calls: list[tuple[Project, LockOptions]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CORTEXLOCK_CACHE_DIR", "relative")
    monkeypatch.chdir(tmp_path)
    assert _lock(project) == 0
    assert calls[0][1].cache == tmp_path / "relative"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--exclude-newer", "soon"], "--exclude-newer: `soon` is no date"),
        (["--conda", "/missing/conda"], "--conda: `/missing/conda` is no program"),
        (["--python", "/"], "--python: `/` is no program"),
    ],
)
def test_wrong_options(
    project: str,
    calls: list[tuple[Project, LockOptions]],
    arguments: list[str],
    what: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _lock(project, *arguments) == 2
    assert what in capsys.readouterr().err
    assert calls == []


def test_events(project: str, calls: list[tuple[Project, LockOptions]], capsys: pytest.CaptureFixture[str]) -> None:
    _lock(project)
    assert capsys.readouterr().err == ""
    _lock(project, "--verbose")
    assert capsys.readouterr().err == "cpu: solving conda-packages.txt\n"


def test_a_lock_that_needs_no_index(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _lock(project) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == (
        "cortexlock.cpu.yaml: written\n"
        "  python predictor on cpu, Cortex 0.23.0; Python 3.6.9\n"
        "  script: script.sh (what it installs is not locked)\n"
    )
    written = Path(project, "cortexlock.cpu.yaml").read_bytes()
    assert _lock(project, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [(each["platform"], each["changed"]) for each in document["lockfiles"]] == [("cpu", False)]
    assert Path(project, "cortexlock.cpu.yaml").read_bytes() == written
    with pytest.raises(SystemExit) as caught:
        main(["check", project])
    assert caught.value.code == 0


def test_many_projects_each_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "script.sh").write_text("true\n")
        text = "predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu]\n"
        (tmp_path / name / "cortexlock.yaml").write_text("predictor: [\n" if name == "b" else text)
    directories = [str(tmp_path / name) for name in ("a", "b", "c")]
    assert _lock(*directories) == 3
    printed = capsys.readouterr()
    assert [line for line in printed.out.splitlines() if "cortexlock." in line] == ["cortexlock.cpu.yaml: written"] * 2
    assert f"{directories[1]}:" in printed.err
    assert _lock("--json", *directories) == 3
    found = json.loads(capsys.readouterr().out)["projects"]
    assert [each["project"] for each in found] == directories
    assert [each.get("error", {}).get("exit-code") for each in found] == [None, 3, None]
    assert found[0]["lockfiles"][0]["changed"] is False
