"""A process that has loaded what programs of ours load, and forks for each of them."""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import io
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TextIO

from cortexlock.conda import conda_lock_package
from cortexlock.conda.executable import classic_solver
from cortexlock.inputs import vendored_conda
from tests.support.warm import memory, namespaces, siblings, starts
from tests.support.warm import request as requests

_ALWAYS = (
    "multiprocessing.connection",
    "multiprocessing.context",
    "multiprocessing.popen_spawn_posix",
    "multiprocessing.resource_tracker",
    "multiprocessing.spawn",
    "cortexlock.conda.linker",
    "cortexlock.conda.executable.answers",
    "cortexlock.conda.executable.main",
)
_COMMANDS = (
    "cortexlock.cli.main",
    "cortexlock.cli.errors",
    "cortexlock.cli.check",
    "cortexlock.cli.comparison_report",
    "cortexlock.cli.install",
    "cortexlock.cli.install_report",
    "cortexlock.cli.fetch",
    "cortexlock.cli.lock",
    "cortexlock.cli.lock_projects",
    "cortexlock.cli.lock_report",
    "cortexlock.cli.progress",
    "cortexlock.cli.replay_progress",
    "cortexlock.cli.replay_words",
    "cortexlock.cli.show",
    "cortexlock.cli.show_report",
    "cortexlock.cli.verify",
    "cortexlock.lock.check",
    "cortexlock.conda.interpreter",
    "cortexlock.conda.solve",
    "cortexlock.export.export",
    "cortexlock.lock.capture",
    "cortexlock.lock.check_projects",
    "cortexlock.lock.lock",
    "cortexlock.lock.merge",
    "cortexlock.lock.platform",
    "cortexlock.lock.show",
    "cortexlock.lock.unchanged",
    "cortexlock.lockfile.validator",
    "cortexlock.pip.queries.resolve",
    "cortexlock.replay.fetch",
    "cortexlock.replay.install",
    "cortexlock.replay.steps.build",
    "cortexlock.replay.verify",
    "pypi_simple",
)
_OF_CONDA_LOCK = ("conda_lock.conda_solver", "conda_lock.models.channel", "conda_lock.virtual_package")
_ALONE = frozenset(("check", "diff", "fetch", "show", "tree", "verify", "why", "--help", "--version"))
"""Commands that start no others of ours, or seldom: such others are started as ever."""

_HIGH = 500  # where files are kept while those below are closed


