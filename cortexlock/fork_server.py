"""A process that has imported what workers need, and forks for each of them: they begin at once, and share memory.

It has one thread, opens no project and knows no credential but those of the environment, so that each worker is as
fresh as a process that starts anew. When who asks it has ended, however that came, it ends its workers and itself.
Linux alone: elsewhere, libraries of the system forbid that a process goes on after a fork.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock
from typing import NoReturn

from cortexlock import worker

_FORK, _EXIT_CODE, _PREPARE = b"F", b"E", b"P"
_LARGEST = 1 << 16
"""Bytes of a request: that to prepare has the name of a function."""

_NUMBER = 8
"""Bytes of an answer, and of the number of a process."""

_GRACE = 10.0
"""Seconds that workers have to end what they have started."""


class ForkServerError(RuntimeError):
    """The server has ended."""


class ForkServer:
    """The server as those see it who ask; from any thread."""

    def __init__(self, asking: socket.socket) -> None:
        """Ask over a socket whose other end is that of `serve`."""
        self._asking = asking
        self._lock = Lock()

    def prepare(self, function: Callable[[], object]) -> None:
        """Have the server call a function of a module, which imports what workers need; nobody waits for it."""
        with self._lock, suppress(OSError):
            self._asking.send(_PREPARE + pickle.dumps(function))

    def fork(self, channel: Connection) -> int:
        """Fork a worker, which receives the arguments of `worker.work` from its end of a channel.

        Returns:
            The number of the process.

        Raises:
            ForkServerError: The server has ended.
        """
        with self._lock:
            with suppress(OSError):
                socket.send_fds(self._asking, [_FORK], [channel.fileno()])
            return self._answer()

    def exit_code(self, pid: int) -> int | None:
        """Return the exit code of a worker that has ended, negative if a signal ended it; None: nobody knows."""
        with self._lock, suppress(ForkServerError, OSError):
            self._asking.send(_EXIT_CODE + pid.to_bytes(_NUMBER, "big"))
            return self._answer()
        return None

    def close(self) -> None:
        """Have the server end its workers, and itself."""
        with suppress(OSError):  # it has ended
            self._asking.shutdown(socket.SHUT_RDWR)  # also where a copy of this process has the socket open
        self._asking.close()

    def _answer(self) -> int:
        with suppress(OSError):
            answer = self._asking.recv(_NUMBER)
            if answer:
                return int.from_bytes(answer, "big", signed=True)
        raise ForkServerError("the process that forks workers has ended")


def pair() -> tuple[socket.socket, socket.socket]:
    """Return a socket for `ForkServer` and one for `serve`: what is sent in one piece arrives in one."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def serve(asked: socket.socket, env: Mapping[str, str], log: str) -> None:
    """Do what is asked for until nobody can ask any more; then end the workers that are left."""
    worker.heed_ends()
    signal.signal(signal.SIGHUP, _pass)  # a terminal that is closed tells who asks; programs find the default
    worker.be_as_told(dict(env), log)
    workers, own = _Workers(), os.getpid()
    try:
        while True:
            request, files, _, _ = socket.recv_fds(asked, _LARGEST, 1)
            if not request:
                return
            kind, rest = request[:1], request[1:]
            if kind == _PREPARE:
                with suppress(Exception):  # a worker that needs it says what the matter is
                    pickle.loads(rest)()  # noqa: S301 - of the process that has started this one
                gc.freeze()  # what is there stays for good: no worker looks for garbage in it
                continue
            answer = workers.fork(asked, files[0]) if kind == _FORK else workers.exit_code(int.from_bytes(rest, "big"))
            asked.send(answer.to_bytes(_NUMBER, "big", signed=True))
    except OSError:  # who asked has ended while it was answered
        return
    finally:
        if os.getpid() != own:  # a worker, which was ended where it could least be
            os._exit(1)
        workers.end()


def serve_as_copy(asked: socket.socket, env: Mapping[str, str], log: str, asking: socket.socket) -> None:
    """Serve as a copy of the process that asks, made by a fork while it had one thread: what it has loaded is there.

    An interpreter that starts, and loads that anew, takes a quarter of a second.
    """
    asking.close()  # or the end of who asks would go unnoticed
    # Whatever stands in their place is that of who asks.
    sys.stdout, sys.stderr = (open(number, "w", 1, encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115 - descriptors, which stay open
    serve(asked, env, log)


class _Workers:
    """The processes that were forked: those that run, and the exit codes of the others."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        self._codes: dict[int, int] = {}

    def fork(self, asked: socket.socket, channel: int) -> int:
        self._reap()
        pid = os.fork()
        if not pid:
            _become(asked, channel)
        os.close(channel)
        self._running.add(pid)
        return pid

    def exit_code(self, pid: int) -> int:
        if pid in self._running:
            self._note(*os.waitpid(pid, 0))
        return self._codes.pop(pid)

    def end(self) -> None:
        """End all of them, with what they have started."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        self._signal(signal.SIGTERM)
        until = time.monotonic() + _GRACE
        while self._reap() and (left := until - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._running:
            os.kill(pid, number)  # it is there, dead or alive, until it is waited for

    def _reap(self) -> bool:
        """Let processes go that have ended; whether there are others."""
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return True
            self._note(pid, status)
        return False

    def _note(self, pid: int, status: int) -> None:
        self._running.discard(pid)
        self._codes[pid] = os.waitstatus_to_exitcode(status)


def _become(asked: socket.socket, descriptor: int) -> NoReturn:
    """Be a worker: nothing of the server's is left to do, neither now nor at the end."""
    code = 1
    try:
        asked.close()
        channel = Connection(descriptor)
        worker.work(channel, *channel.recv())
        code = 0
    except SystemExit as ended:  # it was ended before it knew what to do, or after it had done it
        code = ended.code if isinstance(ended.code, int) else 1
    except EOFError:  # who asked has ended
        pass
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _pass(_number: int, _frame: object) -> None:
    """Take no notice."""
