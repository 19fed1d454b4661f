"""The error boundary: every way to fail, as a message and an exit code."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from pathlib import Path

import pytest
import typer

from cortexlock import __main__, errors
from cortexlock.cli.errors import BROKEN_PIPE, BUG, HUNG_UP, INTERRUPTED, TERMINATED, guarded, nothing_written


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.DifferenceError, 1),
        (errors.UsageError, 2),
        (errors.InputError, 3),
        (errors.NoSolutionError, 4),
        (errors.NetworkError, 5),
        (errors.IntegrityError, 6),
        (errors.StepError, 7),
    ],
)
def test_each_kind_has_its_code(
    kind: type[errors.CortexlockError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    error = kind("it is wrong\nfirst detail\nsecond detail", where="a.txt:3", hint="mend it")
    assert guarded(lambda: _raise(error), []) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "error: a.txt:3: it is wrong\n  first detail\n  second detail\n  hint: mend it\n"


def test_the_shortest_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raise(errors.UsageError("it is wrong")), []) == 2
    assert capsys.readouterr().err == "error: it is wrong\n"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.InputError("it is wrong", where="a.txt:3", hint="mend it")
    assert guarded(lambda: _raise(error), ["check", "--json"]) == 3
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out) == {
        "error": {"exit-code": 3, "id": "input", "what": "it is wrong", "where": "a.txt:3", "hint": "mend it"}
    }


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_nobody_can_read_is_said_in_part(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Beginning and end, and how much is left out; secrets are looked for in all of it before."""
    text = f"first {'x' * 5_900} https://user:{'secret' * 40}@example.org/ {'y' * 70_000} last"
    error = errors.InputError(text, where="w" * 70_000, hint="h" * 70_000)
    assert guarded(lambda: _raise(error), arguments) == 3
    said = "".join(capsys.readouterr())
    assert 20_000 < len(said) < 26_000
    assert "secret" not in said
    assert "first xxx" in said
    assert "yyy last" in said
    assert said.count("characters are left out") == 3


def test_an_argument_that_is_called_json_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raise(errors.UsageError("it is wrong")), ["check", "--", "--json"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), typer.Abort()])
def test_an_interrupt(interrupt: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raise(interrupt), []) == INTERRUPTED == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_interrupt_before_anything_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        with nothing_written():
            raise KeyboardInterrupt

    assert guarded(interrupted, ["lock"]) == INTERRUPTED
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


def test_an_interrupt_while_modules_are_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "cortexlock.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "cortexlock.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == INTERRUPTED
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


def test_a_bug_keeps_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raise(KeyError("x")), []) == BUG == 70
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "Traceback (most recent call last):"
    assert printed[-2] == "KeyError: 'x'"
    assert printed[-1] == "this is a bug in cortexlock: please report it with the lines above"


def test_a_reader_that_has_gone(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    assert guarded(lambda: _raise(BrokenPipeError()), []) == BROKEN_PIPE == 141
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), ("text", 0)])
def test_what_a_command_returns(returned: object, code: int) -> None:
    assert guarded(lambda: returned, []) == code


def test_colours_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    guarded(lambda: _raise(errors.UsageError("wrong")), [])
    assert capsys.readouterr().err == "\x1b[1;31merror:\x1b[0m wrong\n"
    guarded(lambda: _raise(errors.UsageError("wrong")), ["--no-color"])
    assert capsys.readouterr().err == "error: wrong\n"
    monkeypatch.setenv("NO_COLOR", "1")
    guarded(lambda: _raise(errors.UsageError("wrong")), [])
    assert capsys.readouterr().err == "error: wrong\n"


@pytest.mark.usefixtures("heeded_signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGHUP, HUNG_UP)])
def test_signals_end_as_ctrl_c_does(capsys: pytest.CaptureFixture[str], number: signal.Signals, code: int) -> None:
    before = signal.getsignal(number)
    cleaned = []

    def command() -> None:
        try:
            signal.raise_signal(number)
        finally:
            cleaned.append(True)

    assert guarded(command, []) == code
    assert capsys.readouterr().err == "terminated\n"
    assert cleaned
    assert signal.getsignal(number) is before


def test_what_ignores_that_the_terminal_is_closed_goes_on() -> None:
    """As `nohup` lets it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert guarded(lambda: signal.raise_signal(signal.SIGHUP), []) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_command_that_says_that_it_was_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: INTERRUPTED, []) == INTERRUPTED
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(("number", "code"), [(errno.EACCES, 2), (errno.ELOOP, 2), (errno.ENOSPC, 7), (errno.EIO, 7)])
def test_what_the_system_says_of_a_file_is_no_bug(number: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Any directory of a prefix, cache or project may be somebody else's."""
    assert guarded(lambda: _raise(OSError(number, "Not so", "/prefix/bin/python")), []) == code
    printed = capsys.readouterr().err
    assert printed.startswith("error: /prefix/bin/python: the system refuses it: Not so\n")
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.EFBIG, "Too large"), "a file cannot be written: Too large"),
        (OSError(errno.ENOENT, "No usable temporary directory found in ['/a']"), "there is no directory that temp"),
    ],
)
def test_there_is_no_room_and_the_system_says_no_file(
    error: OSError, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bound of the shell (`ulimit -f`), a full disk: of a write, not of a file that is opened."""
    assert guarded(lambda: _raise(error), []) == 7
    assert capsys.readouterr().err.startswith(f"error: {message}")


@pytest.mark.skipif(os.name == "nt", reason="a directory that a process works in cannot be removed there")
def test_a_working_directory_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert guarded(Path.cwd, []) == 2
    assert capsys.readouterr().err.startswith("error: the working directory is not there any more\n")


@pytest.mark.parametrize(
    "error", [OSError(errno.EACCES, "Not so"), OSError(errno.ENOENT, "Not there", "/a"), OSError()]
)
def test_any_other_error_of_the_system_is_a_bug(error: OSError, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: _raise(error), []) == BUG
    assert "Traceback" in capsys.readouterr().err
