"""How programs are started where the tests run: those of ours by a warm server, all others as ever."""

from __future__ import annotations

import inspect
import multiprocessing.util
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from tests.support.warm import namespaces, siblings
from tests.support.warm import request as requests

_ROOT = Path(__file__).parents[3]
_SCRIPTS = tuple(str(Path(sysconfig.get_path("scripts"), name)) for name in ("cortexlock", "cortexlock-conda"))
_SPAWN = ("from multiprocessing.spawn import ", "from multiprocessing.resource_tracker import ")
_IMPORT = re.compile(r"\b(?:from|import) cortexlock\b")
USUAL_SEED = "0"
"""The seed of hashes of programs that ask for none: it is what the workers of a lock, which ask for none, need for the
programs that they start."""

_READ_AT_START = ("PYTHON", "TERMINAL_", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "LD_")
"""Beginnings of variables that a running Python does not read again."""

_READ_AT_ANY_TIME = frozenset(("PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"))
_PYTHON = sys.executable  # before a test says that it is another
_ORDINARY = subprocess.Popen
_ORDINARY_SPAWN = multiprocessing.util.spawnv_passfds


class Starter:
    """The servers of this process, one for each seed of hashes that is asked for.

    Attributes:
        on: Whether programs are started warm.
        record: A file that gets the arguments of each program that is started warm, here and by what is started so, as
            others on the machine would see them; empty: none does.
        renews: What gives a process that this one forks a server of its own; None: nothing does.
    """

    def __init__(self) -> None:
        self.on = True
        self.renews: Callable[[], None] | None = None
        self.record = ""
        self._servers: dict[str, socket.socket] = {}
        self._lock = threading.Lock()
        self._at_start: Mapping[str, str] = {}
        self._owner = os.getpid()

    def adopt(self, server: socket.socket, seed: str, at_start: Mapping[str, str], record: str) -> None:
        """Take a server that is there; after a fork, it is the only one."""
        self.record = record
        self._servers, self._lock, self._at_start = {seed: server}, threading.Lock(), at_start
        self._owner = os.getpid()

    def renew(self) -> None:
        """Take notice that this process was forked just now."""
        if self.renews is not None:
            self.renews()

    def begin(self, environment: Mapping[str, str]) -> None:
        """Say what programs find by default."""
        self._at_start = _read_at_start(environment)

    def close(self) -> None:
        """Let the servers end; what is started later has new ones."""
        with self._lock:
            servers, self._servers = self._servers, {}
        for server in servers.values():
            server.close()

    @property
    def at_start(self) -> Mapping[str, str]:
        """The variables with which the servers were started, of those that are read then only."""
        return self._at_start

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: str,
        files: Mapping[int, int],
        *,
        session: bool,
    ) -> int | None:
        """Start a command as a child of this process; return its process ID, None where it must be started as ever.

        Args:
            command: The program and its arguments.
            environment: All variables.
            directory: The working directory.
            files: The open files that it gets, by the number that they have there.
            session: Whether it begins a session.
        """
        if self._owner != os.getpid():  # a copy of the process: the server would answer the other one
            return None
        apart, before, within = namespaces.taken_apart(command)
        program = _program(within) if self.on else None
        if program is None or _read_at_start(environment) != self._at_start:
            return None
        kind, what, arguments = program
        request = requests.Request(
            kind=kind,
            program=what,
            arguments=arguments,
            environment=dict(environment),
            directory=directory,
            numbers=list(files),
            parent=os.getpid(),
            session=session,
            umask=requests.umask(),
            ignored=requests.ignored(),
            blocked=[int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
            record=self.record,
            write_bytecode="PYTHONDONTWRITEBYTECODE" not in environment and "-B" not in within[1:2],
            apart=list(apart),
            before=before,
        )
        if self.record:
            with Path(self.record).open("ab") as file:
                file.write(b"\0".join(map(os.fsencode, command)) + b"\n")
        with self._lock:
            return self._asked(request, list(files.values()), environment.get("PYTHONHASHSEED", USUAL_SEED))

    def _asked(self, request: requests.Request, files: Sequence[int], seed: str) -> int | None:
        server = self._servers.get(seed)
        if server is None:
            server = self._servers[seed] = _server(seed, self._at_start)
        requests.send(server, request, files)
        answer = server.recv(16)
        if not answer:
            raise RuntimeError("the warm server has ended")
        return int(answer)


STARTER = Starter()


class Popen(_ORDINARY):  # type: ignore[type-arg]  # of text or of bytes, as ever
    """`subprocess.Popen`, with programs of ours started warm."""

    _names: ClassVar[inspect.Signature] = inspect.signature(getattr(_ORDINARY, "_execute_child"))  # noqa: B009 - not typed

    def _execute_child(self, *given: Any) -> None:  # noqa: ANN401 - as there
        named = self._names.bind(self, *given).arguments
        if not self._is_warm(named):
            super()._execute_child(*given)  # type: ignore[misc]  # not in typeshed

    def _is_warm(self, named: Mapping[str, Any]) -> bool:
        """Start warm what can be; whether it was."""
        plain = ("executable", "preexec_fn", "gid", "gids", "uid")
        if named["shell"] or any(named[name] is not None for name in plain) or named["umask"] >= 0:
            return False
        if isinstance(named["args"], str | bytes | os.PathLike) or named.get("process_group", -1) not in {-1, None}:
            return False
        ends = (named["p2cread"], named["c2pwrite"], named["errwrite"])
        files = {number: number if end == -1 else end for number, end in enumerate(ends)}
        files |= {int(number): int(number) for number in named["pass_fds"]}
        environment = os.environ if named["env"] is None else named["env"]
        pid = STARTER.start(
            [os.fsdecode(part) for part in named["args"]],
            {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()},
            str(Path.cwd()) if named["cwd"] is None else os.fsdecode(named["cwd"]),
            files,
            session=named["start_new_session"],
        )
        if pid is None:
            return False
        self.pid = pid
        self._child_created = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        getattr(self, "_close_pipe_fds")(*(named[name] for name in pipes))  # noqa: B009 - not in typeshed
        return True


def _spawned(path: bytes | str, arguments: Sequence[Any], files: Sequence[int]) -> int:
    """Start a process of `multiprocessing`."""
    command = [os.fsdecode(path), *(os.fsdecode(part) for part in arguments[1:])]
    numbers = {number: number for number in (0, 1, 2, *map(int, files))}
    with suppress(FileNotFoundError):  # the directory may be gone
        pid = STARTER.start(command, os.environ, str(Path.cwd()), numbers, session=False)
        if pid is not None:
            return pid
    return int(_ORDINARY_SPAWN(os.fsencode(path), arguments, files))


def install(environment: Mapping[str, str] | None = None) -> None:
    """From now on, start programs of ours warm in this process; where processes cannot be forked so, as ever.

    Args:
        environment: What programs find by default, where that is not the environment of this process.
    """
    if siblings.can_fork():
        if environment is not None:
            STARTER.begin(environment)
        subprocess.Popen = Popen  # type: ignore[misc]
        multiprocessing.util.spawnv_passfds = _spawned  # type: ignore[assignment]


def _program(command: Sequence[str]) -> tuple[str, str, list[str]] | None:
    """Return the kind of a program of ours, what it is, and its arguments; None: it is another."""
    if command and command[0] in _SCRIPTS:
        return "script", command[0], list(command[1:])
    if not command or command[0] != _PYTHON:
        return None
    rest = list(command[2:]) if command[1:2] == ["-B"] else list(command[1:])
    match rest:
        case ["-m", module, *arguments] if module == "cortexlock" or module.startswith("cortexlock."):
            return "module", module, arguments
        # Code that looks at what is loaded is to see it.
        case ["-c", code, *arguments] if (_IMPORT.search(code) and "sys.modules" not in code) or code.startswith(
            _SPAWN
        ):
            return "code", code, arguments
        case [script, *arguments] if script in _SCRIPTS:
            return "script", script, arguments
        case _:
            return None


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a running Python does not read again; of those for the locale, what they come to."""
    found = {
        name: value
        for name, value in environment.items()
        if name.startswith(_READ_AT_START) and name not in _READ_AT_ANY_TIME
    }
    chosen = environment.get("LC_CTYPE") or environment.get("LANG") or "C"
    coerced = "C.UTF-8" if chosen in {"C", "POSIX"} else chosen  # PEP 538, which leaves `LC_ALL` alone
    return {**found, "LC_CTYPE": environment.get("LC_ALL") or coerced}


def _server(seed: str, at_start: Mapping[str, str]) -> socket.socket:
    """Start a server that ends with this process, and wait until it is warm."""
    ours, theirs = socket.socketpair()
    path = os.environ.get("PATH", os.defpath)
    env = {"PATH": path, **at_start, "PYTHONHASHSEED": seed}
    code = "import sys; sys.path[0] = sys.argv[1]; from tests.support.warm.server import main; main()"
    with theirs:
        theirs.set_inheritable(True)
        command = [_PYTHON, "-c", code, str(_ROOT), str(theirs.fileno()), seed]
        os.posix_spawn(_PYTHON, command, env)  # nobody waits for it: it ends with this process
    if not ours.recv(1):
        raise RuntimeError("the warm server has not started")
    return ours