def main() -> NoReturn:
    """Load the modules and serve, on the socket with the number of the second argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=int(sys.argv[2]))
    seed = sys.argv[3]
    del sys.path[0]
    for module in (*_ALWAYS, *(_COMMANDS if seed == starts.USUAL_SEED else ())):
        importlib.import_module(module)
    classic_solver.version()  # loads conda's solver
    vendored_conda.read("python")  # loads what reads conda's specifications
    _load_conda_lock()
    gc.freeze()
    gc.set_threshold(20_000)  # as in the tests
    memory.join_pages()
    os.register_at_fork(after_in_child=starts.STARTER.renew)
    connection.sendall(b"1")
    starts.STARTER.begin(os.environ)
    _serve(connection, seed, starts.STARTER.at_start)


def _load_conda_lock() -> None:
    """Load what `cortexlock.conda.condalock` loads with its first solve."""
    conda_lock_package.prepare()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in _OF_CONDA_LOCK:
            importlib.import_module(module)


def _serve(connection: socket.socket, seed: str, at_start: Mapping[str, str]) -> NoReturn:
    """Fork for each request until nobody will ask any more."""
    while True:
        received = requests.receive(connection)
        if received is None:
            os._exit(0)
        request, files = received
        if not siblings.fork():
            _become(connection, request, files, seed, at_start)
        requests.close(files)


def _become(
    connection: socket.socket,
    request: requests.Request,
    files: Sequence[int],
    seed: str,
    at_start: Mapping[str, str],
) -> NoReturn:
    """Become the process that is asked for, and run the program."""
    if os.getppid() != request.parent:
        os._exit(1)  # who asked has ended
    if request.session:
        os.setsid()
    refused = ""
    try:
        namespaces.enter(request.apart, request.before, request.environment)
    except (OSError, subprocess.CalledProcessError) as error:
        refused = f"{error}\n"
    second = _second_server(seed, at_start) if _starts_others(request) else None
    connection.sendall(f"{os.getpid()}".encode())
    connection.detach()
    _open(request, files, second[1] if second else None, seed, at_start)
    _circumstances(request)
    if refused:
        sys.stderr.write(refused)
        _end(1, second[0] if second else None)
    _end(_run(request), second[0] if second else None)


def _starts_others(request: requests.Request) -> bool:
    """Whether a program starts others of ours."""
    if request.kind == "code":
        return "resource_tracker" not in request.program
    return Path(request.program).name == "cortexlock" and _ALONE.isdisjoint(request.arguments[:1])


def _second_server(seed: str, at_start: Mapping[str, str]) -> tuple[int, int]:
    """Fork the server for what this process starts in turn, while it has one thread.

    Returns:
        The process ID of the server, and the socket to it.
    """
    ours, theirs = socket.socketpair()
    starts.STARTER.renews = None
    pid = os.fork()
    if pid:
        return pid, ours.detach()
    kept = fcntl.fcntl(theirs.detach(), fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.closerange(0, _HIGH)
    for number in range(3):
        os.open(os.devnull, os.O_RDWR)
        os.set_inheritable(number, True)  # noqa: FBT003 - as it is called
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(socket.socket(fileno=kept), seed, at_start)


def _open(
    request: requests.Request, files: Sequence[int], server: int | None, seed: str, at_start: Mapping[str, str]
) -> None:
    """Have the files that were given, with their numbers, and no others but the socket to the second server."""
    kept = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, _HIGH) for file in files]
    if server is not None:
        moved = socket.socket(fileno=fcntl.fcntl(server, fcntl.F_DUPFD_CLOEXEC, _HIGH))
        starts.STARTER.adopt(moved, seed, at_start, request.record)
        starts.STARTER.renews = lambda: _renew(seed, at_start, request.record)
        starts.install()
    os.closerange(0, _HIGH)
    for number, file in zip(request.numbers, kept, strict=True):
        os.dup2(file, number)
        os.close(file)


def _renew(seed: str, at_start: Mapping[str, str], record: str) -> None:
    """Have a server of its own in a process that a program of ours has forked: the program's forks for the program."""
    renew = starts.STARTER.renews
    server = socket.socket(fileno=_second_server(seed, at_start)[1])
    moved = socket.socket(fileno=fcntl.fcntl(server.detach(), fcntl.F_DUPFD_CLOEXEC, _HIGH))
    starts.STARTER.adopt(moved, seed, at_start, record)
    starts.STARTER.renews = renew


def _circumstances(request: requests.Request) -> None:
    """Set what a process inherits, and what Python makes of it when it starts."""
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.chdir(request.directory)
    os.umask(request.umask)
    sys.dont_write_bytecode = not request.write_bytecode
    tempfile.tempdir = None
    # The streams of before may have the same numbers: whoever lets go of them is not to close these.
    sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)  # noqa: SIM115 - for good
    sys.stdout = _output(1, sys.stdout, by_line=os.isatty(1))
    sys.stderr = _output(2, sys.stderr, by_line=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in request.ignored else usual)
    signal.pthread_sigmask(signal.SIG_SETMASK, set(request.blocked))


def _output(number: int, as_in: TextIO, *, by_line: bool) -> TextIO:
    """Return a stream on an open file, with the encoding of another."""
    binary = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    return io.TextIOWrapper(binary, encoding=as_in.encoding, errors=as_in.errors, line_buffering=by_line)


def _run(request: requests.Request) -> int:
    """Run the program; return the exit code."""
    try:
        if request.kind == "module":
            sys.argv = [request.program, *request.arguments]
            sys.path[0] = request.directory
            sys.modules.pop(request.program if request.program != "cortexlock" else "", None)
            runpy.run_module(request.program, run_name="__main__", alter_sys=True)
        elif request.kind == "script":
            sys.argv = [request.program, *request.arguments]
            sys.path[0] = str(Path(request.program).parent)
            runpy.run_path(request.program, run_name="__main__")
        else:
            sys.argv = ["-c", *request.arguments]
            sys.path[0] = ""
            module = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(request.program, "<string>", "exec"), vars(module))  # noqa: S102 - as `python -c`
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except KeyboardInterrupt:
        traceback.print_exc()
        return -signal.SIGINT
    except BaseException:  # noqa: BLE001 - as Python ends
        traceback.print_exc()
        return 1
    return 0


def _end(code: int, server: int | None) -> NoReturn:
    """End as Python does."""
    getattr(threading, "_shutdown")()  # noqa: B009 - has no public name
    getattr(atexit, "_run_exitfuncs")()  # noqa: B009 - as above
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        code = 120
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    if server is not None:
        with suppress(OSError):
            os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)
