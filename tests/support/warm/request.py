"""What a process is to be like, as one message: JSON, with the open files that go with it."""

from __future__ import annotations

import array
import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_LENGTH = 8
_MOST_FILES = 64
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A Python program, and the circumstances that a process inherits.

    Attributes:
        kind: `module`, `script` or `code`: what `program` is.
        program: The name of a module, the path of a script, or code.
        arguments: What follows it.
        environment: All variables.
        directory: The working directory.
        numbers: The numbers that the files of the message get, in their order.
        parent: The process that is to be the parent.
        session: Whether the process begins a session.
        umask: As the parent has it.
        ignored: Signals that the parent ignores.
        blocked: Signals that its thread blocks.
        record: See `starts.Starter`.
        write_bytecode: Whether modules that are imported are written as byte code.
        apart: Options of `unshare`, where it is to be apart from the rest of the machine.
        before: What a shell does there before.
    """

    kind: str
    program: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: str
    numbers: Sequence[int]
    parent: int
    session: bool
    umask: int
    ignored: Sequence[int]
    blocked: Sequence[int]
    record: str
    write_bytecode: bool
    apart: Sequence[str]
    before: str


def ignored() -> list[int]:
    """Return the signals that this process ignores, of those that end programs."""
    return [int(number) for number in _SIGNALS if signal.getsignal(number) == signal.SIG_IGN]


def umask() -> int:
    """Return this process's umask without changing it, as other threads may write files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith("Umask:")).split()[1], 8)


def send(connection: socket.socket, request: Request, files: Sequence[int]) -> None:
    """Send a request with its open files."""
    body = json.dumps(asdict(request)).encode("utf-8", "surrogateescape")
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    connection.sendmsg([len(body).to_bytes(_LENGTH, "big")], rights)
    connection.sendall(body)


def receive(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Receive a request with its open files; None: nobody will ask any more."""
    size = array.array("i").itemsize
    head, rights, _, _ = connection.recvmsg(_LENGTH, socket.CMSG_SPACE(_MOST_FILES * size))
    if not head:
        return None
    files = array.array("i")
    for _level, _kind, data in rights:
        files.frombytes(data[: len(data) - len(data) % size])
    length, body = int.from_bytes(head, "big"), b""
    while len(body) < length:
        piece = connection.recv(length - len(body))
        if not piece:
            return None
        body += piece
    return Request(**json.loads(body.decode("utf-8", "surrogateescape"))), list(files)


def close(files: Sequence[int]) -> None:
    """Close open files."""
    for file in files:
        os.close(file)
