"""What the commands do where their output cannot be written, or not as it is."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from cortexlock.process import Completed, run
from tests.support.projects import fresh_project

_FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the shell of POSIX connects the streams")
needs_full_device = pytest.mark.skipif(not _FULL.exists(), reason="there is no device that is always full")


def _shell(directory: Path, line: str, **variables: str) -> Completed:
    """Run a line of shell with `$C` for the command; its status is that of the last command."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "PYTHONUNBUFFERED"}}
    command = f"{shlex.quote(sys.executable)} -m cortexlock"
    return run(["sh", "-c", line.replace("$C", command)], env={**kept, **variables}, cwd=directory)


def _status(directory: Path, command: str, reader: str, **variables: str) -> Completed:
    """Run a command whose output a reader gets; the status of the command is printed on standard error."""
    return _shell(directory, f'{{ {command}; echo "status $?" >&2; }} | {reader}', **variables)


@needs_full_device
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    ["check", "check --json", "--version", "--help", "lock --help", "predictors show python --yaml", "bogus --json"],
)
def test_a_full_disk(tmp_path: Path, arguments: str, unbuffered: str) -> None:
    completed = _shell(fresh_project(tmp_path), f"$C {arguments} >/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert completed.stderr == "error: standard output cannot be written: No space left on device\n"
    assert completed.returncode == 7


@needs_full_device
def test_a_full_disk_for_errors(tmp_path: Path) -> None:
    assert _shell(tmp_path, "$C check 2>/dev/full") == Completed(7, "", "")


def test_closed_streams(tmp_path: Path) -> None:
    project = fresh_project(tmp_path)
    assert _shell(project, "$C check >&-") == Completed(
        7, "", "error: standard output cannot be written: it is closed\n"
    )
    fresh = _shell(project, "$C check 2>&-")
    assert (fresh.returncode, fresh.stderr) == (0, "")
    assert "fresh" in fresh.stdout
    assert _shell(project, "$C check nowhere 2>&-") == Completed(2, "", "")
    assert _shell(project, "$C check >&- 2>&-") == Completed(7, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", ["check", "check --json", "install nowhere --json", "predictors list", "--help"])
def test_a_reader_that_has_gone(tmp_path: Path, arguments: str, unbuffered: str) -> None:
    completed = _status(fresh_project(tmp_path), f"sleep 0.2; $C {arguments}", "true", PYTHONUNBUFFERED=unbuffered)
    assert completed.stderr == "status 141\n"


def test_a_reader_that_goes_while_an_error_is_printed(tmp_path: Path) -> None:
    completed = _shell(tmp_path, "{ sleep 0.2; $C check 2>&1; echo $? >status; } | true")
    assert completed.stderr == ""
    assert (tmp_path / "status").read_text(encoding="ascii") == "141\n"


@pytest.mark.parametrize(
    "variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_text_that_the_encoding_does_not_have_is_escaped(tmp_path: Path, variables: dict[str, str]) -> None:
    fresh_project(tmp_path)
    (tmp_path / "projé ct").symlink_to(".")
    completed = _shell(tmp_path, "$C check 'projé ct'", **variables)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert completed.stdout.startswith("proj\\")
    assert " ct/cortexlock.cpu.yaml: fresh\n" in completed.stdout
    completed = _shell(tmp_path, "$C check 'nowhéré'", **variables)
    assert completed.returncode == 2
    assert "no directory `nowh\\" in completed.stderr
