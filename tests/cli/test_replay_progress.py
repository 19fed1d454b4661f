"""What a replay shows: everything with --verbose, bars on a terminal, what stays elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cortexlock.cli.output import Output
from cortexlock.cli.replay_progress import replay_progress
from cortexlock.model.replay import ReplayEvent

if TYPE_CHECKING:
    import pytest

_EVENTS = (
    ReplayEvent("fetch", "fetching artifacts", 0, 4 << 20),
    ReplayEvent("fetch", "a[b].whl", 1 << 20, 4 << 20, "file"),
    ReplayEvent("fetch", "a[b].whl", 4 << 20, 4 << 20, "file"),
    ReplayEvent("fetch", "1 files are there", kind="milestone"),
    ReplayEvent("run", "bash -e script.sh", kind="command"),
    ReplayEvent("script", "hello", kind="output"),
    ReplayEvent("pip", "compiling", kind="output"),
    ReplayEvent("pip", "installed 1 distributions", 1, 1, "milestone"),
)


def _run(output: Output) -> None:
    with replay_progress(output) as show:
        for event in _EVENTS:
            show(event)


def test_what_stays_and_the_output_of_the_script_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    _run(Output())
    said = "fetch: 1 files are there\nscript: hello\npip: installed 1 distributions (1 of 1)\n"
    assert capsys.readouterr() == ("", said)


def test_quiet_is_quiet_and_json_has_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    _run(Output(quiet=True))
    assert capsys.readouterr() == ("", "")
    _run(Output(as_json=True))
    assert capsys.readouterr() == ("", "script: hello\n")


def test_verbose_has_commands_and_the_output_of_builds(capsys: pytest.CaptureFixture[str]) -> None:
    _run(Output(verbose=True))
    assert capsys.readouterr().err.splitlines() == [
        "fetch: fetching artifacts (0.0 of 4.0 MiB)",
        "fetch: a[b].whl (4.0 of 4.0 MiB)",
        "fetch: 1 files are there",
        "run: bash -e script.sh",
        "script: hello",
        "pip: compiling",
        "pip: installed 1 distributions (1 of 1)",
    ]


def test_on_a_terminal_what_stays_is_above_the_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _run(Output())
    printed = capsys.readouterr()
    assert printed.out == ""
    for text in ("script: hello", "fetch: 1 files are there", "installed 1 distributions"):
        assert text in printed.err
    assert "compiling" not in printed.err
    assert "bash -e" not in printed.err
