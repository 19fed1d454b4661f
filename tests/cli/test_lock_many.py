"""`lock DIR…`: many projects at a time, with the lockfiles and the words of one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from tests.support.index_server import IndexServer
from tests.support.wheels import make_wheel

_LINES = {"a": "x\n", "b": "y\nx<2\n", "c": "x\ny\n"}


def _lock(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["lock", *map(str, arguments)])
    return int(ended.value.code or 0)


@pytest.fixture
def projects(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Path:
    """A directory with three projects, each for two platforms; the lines of `d` have no solution."""
    for name, version, needed in (("x", "1.0", []), ("x", "2.0", ["z"]), ("y", "1.0", ["z"]), ("z", "1.0", [])):
        make_wheel(wheelhouse, name, version, requires=needed)
    root = tmp_path / "projects"
    for name, lines in {**_LINES, "d": "x==9\n"}.items():
        (root / name).mkdir(parents=True)
        (root / name / "requirements.txt").write_text(lines)
        (root / name / "cortexlock.yaml").write_text(
            f"predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu, cuda]\nindex-url: {index_server.simple_url}\n"
        )
    return root


def _lockfiles(root: Path) -> dict[str, bytes]:
    """Return the lockfiles of all projects, and remove them."""
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("*/cortexlock.c*.yaml")}
    for path in found:
        (root / path).unlink()
    return found


@pytest.mark.slow
def test_any_order_and_number_at_a_time_gives_the_lockfiles_of_one_by_one(
    projects: Path, index_server: IndexServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in _LINES:
        assert _lock(projects / name, "--cache-dir", tmp_path / f"cache-{name}") == 0
    wanted = _lockfiles(projects)
    assert len(wanted) == 6
    capsys.readouterr()
    for number, (names, jobs) in enumerate((("abc", "1"), ("cab", "3"), ("bdca", "2"))):
        index_server.requests.clear()
        directories = [projects / name for name in names]
        code = _lock(*directories, "--jobs", jobs, "--cache-dir", tmp_path / f"cache-{number}")
        assert code == (4 if "d" in names else 0)
        assert _lockfiles(projects) == wanted
        pages = Counter(request.path for request in index_server.requests if request.path.startswith("/simple/"))
        assert set(pages) == {"/simple/x/", "/simple/y/", "/simple/z/"}
        assert set(pages.values()) == {1} or "d" in names  # of a dead end, the whole page is asked for once more
        out, err = capsys.readouterr()
        headings = [line for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
        assert headings == [f"{directory}:" for directory in directories if directory.name != "d"]
        assert (f"{projects / 'd'}:\nerror:" in err) == ("d" in names)


def test_a_project_that_is_named_twice_is_locked_once(
    projects: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _lock(projects / "a", projects / "a", "--jobs", "2", "--cache-dir", tmp_path / "cache") == 0
    assert capsys.readouterr().out.count(": written") == 2


@pytest.mark.parametrize("said", ["0", "-1", "two", "1000", "", "٣"])
def test_jobs_are_a_number(said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _lock(tmp_path, f"--jobs={said}") == 2
    assert "--jobs: " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_end_leaves_what_is_locked_whole(
    projects: Path, index_server: IndexServer, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    index_server.delay = 3
    (projects / "a" / "requirements.txt").rename(projects / "a" / "script.sh")  # needs no index
    command: Sequence[str | Path] = [
        *(sys.executable, "-m", "cortexlock", "lock", "a", "b", "c", "--jobs", "3"),
        *("--cache-dir", tmp_path / "cache"),
    ]
    with subprocess.Popen(command, cwd=projects, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while len(list(projects.glob("a/cortexlock.c*.yaml"))) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        said = process.stderr.read().decode() if process.stderr else ""
    assert (process.returncode, said) == (code, "interrupted\n" if code == 130 else "terminated\n")
    assert {path.parent.name for path in projects.glob("*/cortexlock.c*.yaml")} == {"a"}
    assert main_ends_with("check", projects / "a") == 0


def main_ends_with(*arguments: str | Path) -> int:
    """Run another command; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)
