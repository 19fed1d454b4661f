"""The only module that starts programs: a command to its end, a command with its output as it comes.

Commands are argument lists, never shell text. The environment is always given whole by the caller, so that nothing of
the user's leaks into a resolution or a replay that did not ask for it.
"""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TypeAlias

_GRACE = 5.0  # seconds between the request to end and the kill
_LOOK_EVERY = 0.1  # seconds between two looks whether a program that says nothing has ended
_SILENCE = 1.0  # seconds without output after which what an ended program left is taken to say nothing more
_LAST_WORDS = 5.0  # seconds for which it is listened to at most
_PIECE = 1 << 16
_LONGEST_LINE = 1 << 20  # characters that are handed over without a line end
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has no SIGKILL, and its SIGTERM kills


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended: its return code (negative: the signal that ended it) and what it printed."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Standard output, then standard error, without surrounding white space."""
        return "\n".join(part for part in (self.stdout.strip(), self.stderr.strip()) if part)


def run(  # noqa: PLR0913 - what Popen is told, and for how long
    command: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    text: str | None = None,
    keep: Sequence[int] = (),
    seconds: float | None = None,
) -> Completed:
    """Run a program to its end and return what it printed; a return code other than 0 is the caller's to judge.

    Args:
        command: The program and its arguments.
        env: The whole environment of the program.
        cwd: Its working directory; the current one by default.
        text: What it reads on standard input, nothing by default.
        keep: File descriptors that stay open in it: a lock on one of them lasts until both have ended.
        seconds: How long it may take; None: as long as it likes.

    Raises:
        TimeoutError: It took longer, and was ended.
        OSError: The program cannot be started.
    """
    with _started(command, env=env, cwd=cwd, stderr=subprocess.PIPE, reads=text is not None, keep=keep) as process:
        try:
            stdout, stderr = process.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
    return Completed(process.returncode, stdout, stderr)


def stream(
    command: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    cwd: Path | None = None,
    keep: Sequence[int] = (),
) -> int:
    """Run a program and hand over each line of its output, standard error included, as it comes.

    What it leaves running in the background is not waited for, though it may have inherited its output.

    Args:
        command: The program and its arguments.
        env: The whole environment of the program.
        on_line: Called with each line, without its line end.
        cwd: Its working directory; the current one by default.
        keep: As for `run`.

    Returns:
        The return code, negative if a signal ended the program.

    Raises:
        OSError: The program cannot be started.
    """
    with _started(command, env=env, cwd=cwd, stderr=subprocess.STDOUT, reads=False, keep=keep) as process:
        if process.stdout is None:  # pragma: no cover - asked for above
            raise AssertionError
        if os.name == "nt":  # pragma: no cover - Windows cannot wait for a pipe and for a time
            for line in process.stdout:
                on_line(line.rstrip("\r\n"))
        else:
            decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
            rest = ""
            for piece in chain(_pieces(process, process.stdout.fileno()), (b"",)):
                *lines, rest = f"{rest}{decoder.decode(piece, final=not piece)}".split("\n")
                for line in lines:
                    on_line(line)
                if len(rest) > _LONGEST_LINE:
                    on_line(rest)
                    rest = ""
            if rest:
                on_line(rest)
        return process.wait()


Observer: TypeAlias = Callable[[Sequence[str]], None]
"""Told each command before it is started."""

_OBSERVER: ContextVar[Observer | None] = ContextVar("_OBSERVER", default=None)


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Let somebody see the commands that the block runs in this thread. Credentials are in none: see `pip.git`."""
    token = _OBSERVER.set(observer)
    try:
        yield
    finally:
        _OBSERVER.reset(token)


class Programs:
    """Programs that can be ended all at once, from any thread: those that threads have started `among` them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._running: set[subprocess.Popen[str]] = set()
        self._is_over = False
        self._lock = Lock()

    @contextmanager
    def among(self) -> Iterator[None]:
        """Let what the block starts in this thread be one of them."""
        token = _PROGRAMS.set(self)
        try:
            yield
        finally:
            _PROGRAMS.reset(token)

    def end(self) -> None:
        """End all of them, with what they have started, and whichever comes later."""
        with self._lock:
            self._is_over = True
            running = tuple(self._running)
        for process in running:
            if process.returncode is None:
                _signal(process, _KILL)

    @contextmanager
    def running(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """Let a program that was started be one of them for as long as the block lasts."""
        with self._lock:
            self._running.add(process)
            is_over = self._is_over
        if is_over:
            _signal(process, _KILL)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(process)


_PROGRAMS: ContextVar[Programs | None] = ContextVar("_PROGRAMS", default=None)


_ENDS: ContextVar[list[BaseException] | None] = ContextVar("_ENDS", default=None)


def end_caller(error: BaseException) -> None:
    """Raise an error out of the handler of a signal; where a program is being started, as soon as it can be ended, too.

    Raises:
        BaseException: The error.
    """
    ends = _ENDS.get()
    if ends is None:
        raise error
    ends.append(error)


@contextmanager
def _known_before_the_end() -> Iterator[list[BaseException]]:
    """Collect the errors of `end_caller` while a program is started: it is there before anybody here knows of it."""
    ends: list[BaseException] = []
    token = _ENDS.set(ends)
    try:
        yield ends
    finally:
        _ENDS.reset(token)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Let what this process and the programs that it starts write in the block have modes that no caller changes.

    Args:
        mask: Bits of permission that new files and directories do not get.
    """
    earlier = os.umask(mask)
    try:
        yield
    finally:
        os.umask(earlier)


def _pieces(process: subprocess.Popen[str], descriptor: int) -> Iterator[bytes]:
    """Yield a program's output to its end, or until it has ended itself and what it left says nothing for a moment."""
    until = None
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while until is None or time.monotonic() < until:
            if until is None and process.poll() is not None:
                until = time.monotonic() + _LAST_WORDS
            if selector.select(_LOOK_EVERY if until is None else _SILENCE):
                piece = os.read(descriptor, _PIECE)
                if not piece:
                    return
                yield piece
            elif until is not None:
                return


@contextmanager
def _started(  # noqa: PLR0913 - what Popen is told
    command: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    stderr: int,
    reads: bool,
    keep: Sequence[int] = (),
) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a session of its own; whatever ends the caller ends the whole session."""
    arguments = [os.fspath(part) for part in command]
    observer = _OBSERVER.get()
    if observer is not None:
        observer(arguments)
    with _known_before_the_end() as ends:
        process = subprocess.Popen(
            arguments,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            pass_fds=keep,
        )
    if ends:
        _end(process)
        raise ends[0]
    programs = _PROGRAMS.get()
    # The pipes are closed, and the program is waited for.
    with nullcontext() if programs is None else programs.running(process), process:
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End a program and what it started in its session: ask first, then kill what is left."""
    _signal(process, signal.SIGTERM)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal(process, _KILL)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (AttributeError, OSError):  # no process groups on Windows; or all of them have ended
        process.send_signal(number)
