"""A program of ours that another program starts, such as git: it is started warm, too."""

from __future__ import annotations

import array
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count

from tests.support.warm import request as requests

_NUMBERS = count()
_LENGTH = 8
_CLIENT = """
import array, json, os, socket, sys
asking = socket.socket(socket.AF_UNIX)
asking.connect(chr(0) + sys.argv[1])
body = json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode("utf-8", "surrogateescape")
files = array.array("i", [0, 1, 2])
asking.sendmsg([len(body).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
asking.sendall(body)
sys.exit(int(asking.recv(16) or 1))
"""


@contextmanager
def cortexlock() -> Iterator[str]:
    """Return the beginning of a command for a shell that has this process start `python -m cortexlock`.

    What is started has the arguments, environment, directory and streams of the command, which ends as it does.
    """
    if sys.platform != "linux":
        yield f"{shlex.quote(sys.executable)} -m cortexlock"
        return
    name = f"cortexlock-test-{os.getpid()}-{next(_NUMBERS)}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{name}")
        listening.listen()
        thread = threading.Thread(target=_serve, args=(listening,), daemon=True)
        thread.start()
        yield shlex.join([sys.executable, "-I", "-S", "-c", _CLIENT, name])
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listening: socket.socket) -> None:
    """Start one program after the other, as git does, until the socket is shut down."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(ConnectionError):
            connection.sendall(str(_run(connection)).encode())


def _run(connection: socket.socket) -> int:
    """Run what is asked for; return its exit code."""
    head, rights, _, _ = connection.recvmsg(_LENGTH, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    files = array.array("i")
    for _level, _kind, data in rights:
        files.frombytes(data)
    try:
        length, body = int.from_bytes(head, "big"), b""
        while len(body) < length:
            body += connection.recv(length - len(body))
        arguments, directory, environment = _read(body)
        command = [sys.executable, "-m", "cortexlock", *arguments]
        stdin, stdout, stderr = files
        ended = subprocess.run(
            command, cwd=directory, env=environment, stdin=stdin, stdout=stdout, stderr=stderr, check=False
        )
    finally:
        requests.close(files)
    return ended.returncode if ended.returncode >= 0 else 128 - ended.returncode


def _read(body: bytes) -> tuple[Sequence[str], str, dict[str, str]]:
    arguments, directory, environment = json.loads(body.decode("utf-8", "surrogateescape"))
    return arguments, directory, environment
