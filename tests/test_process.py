"""Programs are run to their end or ended with all that they started."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cortexlock import process
from cortexlock.process import Completed, run, stream
from tests.support.processes import is_running, wait_until

PYTHON = sys.executable
SLEEPER = "import subprocess, sys, time; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); "


class StopTestError(Exception):
    """Raised by a test in the middle of things."""


def test_output_and_return_code() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = run([PYTHON, "-c", code], env={})
    assert done == Completed(3, "out\n", "err\n")
    assert done.output == "out\nerr"


def test_paths_are_arguments_too(tmp_path: Path) -> None:
    script = tmp_path / "it's a script.py"
    script.write_text("print('ran')")
    assert run([Path(PYTHON), script], env={}).stdout == "ran\n"


def test_standard_input_is_empty_or_given() -> None:
    code = "import sys; print(repr(sys.stdin.read()))"
    assert run([PYTHON, "-c", code], env={}).stdout == "''\n"
    text = "ü" * 100_000
    assert run([PYTHON, "-X", "utf8", "-c", code], env={}, text=text).stdout == f"{text!r}\n"


def test_the_environment_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "1")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    command = [PYTHON, "-I", "-c", code]
    for seen in (run(command, env={"A": "1"}).stdout, *_streamed(command, {"A": "1"})[1]):
        assert '"A": "1"' in seen
        assert "LEAK" not in seen
        assert "PATH" not in seen


def test_the_working_directory(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd())"
    assert run([PYTHON, "-c", code], env={}, cwd=tmp_path).stdout.strip() == str(tmp_path)


def test_output_that_is_not_utf8_is_no_error() -> None:
    code = "import sys; sys.stdout.buffer.write(b'a\\xff')"
    assert run([PYTHON, "-c", code], env={}).stdout == "a\N{REPLACEMENT CHARACTER}"


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        process.run([sys.executable, "-c", "import time; time.sleep(60)"], env={}, seconds=0.1)
    assert time.monotonic() - began < 30


def test_a_signal_is_a_negative_return_code() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run([PYTHON, "-c", code], env={}).returncode == -signal.SIGKILL
    assert _streamed([PYTHON, "-c", code], {})[0] == -signal.SIGKILL


@pytest.mark.parametrize("start", [run, lambda command, env: stream(command, env=env, on_line=print)])
def test_a_program_that_is_not_there(start: Callable[..., object]) -> None:
    with pytest.raises(FileNotFoundError):
        start(["/nowhere/program"], env={})


def test_streaming_hands_over_lines_as_they_come(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = (
        "import os, sys, time\n"
        "print('one', flush=True)\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
        "print('two  ', file=sys.stderr, flush=True)\n"
        "sys.stdout.write('three\\rfour\\r\\nlast'); sys.exit(5)\n"
    )
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        gate.touch()  # the program goes on only after its first line has come

    assert stream([PYTHON, "-c", code], env={}, on_line=on_line) == 5
    assert lines == ["one", "two  ", "three", "four", "last"]


def test_what_is_left_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    code = "import subprocess; print('begun'); print(subprocess.Popen(['sleep', '600']).pid)"
    lines: list[str] = []
    assert stream([PYTHON, "-c", code], env=dict(os.environ), on_line=lines.append) == 0
    assert lines[0] == "begun"
    assert is_running(int(lines[1]))
    os.kill(int(lines[1]), signal.SIGKILL)


def test_what_is_left_and_never_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_LAST_WORDS", 0.5)
    chatter = "echo $$; while sleep 0.01; do echo word; done"
    lines: list[str] = []
    assert stream(["bash", "-c", f"bash -c '{chatter}' & exit 3"], env=dict(os.environ), on_line=lines.append) == 3
    assert wait_until(lambda: not is_running(int(lines[0])))  # it has nobody to write to


def test_a_line_without_end_comes_in_pieces() -> None:
    lines: list[str] = []
    code = stream((sys.executable, "-c", "print('x' * 3_000_000)"), env={}, on_line=lines.append)
    assert code == 0
    assert len(lines) > 1
    assert "".join(lines) == "x" * 3_000_000


def test_long_output_comes_whole() -> None:
    code = "import sys; sys.stdout.write('é' * 100_000 + '\\n' + 'x\\n' * 50_000)"
    returncode, lines = _streamed([PYTHON, "-X", "utf8", "-c", code], {})
    assert (returncode, len(lines), lines[0]) == (0, 50_001, "é" * 100_000)


@pytest.mark.parametrize("error", [KeyboardInterrupt, StopTestError])
def test_an_interruption_ends_the_whole_group(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 50)  # nothing is killed before
    pids: list[int] = []
    began: list[float] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        began.append(time.monotonic())
        raise error

    with pytest.raises(error):
        stream([PYTHON, "-c", f"{SLEEPER} time.sleep(60)"], env=dict(os.environ), on_line=on_line)
    assert time.monotonic() - began[0] < 40
    assert wait_until(lambda: not is_running(pids[0]))


def test_what_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.2)
    pids: list[int] = []
    code = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '60'])\n"  # inherits that SIGTERM is ignored
        "print(os.getpid(), flush=True); print(child.pid, flush=True); time.sleep(60)\n"
    )

    def on_line(line: str) -> None:
        pids.append(int(line))
        if len(pids) == 2:
            raise StopTestError

    with pytest.raises(StopTestError):
        stream([PYTHON, "-c", code], env=dict(os.environ), on_line=on_line)
    assert not is_running(pids[0])
    assert wait_until(lambda: not is_running(pids[1]))


def test_a_program_may_clean_up_before_it_ends(tmp_path: Path) -> None:
    code = (
        "import pathlib, signal, sys, time\n"
        f"def clean(*_): time.sleep(0.2); pathlib.Path({str(tmp_path / 'clean')!r}).touch(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, clean); print('ready', flush=True); time.sleep(60)\n"
    )

    def on_line(_: str) -> None:
        raise StopTestError

    with pytest.raises(StopTestError):
        stream([PYTHON, "-c", code], env={}, on_line=on_line)
    assert (tmp_path / "clean").exists()


def test_an_interrupt_while_running_to_the_end_ends_it(tmp_path: Path) -> None:
    """Ctrl-C goes to this process only: the program is in a session of its own."""
    note = tmp_path / "pid"
    inner = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    outer = (
        "import os, signal, sys\nfrom cortexlock.process import run\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who started the tests may ignore it
        f"run([sys.executable, '-c', {inner!r}], env=dict(os.environ))\n"
    )
    pid = os.posix_spawn(PYTHON, [PYTHON, "-c", outer], dict(os.environ))
    assert wait_until(lambda: note.exists() and note.read_text() != "")
    os.kill(pid, signal.SIGINT)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGINT
    assert not is_running(int(note.read_text()))


def test_modes_are_the_same_for_every_caller(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with process.umask(0o022):
            (tmp_path / "ours").touch()
            run(["touch", tmp_path / "child"], env=dict(os.environ))
        (tmp_path / "after").touch()
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"ours": 0o644, "child": 0o644, "after": 0o600}


def _streamed(command: list[str], env: dict[str, str]) -> tuple[int, list[str]]:
    lines: list[str] = []
    return stream(command, env=env, on_line=lines.append), lines


def test_a_lock_lasts_until_the_child_has_ended(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none

    with (tmp_path / "lock").open("w") as held, (tmp_path / "lock").open("w") as other:
        fcntl.flock(held, fcntl.LOCK_EX)
        code = f"import os; os.fstat({held.fileno()})"
        assert run([PYTHON, "-c", code], env={}, keep=[held.fileno()]).returncode == 0
        assert run([PYTHON, "-c", code], env={}).returncode == 1
        assert stream([PYTHON, "-c", code], env={}, on_line=print, keep=[held.fileno()]) == 0
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_commands_can_be_seen() -> None:
    seen: list[list[str]] = []
    with process.observed(lambda command: seen.append(list(command))):
        run([Path("/bin/true")], env={})
        stream(["/bin/true"], env={}, on_line=print)
    run(["/bin/true"], env={})
    assert seen == [["/bin/true"], ["/bin/true"]]


def test_programs_are_ended_all_at_once_from_another_thread(tmp_path: Path) -> None:
    programs = process.Programs()

    def work(number: int) -> int:
        code = f"{SLEEPER}open({str(tmp_path / str(number))!r}, 'w').close(); time.sleep(60)"
        with programs.among():
            return stream([PYTHON, "-c", code], env=dict(os.environ), on_line=children.append)

    children: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        ended = [pool.submit(work, number) for number in range(2)]
        assert wait_until(lambda: all((tmp_path / str(number)).exists() for number in range(2)))
        programs.end()
        assert [each.result(50) for each in ended] == [-signal.SIGKILL] * 2
        assert wait_until(lambda: not any(is_running(int(child)) for child in children))
        assert pool.submit(work, 2).result(50) == -signal.SIGKILL  # whoever comes later is ended, too
