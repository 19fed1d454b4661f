"""What `lock` says at its end."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli.lock_report import describe, show
from cortexlock.cli.output import Output
from cortexlock.lock.locked import Locked
from cortexlock.model.lock_facts import Note, Yanked
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.package import CondaPackage, Conflict, Replaced
from tests.support.lockfiles import example

if TYPE_CHECKING:
    import pytest


def _locked(*, changed: bool = True, default_release: bool = False, notes: tuple[Note, ...] = ()) -> Locked:
    return Locked("cpu", Path("/project/cortexlock.cpu.yaml"), example(), changed, default_release, notes)


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output(), [_locked(notes=(Yanked("a", "1"),))])
    assert (
        capsys.readouterr().out
        == """\
cortexlock.cpu.yaml: written
  python predictor on cpu, Cortex 0.23.0; Python 3.6.9
  script: dependencies.sh (what it installs is not locked)
  conda: 1 added, 0 changed, 1 kept
  pip: 1 added, 1 changed, 0 kept
  changes in the image:
    numpy 1.18.2 -> 1.19.5 (for 1, requirements.txt)
  conflicts:
    tensorflow-cpu 2.3.0 requires numpy<1.19, 1.19.5 is there
  notes:
    a 1 is yanked: its makers have withdrawn it; ask for another version
"""
    )


def test_another_build_of_the_same_version(capsys: pytest.CaptureFixture[str]) -> None:
    package = CondaPackage("blas", "1.0", "mkl", action="change", replaces=(Replaced("conda", "1.0"),))
    step = CondaStep("conda-packages.txt", (package,))
    show(Output(), [replace(_locked(), lockfile=replace(example(), steps=(step,)))])
    assert "    blas conda 1.0 -> 1.0, build mkl" in capsys.readouterr().out


def test_a_release_that_nobody_said_and_nothing_new(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output(), [_locked(changed=False, default_release=True)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cortexlock.cpu.yaml: unchanged"
    assert lines[1] == "  python predictor on cpu, Cortex 0.23.0, the newest, as nothing says another; Python 3.6.9"


def test_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output(), [replace(_locked(), lockfile=replace(example(), steps=()))])
    assert capsys.readouterr().out.splitlines()[2:] == ["  nothing to do on top of the image"]


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output(quiet=True), [_locked()])
    assert capsys.readouterr().out == ""


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output(as_json=True, quiet=True), [_locked()])
    found = json.loads(capsys.readouterr().out)["lockfiles"][0]
    assert found["file"] == "cortexlock.cpu.yaml"
    assert found["steps"][2] == {"step": "pip", "add": 1, "change": 1, "keep": 0}
    assert found["changes"] == [
        {"name": "numpy", "version": "1.19.5", "replaces": "1.18.2", "by": ["1", "requirements.txt"]}
    ]
    assert found["conflicts"][0]["found"] == "1.19.5"
    assert "/project" not in json.dumps(found)


def test_a_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(Output(color=False), [_locked()])
    text = capsys.readouterr().out
    assert "\x1b" not in text
    rows = [line.split() for line in text.splitlines()]
    assert ["step", "add", "change", "keep"] in rows
    assert ["conda", "1", "0", "1"] in rows


def test_conflicts() -> None:
    assert describe(Conflict("a", "1", "b>2", "")) == "a 1 requires b>2, it is not there"
    assert describe(Conflict("a", "1", "b>2", "1")) == "a 1 requires b>2, 1 is there"
    text = "a 1 requires b>2, 1 is there (it does not hold in the image either)"
    assert describe(Conflict("a", "1", "b>2", "1", already=True)) == text


def test_another_python_is_said_loudly(capsys: pytest.CaptureFixture[str]) -> None:
    one = replace(_locked(notes=(Yanked("a", "1"),)), replaced_python="3.5.2")
    show(Output(), [one])
    text = capsys.readouterr().out
    assert "  WARNING: conda replaces Python 3.5.2 with 3.6.9; what the image has for pip is lost" in text
    show(Output(as_json=True), [one, _locked()])
    documents = json.loads(capsys.readouterr().out)["lockfiles"]
    assert [document["replaced-python"] for document in documents] == ["3.5.2", None]
