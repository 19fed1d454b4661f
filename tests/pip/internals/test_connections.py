"""Connections of pip's session: which certificates they trust, and when these are read."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pip._internal.network.session import PipSession
from pip._vendor import certifi, truststore
from pip._vendor.requests import Response
from pip._vendor.requests.adapters import HTTPAdapter

from cortexlock.pip.internals import connections


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere the system verifies")
def test_the_certificates_of_the_system_are_read_with_the_first_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system = tmp_path / "system.pem"
    system.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    context = _context()
    assert context.cert_store_stats()["x509_ca"] == 0
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="example.org")
    assert context.cert_store_stats()["x509_ca"] > 50
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def _context() -> ssl.SSLContext:
    """Return the context of a session after `allow`."""
    session = PipSession(ssl_context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    connections.allow(session, 3)
    adapter = session.adapters["https://"]
    assert isinstance(adapter, HTTPAdapter)
    context = vars(adapter)["_ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    return context


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere the system verifies")
def test_each_file_of_certificates_is_read_once_however_many_connect_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system, own = tmp_path / "system.pem", tmp_path / "own.pem"
    for file in (system, own):
        file.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    context, read, load = _context(), list[str](), ssl.SSLContext.load_verify_locations
    begun = Barrier(4)

    def counted(self: ssl.SSLContext, cafile: str, capath: str | None = None, cadata: str | None = None) -> None:
        read.append(cafile)
        load(self, cafile, capath, cadata)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted, raising=False)

    def connect(file: Path) -> None:
        begun.wait()
        context.load_verify_locations(str(file))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(connect, [own, own, own, system]))
    assert read == [str(own)]  # that of the system is there by then
    assert context.cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize(
    ("location", "followed"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org/a", True),
        ("/simple/a:b/", True),
        ("//example.org/a", True),
        ("http://[", True),
        ("", True),
        ("file:///etc/passwd", False),
        (" FILE:///etc/passwd", False),
        ("ftp://example.org/a", False),
        ("data:,a", False),
    ],
)
def test_no_server_leads_to_a_file_of_this_machine(location: str, *, followed: bool) -> None:
    session = PipSession()
    connections.allow(session, 1)
    response = Response()
    response.status_code = 302
    response.headers["Location"] = location
    for hook in session.hooks["response"]:
        hook(response)
    assert ("Location" in response.headers) is followed
