"""Static files over HTTP on loopback, with a log, basic authentication, and faults made to order."""

from __future__ import annotations

import base64
import mimetypes
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self

FaultKind = Literal["not-found", "error", "wrong-bytes", "truncated", "slow"]
_PIECE = 1 << 16


@dataclass
class Fault:
    """What goes wrong with the answers for one name; `times` None: each time. `delay`: seconds per 64 KiB piece."""

    kind: FaultKind
    times: int | None = None
    delay: float = 0.05


@dataclass(frozen=True)
class Request:
    """A request as answered; `path` is unquoted and without query, `headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True)
class Answer:
    """What a request is answered with."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class FileServer:
    """A directory over HTTP; a context manager that serves from entry to exit.

    Attributes:
        directory: What is served; read anew for each request.
        auth: User and password that are asked for, or None.
        requests: What was asked, in order of the answers.
        delay: Seconds before each answer: time to look at who asks.
        ranges: Whether it answers with the part of a file that was asked for, or always with the whole.
    """

    def __init__(self, directory: Path, *, auth: tuple[str, str] | None = None) -> None:
        """Make a server for `directory`; it listens once it is entered."""
        self.directory = directory
        self.auth = auth
        self.requests: list[Request] = []
        self.delay = 0.0
        self.ranges = True
        self._faults: dict[str, Fault] = {}
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start to serve, on a port that is free."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop to serve."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    @property
    def host(self) -> str:
        """Host and port, `127.0.0.1:4711`."""
        if self._server is None:
            message = "the server is not running"
            raise RuntimeError(message)
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """The URL of the directory, without credentials and without a final slash."""
        return f"http://{self.host}"

    def with_auth(self, url: str) -> str:
        """Return a URL of this server with its user and password in it."""
        if self.auth is None:
            return url
        return url.replace("://", f"://{self.auth[0]}:{self.auth[1]}@", 1)

    def fail(self, name: str, kind: FaultKind, *, times: int | None = None, delay: float = 0.05) -> None:
        """Let something go wrong with what has this file name (or last part of its path).

        Args:
            name: File name; for a page of an index, the normalized project name.
            kind: What goes wrong.
            times: How often; None: always.
            delay: Seconds per 64 KiB piece, for `slow`.
        """
        self._faults[name] = Fault(kind, times, delay)

    def forget(self) -> None:
        """Be as a new server: nothing was asked, and nothing goes wrong."""
        self.requests.clear()
        self._faults.clear()
        self.delay = 0.0

    def asked_for(self, name: str) -> list[Request]:
        """Return the requests for this file name (or last part of the path)."""
        return [request for request in self.requests if _last(request.path) == name]

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002 - subclasses read the headers
        """Return the answer for a path; subclasses add pages of their own.

        Args:
            path: Unquoted path, with the leading slash.
            headers: Of the request, with lower-case names.
        """
        return self.file(self.directory, path.removeprefix("/"))

    @staticmethod
    def file(directory: Path, name: str) -> Answer:
        """Return a file of a directory, or what says that it is not there."""
        path = (directory / name).resolve()
        if not path.is_relative_to(directory.resolve()) or not path.is_file():
            return Answer(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)
        kind = mimetypes.guess_type(path.name)[0] if path.suffix in {".html", ".json"} else None
        return Answer(path.read_bytes(), kind or "application/octet-stream")

    def respond(self, path: str, headers: Mapping[str, str]) -> tuple[Answer, Fault | None]:
        """Return the answer after authentication and faults, and the fault that sending it must show."""
        if self.auth is not None and headers.get("authorization") != _basic(*self.auth):
            challenge = {"WWW-Authenticate": 'Basic realm="tests"'}
            return Answer(b"who are you?\n", "text/plain", HTTPStatus.UNAUTHORIZED, challenge), None
        fault = self._next_fault(_last(path))
        if fault is None:
            return self.answer(path, headers), None
        if fault.kind == "not-found":
            return Answer(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND), None
        if fault.kind == "error":
            return Answer(b"broken\n", "text/plain", HTTPStatus.INTERNAL_SERVER_ERROR), None
        answer = self.answer(path, headers)
        if fault.kind == "wrong-bytes":
            body = bytes(255 - byte for byte in answer.body)
            return Answer(body, answer.content_type, answer.status, answer.headers), None
        return answer, fault

    def _next_fault(self, name: str) -> Fault | None:
        fault = self._faults.get(name)
        if fault is None or fault.times == 0:
            return None
        if fault.times is not None:
            fault.times -= 1
        return fault


class ChannelServer(FileServer):
    """A directory of conda channels over HTTP: `{directory}/{channel}/linux-64/repodata.json` and so on."""

    def channel(self, name: str) -> str:
        """Return the URL of a channel."""
        return f"{self.url}/{name}"


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _part(answer: Answer, wanted: str | None) -> Answer:
    """Return the range of a body that a Range header asks for (RFC 9110, one range), or the whole answer."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted or "")
    if match is None or answer.status != HTTPStatus.OK or match.group(0) == "bytes=-":
        return answer
    size = len(answer.body)
    first, last = match.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        headers = {"Content-Range": f"bytes */{size}"}
        return Answer(b"", answer.content_type, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
    headers = {**answer.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
    return Answer(answer.body[start : end + 1], answer.content_type, HTTPStatus.PARTIAL_CONTENT, headers)


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = unquote(urlsplit(self.path).path)
            time.sleep(server.delay)
            whole, fault = server.respond(path, headers)
            answer = _part(whole, headers.get("range")) if server.ranges else whole
            server.requests.append(Request(self.command, path, headers, answer.status))
            self.send_response(answer.status)
            sent = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
            ranges = "bytes" if server.ranges else "none"
            for name, value in {**sent, "Accept-Ranges": ranges, "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self._send(answer.body, fault)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def _send(self, body: bytes, fault: Fault | None) -> None:
            if fault is not None and fault.kind == "truncated":
                body = body[: len(body) // 2]
            try:
                for start in range(0, len(body), _PIECE):
                    if fault is not None and fault.kind == "slow":
                        time.sleep(fault.delay)
                    self.wfile.write(body[start : start + _PIECE])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client was ended, as some tests do

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            """Print nothing: `requests` is the log."""

    return Handler
