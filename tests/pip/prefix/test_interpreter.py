"""The interpreter of a prefix: what keeps it from starting is told, and nothing is waited for without end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, StepError
from cortexlock.pip.prefix import interpreter

_PATH = {"PATH": os.defpath}


def _fake(directory: Path, script: str) -> Path:
    path = directory / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("exec yes", "prints without end"),
        ("exec sleep 60", "does not answer within"),
        ("echo broken >&2; exit 1", "does not start:\nbroken"),
        ("kill -9 $$", "does not start"),
        ("printf 'Traceback (most recent):\\n  File x\\nError: odd\\n'; exit 1", "start:\nError: odd"),
    ],
)
def test_what_does_not_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, what: str) -> None:
    if "sleep" in script:
        monkeypatch.setattr(interpreter, "_ANSWER", 0.1)
    python = _fake(tmp_path, script)
    with pytest.raises(StepError, match=what) as caught:
        interpreter.check_starts(python, tmp_path, _PATH, minor="3.6")
    assert caught.value.where == str(python)
    assert caught.value.advice


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="does not start"):
        interpreter.ask(tmp_path / "python", "pass", _PATH)


def test_one_that_starts(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_text("")
    (tmp_path / "b.pth").mkdir()
    (tmp_path / "c.pth").symlink_to("gone")
    interpreter.check_starts(_fake(tmp_path, "echo warning; echo 3.6"), tmp_path, _PATH, minor="3.6")


def test_one_of_another_version_than_the_files_of_the_prefix_tell(tmp_path: Path) -> None:
    with pytest.raises(DifferenceError, match=r"it is Python 3\.12, and the files of the prefix tell of 3\.11"):
        interpreter.check_starts(_fake(tmp_path, "echo 3.12"), tmp_path, _PATH, minor="3.11")


def test_a_configuration_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "pyvenv.cfg").write_bytes(b"prompt = \xe9\n")
    with pytest.raises(DifferenceError, match="not UTF-8") as caught:
        interpreter.check_starts(_fake(tmp_path / "bin", ""), tmp_path, _PATH, minor="3.6")
    assert caught.value.where == str(tmp_path / "pyvenv.cfg")


def test_a_pipe_that_it_would_wait_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.pth")
    with pytest.raises(DifferenceError, match="no regular file") as caught:
        interpreter.check_starts(_fake(tmp_path, "cat x.pth"), tmp_path, _PATH, minor="3.6")
    assert caught.value.where == str(tmp_path / "x.pth")
