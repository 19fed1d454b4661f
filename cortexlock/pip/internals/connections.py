"""Connections of pip's session, several at a time.

pip's TLS context reads the certificates of the system anew for each connection, 20 ms of CPU time, and lets one
connection after the other shake hands. On Linux these certificates are files: there they are read once, by a context of
the standard library with the same files, and not before a connection needs them: indexes of plain `http:` and
directories never do. Elsewhere the system itself verifies, and pip's context stays.
"""

from __future__ import annotations

import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import RLock
from typing import TYPE_CHECKING, Any

from pip._internal.cli import index_command
from pip._vendor.requests.adapters import HTTPAdapter
from pip._vendor.truststore import _openssl
from pip._vendor.urllib3.util.retry import Retry

from cortexlock.pip.internals.replaced import replaced

if TYPE_CHECKING:
    from pip._internal.network.session import PipSession
    from pip._vendor.requests import Response
    from pip._vendor.urllib3.response import BaseHTTPResponse


_SCHEME = re.compile(r"\s*(?P<scheme>[a-z][a-z0-9+.-]*):", re.IGNORECASE)
_LONGEST_PAUSE = 20.0
"""Seconds before a retry, whatever the server's `Retry-After` says: a day's silence would look like a hang."""


class _Retry(Retry):
    """Retries that do not wait as long as a server likes."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that the server asks to wait, or as many as we do."""
        asked = super().get_retry_after(response)
        return None if asked is None else min(asked, _LONGEST_PAUSE)


@contextmanager
def no_certificates_yet() -> Iterator[None]:
    """Let pip make a session without reading a file of certificates, 20 ms of CPU time; `allow` is to be called for it.

    What pip reads then, each connection names again.
    """
    if sys.platform != "linux":
        yield
        return
    with replaced(index_command, "_create_truststore_ssl_context", _Context.of_the_system):
        yield


def allow(session: PipSession, number: int) -> None:
    """Let a session, which has sent no request yet, keep a number of connections to each host, and none of an error.

    pip reads nothing of an answer that is an error, and leaves its connection open.
    """
    session.hooks["response"] += [_let_go, _stay_remote]
    context = _Context.of_the_system() if sys.platform == "linux" else None
    for adapter in _adapters(session):
        if context is not None and getattr(adapter, "_ssl_context", None) is not None:
            vars(adapter)["_ssl_context"] = context
        given = adapter.max_retries
        adapter.max_retries = _Retry(
            total=given.total, status_forcelist=given.status_forcelist, backoff_factor=given.backoff_factor
        )
        adapter.init_poolmanager(number, number)


def renew(session: PipSession, number: int) -> None:
    """Let a session have connections of its own, where it has those of the process that this one is a copy of."""
    for adapter in _adapters(session):
        adapter.init_poolmanager(number, number)


def _adapters(session: PipSession) -> tuple[HTTPAdapter, ...]:
    adapters = {id(each): each for each in session.adapters.values()}.values()
    return tuple(each for each in adapters if isinstance(each, HTTPAdapter))


def _let_go(response: Response, **_: object) -> None:
    """Close the connection of an error; what pip asks again with credentials, it has asked before this is called."""
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        response.close()


def _stay_remote(response: Response, **_: object) -> None:
    """Follow no server to a file of this machine, for pages as for downloads: pip does not from 26.3 on."""
    found = _SCHEME.match(response.headers.get("Location", ""))
    if found is not None and found["scheme"].lower() not in {"http", "https"}:
        del response.headers["Location"]


class _Context(ssl.SSLContext):
    """A context that takes each file of certificates once: `--cert` is named anew for each connection.

    The system's files are taken with the first connection.
    """

    _known: set[tuple[Any, ...]]
    _lock: RLock
    _has_system: bool

    @classmethod
    def of_the_system(cls) -> _Context:
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context._known = set()
        context._lock = RLock()
        context._has_system = False
        return context

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:  # noqa: ANN401 - as in the standard library
        with self._lock:  # a file takes 40 ms of CPU time; whoever else connects meanwhile waits for it
            self._load_system()
            if (cafile, capath, cadata) not in self._known:
                super().load_verify_locations(cafile, capath, cadata)
                self._known.add((cafile, capath, cadata))

    def wrap_socket(self, *given: Any, **named: Any) -> ssl.SSLSocket:  # noqa: ANN401 - as above
        self._load_system()
        return super().wrap_socket(*given, **named)

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401 - as above
        self._load_system()
        return super().wrap_bio(*given, **named)

    def _load_system(self) -> None:
        with self._lock:
            if self._has_system:
                return
            self._has_system = True
            self._known.add((ssl.get_default_verify_paths().cafile, None, None))
            with _openssl._configure_context(self):  # noqa: SLF001 - the files that pip's own context takes
                pass
