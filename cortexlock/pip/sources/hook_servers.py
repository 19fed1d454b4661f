"""Processes that have loaded a build backend, of which each hook gets one of its own by a fork.

A hook is to run in a fresh process (PEP 517). One that starts anew imports setuptools each time, which takes longer
than what a hook then does for most sdists: half a second under Python 3.6, twice for each. A fork is as fresh: nothing
that a hook does is seen by another one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import TYPE_CHECKING

from cortexlock import process
from cortexlock.pip.sources import hook_server

if TYPE_CHECKING:
    from typing_extensions import Self

_CAN_FORK = hasattr(os, "fork") and hasattr(os, "mkfifo")  # all but Windows

_GRACE = 2.0
"""Seconds that the end waits for a process that was ended."""


class HookServers:
    """Runs hooks; a context that ends all processes which it has started. Any thread can use it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._programs = process.Programs()
        self._servers: dict[tuple[str, str], _Server] = {}
        self._lock = Lock()
        self._is_over = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """End all."""
        with self._lock:
            self._is_over = True
            servers = tuple(self._servers.values())
        self._programs.end()
        for server in servers:
            server.close()

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
        done = self._server(python, backend, env).run(arguments, env=env, cwd=cwd or Path.cwd())
        if self._is_over:
            raise CancelledError
        return done

    def _server(self, python: str, backend: str, env: Mapping[str, str]) -> _Server:
        with self._lock:
            if self._is_over:
                raise CancelledError
            key = python, backend
            if key not in self._servers:
                self._servers[key] = _Server(python, backend, env, self._programs)
            return self._servers[key]


class _Server:
    """One process, with one backend."""

    def __init__(self, python: str, backend: str, env: Mapping[str, str], programs: process.Programs) -> None:
        self._directory = TemporaryDirectory(prefix="cortexlock-hooks-", ignore_cleanup_errors=True)
        self._place = Path(self._directory.name)
        fifo = self._place / "requests"
        os.mkfifo(fifo)
        # For reading, too: to open it does not wait for the server then. When it is closed, the server ends.
        self._requests = os.open(fifo, os.O_RDWR)
        self._answers: dict[int, Future[int | None]] = {}
        self._numbers = count(1)
        self._lock = Lock()
        self._is_over = False
        command = [python, "-B", hook_server.__file__, str(fifo), backend]
        self._thread = Thread(target=self._serve, args=(command, dict(env), programs), name="hooks", daemon=True)
        self._thread.start()

    def run(self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> process.Completed | None:
        """Run a script; None: the server has ended."""
        number, answer = next(self._numbers), Future[int | None]()
        output = self._place / f"{number}.txt"
        request = {"arguments": list(arguments), "environment": dict(env), "directory": str(cwd), "output": str(output)}
        (self._place / f"{number}.json").write_text(json.dumps(request), encoding="utf-8")
        with self._lock:
            if self._is_over:
                return None
            self._answers[number] = answer
            os.write(self._requests, b"%d\n" % number)
        code = answer.result()
        if code is None:
            return None
        return process.Completed(code, output.read_text(encoding="utf-8", errors="replace"), "")

    def close(self) -> None:
        """Wait for the end of the process, which was ended, and remove what was written."""
        with self._lock:
            if self._requests >= 0:
                os.close(self._requests)
            self._requests, self._is_over = -1, True
        self._thread.join(_GRACE)
        self._directory.cleanup()

    def _serve(self, command: Sequence[str], env: Mapping[str, str], programs: process.Programs) -> None:
        try:
            with programs.among():
                process.stream(command, env=env, on_line=self._answer, cwd=self._place)
        except OSError:  # the Python does not start: who starts a program says so
            pass
        finally:
            with self._lock:
                self._is_over = True
                waiting = tuple(self._answers.values())
            for answer in waiting:
                if not answer.done():
                    answer.set_result(None)

    def _answer(self, line: str) -> None:
        """Take a line of the server's output: an answer, or what its backend prints when it is loaded."""
        number, _, code = line.partition(" ")
        answer = self._answers.get(int(number)) if number.isdecimal() and code.isdecimal() else None
        if answer is not None and not answer.done():
            answer.set_result(int(code))
