"""The index of a date on loopback, for the images' pip (stubs) and for builds of sdists (real files).

/stub/CUTOFF/PROJECT/       the page that pip in the image sees
/real/CUTOFF/PROJECT/       the page that a build sees
/stub/CUTOFF/PROJECT/FILE   and the files they link to
"""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from closure_index import stub

if TYPE_CHECKING:
    from closure_index import Builder, File, Index

PAGE_PARTS = 3


class Asked(NamedTuple):
    """A request's path in parts; `file` is empty for a page."""

    kind: str
    cutoff: str
    project: str
    file: str


class Server:
    """Serves an index on loopback; `builder` can be set once the address is known, as builds ask this server."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.builder: Builder | None = None
        self.address = ""
        self._building = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Serve until the block ends."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                try:
                    status, kind, content = server.answer(self.path)
                except Exception as error:  # noqa: BLE001 - pip shows the answer, and the log has the cause
                    status, kind, content = HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", repr(error).encode()
                    print(f"  {self.path}: {error!r}", flush=True)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
            self.address = f"http://127.0.0.1:{http.server_address[1]}"
            thread = threading.Thread(target=http.serve_forever, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                http.shutdown()
                thread.join()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, content type and content of a path."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        asked = Asked(*[*parts, ""][: PAGE_PARTS + 1])
        cutoff = datetime.fromisoformat(asked.cutoff.replace("Z", "+00:00"))
        listed = self.index.as_of if asked.kind == "stub" else self.index.files
        files = listed(asked.project, cutoff)
        if not asked.file:
            status = HTTPStatus.OK if files else HTTPStatus.NOT_FOUND
            return status, "text/html", _page(files, stubs=asked.kind == "stub").encode()
        if asked.kind == "real":
            file = next(file for file in files if file.name == asked.file)
            return HTTPStatus.OK, "application/octet-stream", self.index.download(file).read_bytes()
        file = next(file for file in files if file.stub_name == asked.file)
        return HTTPStatus.OK, "application/octet-stream", self._stub(file, asked.cutoff)

    def _stub(self, file: File, cutoff: str) -> bytes:
        if self.builder is None:
            raise AssertionError
        with self._building:
            metadata = self.index.metadata(file, self.builder, cutoff)
        name, version, *rest = file.stub_name.removesuffix(".whl").split("-")
        return stub(name, version, metadata, "-".join(rest[-3:]))


def _page(files: list[File], *, stubs: bool) -> str:
    links = []
    for file in files:
        name = file.stub_name if stubs else file.name
        python = f' data-requires-python="{html.escape(file.requires_python)}"' if file.requires_python else ""
        links.append(f'<a href="{quote(name)}"{python}>{html.escape(name)}</a><br/>')
    return "<!DOCTYPE html><html><body>\n" + "\n".join(links) + "\n</body></html>\n"
