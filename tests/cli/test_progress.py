"""Progress goes to standard error: live on a terminal, plain with --verbose, else nowhere."""

from __future__ import annotations

import sys
import threading

import pytest

from cortexlock.cli.output import Output
from cortexlock.cli.progress import progress


def _run(output: Output) -> None:
    with progress(output) as show:
        show("cpu", "resolving")
        show("cuda", "resolving")
        show("cpu", "building")
        show("", "all of it")


@pytest.mark.parametrize("output", [Output(), Output(quiet=True), Output(as_json=True)])
def test_silence(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    _run(output)
    assert capsys.readouterr() == ("", "")


def test_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    _run(Output(verbose=True, as_json=True))
    assert capsys.readouterr() == ("", "cpu: resolving\ncuda: resolving\ncpu: building\nall of it\n")


def test_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _run(Output())
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "cuda: resolving" in printed.err


def test_a_terminal_on_which_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress(Output()) as show, show.hidden():
        before = threading.active_count()
    assert capsys.readouterr() == ("", "")
    with progress(Output()) as show:
        show("cpu", "resolving")
        assert threading.active_count() == before + 1


@pytest.mark.parametrize("output", [Output(quiet=True), Output(as_json=True)])
def test_silence_on_a_terminal(
    output: Output, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _run(output)
    assert capsys.readouterr() == ("", "")
