"""Runs hooks of build backends, each in a process forked from this one, which has loaded their backend.

A script for the interpreter that builds: it needs no more than the standard library of Python 3.6. It listens at the
socket `hooks` of its working directory, and whoever has started it need not wait: it goes on in the background. Who
connects sends a line of JSON, which says what to run, with which arguments, variables and working directory, and where
its output goes; the answer is a line with the exit code. Who ends the connection sooner ends the hook, with what that
has started.

It ends once nobody holds a lock on the file ALIVE any more; until then it has one on the file `running` beside that.

    hook_server.py ALIVE BACKEND
"""

import atexit
import fcntl
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

_SETUPTOOLS = "setuptools.build_meta"
_COMMANDS = ("setuptools.command.egg_info", "setuptools.command.dist_info", "wheel.bdist_wheel")
"""What setuptools loads for each hook that tells metadata, whatever a `setup.py` says: 0.1 s under Python 3.6."""

_GRACE = 2.0
_LOOK_EVERY = 0.005
_WAITING = 64


def main() -> None:
    """Load a backend, and fork for each hook; only what is to run one returns."""
    alive, backend = sys.argv[1:]
    del sys.path[0]  # where this file is: no place for a backend to find modules in
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("hooks")
    listener.listen(_WAITING)
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    server = os.fork()
    if server:
        listener.close()
        _watch(Path(alive), server)
    import_module(backend)
    for module in _COMMANDS if backend == _SETUPTOOLS else ():
        with suppress(Exception):  # another version of setuptools; or a hook comes to it, and says so
            import_module(module)
    sys.stdout.flush()  # what it has printed is none of what hooks print
    signal.signal(signal.SIGTERM, _end)
    while True:
        connection, _ = listener.accept()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # those that have ended
                pass
        if not os.fork():
            listener.close()
            _supervise(connection)
            return
        connection.close()


def _watch(alive: Path, server: int) -> None:
    """Wait for the end of the command, and end all."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(OSError):  # they are gone already
        fcntl.lockf(os.open(str(alive.with_name("running")), os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_SH)
        fcntl.lockf(os.open(str(alive), os.O_RDWR), fcntl.LOCK_SH)
    os.killpg(0, signal.SIGTERM)
    until = time.monotonic() + _GRACE
    with suppress(ChildProcessError):
        while not os.waitpid(server, os.WNOHANG)[0] and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
    os.killpg(0, signal.SIGKILL)


def _end(_number: int, _frame: object) -> None:
    """Wait until each hook is ended, by who has started it, and end."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    os._exit(0)


def _supervise(connection: socket.socket) -> None:
    """Fork once more; here, say how that ended, or end it, and end; there, become the program that is to run."""
    wake, woken = os.pipe()
    for end in (wake, woken):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(woken)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _pass)
    with connection.makefile("r", encoding="utf-8") as lines:
        request = lines.readline()
    hook = os.fork() if request else os._exit(0)
    if hook:
        _accompany(connection, wake, hook)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    for descriptor in (wake, woken, connection.detach()):
        os.close(descriptor)
    _become(**json.loads(request))


def _accompany(connection: socket.socket, wake: int, hook: int) -> None:
    with suppress(OSError):  # as the hook does itself: whoever is first
        os.setpgid(hook, hook)
    done = status = 0
    while not done:
        ready = select.select([connection.fileno(), wake], [], [])[0]
        said = os.read(wake, 1 << 10) if wake in ready else b""
        done, status = os.waitpid(hook, os.WNOHANG)
        if connection.fileno() in ready or signal.SIGTERM in said:
            break
    with suppress(OSError):  # nobody of them is left
        os.killpg(hook, signal.SIGKILL)
    if done:
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        with suppress(OSError):  # nobody wants to know any more
            connection.sendall(b"%d\n" % code)
    else:
        os.waitpid(hook, 0)
    os._exit(0)


def _pass(_number: int, _frame: object) -> None:
    """Take no notice: `set_wakeup_fd` tells."""


def _become(arguments: "list[str]", environment: "dict[str, str]", directory: str, output: str) -> None:
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    tempfile.tempdir = None  # another one than when the backend was loaded
    sys.argv[:] = arguments


def _finish() -> None:
    """End the process of a hook without taking all apart that the backend has loaded, which takes 0.1 s."""
    if threading.active_count() == 1:  # the interpreter waits for others
        atexit._run_exitfuncs()  # noqa: SLF001 - nobody else calls them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
    runpy.run_path(sys.argv[0], run_name="__main__")
    _finish()
