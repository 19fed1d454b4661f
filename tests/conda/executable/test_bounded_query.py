"""Channels that answer without end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard
from rattler.exceptions import GatewayError

from cortexlock.conda.channels import resolve_all
from cortexlock.conda.executable.bounded_query import Bounds, EndlessAnswerError
from cortexlock.conda.executable.channel_records import Places, fetch
from cortexlock.conda.executable.mended_channels import UnreadableChannelError
from tests.support.conda_packages import Package, write_channel

_BEGINNING = b'{"info": {"subdir": "linux-64"}, "packages": {'
_BLANKS = b" " * (1 << 18)


def _blanks() -> Iterator[bytes]:
    yield _BEGINNING
    while True:
        yield _BLANKS


def _compressed() -> Iterator[bytes]:
    packed = zstandard.ZstdCompressor().compressobj()
    for piece in _blanks():
        yield packed.compress(piece) + packed.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def _drops() -> Iterator[bytes]:
    yield _BEGINNING
    while True:
        time.sleep(0.05)
        yield b" "


_Server = Callable[[str, Callable[[], Iterator[bytes]]], str]


@pytest.fixture
def endless() -> Iterator[_Server]:
    """Serve a file that has no end, and nothing else; the address of the channel is returned."""
    servers: list[ThreadingHTTPServer] = []

    def serve(file: str, pieces: Callable[[], Iterator[bytes]]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response(200 if self.path.endswith(f"/{file}") else 404)
                self.end_headers()

            def do_GET(self) -> None:
                self.do_HEAD()
                try:
                    for piece in pieces() if self.path.endswith(f"/{file}") else ():
                        self.wfile.write(piece)
                except OSError:  # who reads has gone
                    pass

            def log_message(self, *_said: object) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        servers[-1].daemon_threads = True
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/channel"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "bounds", "said"),
    [
        (("repodata.json", _blanks), Bounds(size=2 << 20), "does not end within 2 MiB"),
        (("repodata.json.zst", _compressed), Bounds(size=2 << 20), "does not end within 2 MiB"),
        (("repodata_shards.msgpack.zst", _blanks), Bounds(memory=32 << 20), "takes more than 32 MiB of memory"),
        (("repodata.json", _drops), Bounds(seconds=0.5), "has not answered within 0 seconds"),
    ],
)
def test_an_answer_without_end_is_given_up(
    answer: tuple[str, Callable[[], Iterator[bytes]]], bounds: Bounds, said: str, endless: _Server, tmp_path: Path
) -> None:
    url = endless(*answer)
    places = Places(resolve_all([url], project=tmp_path), "linux-64", tmp_path / "cache", bounds=bounds)
    with pytest.raises(UnreadableChannelError) as error:
        fetch(["demo"], places)
    assert (error.value.url, error.value.reason) == (f"{url}/", said)
    assert not list((tmp_path / "cache").glob(".tmp*"))


def test_what_another_process_fetches_is_its_own(endless: _Server, tmp_path: Path) -> None:
    others = tmp_path / "cache" / ".tmpOther"

    def drops() -> Iterator[bytes]:
        others.write_bytes(_BLANKS)
        return _drops()

    places = Places(
        resolve_all([endless("repodata.json", drops)], project=tmp_path),
        "linux-64",
        tmp_path / "cache",
        bounds=Bounds(size=1 << 17, seconds=0.5),
    )
    with pytest.raises(UnreadableChannelError) as error:
        fetch(["demo"], places)
    assert error.value.reason == "has not answered within 0 seconds"
    assert list((tmp_path / "cache").glob(".tmp*")) == [others]


def test_of_several_channels_the_one_without_end_is_named(endless: _Server, tmp_path: Path) -> None:
    write_channel(tmp_path / "good", [Package("demo")])
    url = endless("repodata.json", _blanks)
    named = resolve_all([(tmp_path / "good").as_uri(), url], project=tmp_path)
    places = Places(named, "linux-64", tmp_path / "cache", bounds=Bounds(size=2 << 20))
    with pytest.raises(UnreadableChannelError) as error:
        fetch(["demo"], places)
    assert error.value.url == f"{url}/"


def test_where_none_is_without_end_by_itself_none_is_named(
    endless: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [endless("nothing", _blanks), endless("nothing", _blanks)]
    places = Places(resolve_all(urls, project=tmp_path), "linux-64", tmp_path / "cache")

    def query(given: list[str], *_more: object, **_named: object) -> None:
        raise EndlessAnswerError("does not end") if len(given) > 1 else GatewayError("gone")

    monkeypatch.setattr("cortexlock.conda.executable.channel_records._entries", query)
    with pytest.raises(EndlessAnswerError):
        fetch(["demo"], places)
