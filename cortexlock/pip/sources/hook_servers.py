"""Processes that have loaded a build backend, of which each hook gets one of its own by a fork.

A hook is to run in a fresh process (PEP 517). One that starts anew imports setuptools each time, which takes longer
than what a hook then does for most sdists: half a second under Python 3.6, twice for each. A fork is as fresh: nothing
that a hook does is seen by another one. All processes of a command have the same ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, wait
from concurrent.futures import Future as Waiting
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

from cortexlock import common_place, process
from cortexlock.pip.sources import hook_server
from cortexlock.storage.whole_directory import exclusive

if TYPE_CHECKING:
    from typing_extensions import Self

_CAN_FORK = sys.platform != "win32"

_SOCKET = "hooks"
"""The name of a server's socket in its directory."""

_GRACE = 2.0
"""Seconds that the end waits for hooks, which are ended."""


class HookServers:
    """Runs hooks; a context that ends those which it runs. Any thread can use it."""

    def __init__(self, place: Path | None = None) -> None:
        """Begin with none.

        Args:
            place: The directory of a `CommonPlace`: what is started for one process of the command serves all of them,
                and ends with the command; None: it ends with the context.
        """
        self._stack = ExitStack()
        self._place = place
        self._output = TemporaryDirectory(prefix="cortexlock-hooks-", ignore_cleanup_errors=True)
        self._programs = process.Programs()
        self._numbers = count(1)
        self._running: dict[socket.socket, Waiting[None]] = {}
        self._known_servers: dict[Path, bool] = {}
        self._lock = Lock()
        self._is_over = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End all hooks."""
        with self._lock:
            self._is_over = True
            running = dict(self._running)
        self._programs.end()
        for connection in running:
            with suppress(OSError):  # it has ended
                connection.shutdown(socket.SHUT_WR)  # the hook is ended, and what answers tells so by its own end
        wait(running.values(), timeout=_GRACE)
        self._stack.close()
        self._output.cleanup()

    @property
    def place(self) -> Path:
        """Where processes that share them can have more in common: a directory that ends with them."""
        with self._lock:
            if self._place is None:
                own = common_place.CommonPlace("cortexlock-builds-")
                self._stack.callback(own.close)
                self._place = own.directory
            return self._place

    def begin(self, python: str, backend: str, *, env: Mapping[str, str]) -> None:
        """Have a Python load a backend for hooks to come, if that can be done here.

        Raises:
            CancelledError: The context has ended.
        """
        if _CAN_FORK:
            self._server(python, backend, env)

    def run(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None, backend: str
    ) -> process.Completed | None:
        """Run a script of a Python in a process that has loaded a backend.

        Args:
            command: The Python, the script and its arguments.
            env: The whole environment.
            cwd: The working directory.
            backend: The module of the backend.

        Returns:
            What it printed, both streams in one; None: it cannot be done here, and a program is to be started.

        Raises:
            CancelledError: The context has ended.
        """
        if not _CAN_FORK:
            return None
        python, *arguments = command
        server = self._server(python, backend, env)
        output = Path(self._output.name, f"{next(self._numbers)}.txt")
        request = {"arguments": arguments, "environment": dict(env), "directory": str(cwd or Path.cwd())}
        answer = self._answer(server, json.dumps({**request, "output": str(output)})) if server else ""
        if self._is_over:
            raise CancelledError
        if not answer.strip().isdecimal():
            return None
        return process.Completed(int(answer), output.read_text(encoding="utf-8", errors="replace"), "")

    def _answer(self, server: Path, request: str) -> str:
        """Return what a server answers, empty if it has ended."""
        with socket.socket(socket.AF_UNIX) as connection, self._known(connection), suppress(OSError):
            with _short(server) as path:
                connection.connect(path)
            connection.sendall(f"{request}\n".encode())
            with connection.makefile("r", encoding="ascii") as lines:
                return lines.readline()
        return ""

    @contextmanager
    def _known(self, connection: socket.socket) -> Iterator[None]:
        """Let the end of the context know of a connection."""
        waiting: Waiting[None] = Waiting()
        with self._lock:
            if self._is_over:
                raise CancelledError
            self._running[connection] = waiting
        try:
            yield
        finally:
            with self._lock:
                del self._running[connection]
            waiting.set_result(None)

    def _server(self, python: str, backend: str, env: Mapping[str, str]) -> Path | None:
        """Return the socket of a server, which is started unless it was before; None: it cannot be."""
        place = self.place
        name = hashlib.sha256(f"{python}\0{backend}".encode()).hexdigest()[:16]
        directory = place / "hooks" / name
        if self._is_over:
            raise CancelledError
        if directory not in self._known_servers:
            with exclusive(directory), self._programs.among():
                self._known_servers[directory] = _start(directory, place, (python, backend), env)
        return directory / _SOCKET if self._known_servers[directory] else None


def _start(directory: Path, place: Path, what: tuple[str, str], env: Mapping[str, str]) -> bool:
    """Start a server of a Python and a backend, unless another process has; tell whether there is one."""
    if (directory / _SOCKET).is_socket():
        return True
    directory.mkdir(exist_ok=True)
    python, backend = what
    command: list[str | Path] = [python, "-B", hook_server.__file__, common_place.alive(place), backend]
    try:
        return process.run(command, env=env, cwd=directory).returncode == 0
    except OSError:  # the Python does not start: who starts a program says so
        return False


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Yield a path of a socket that is short enough for its address, 107 bytes, wherever it is."""
    if not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)
