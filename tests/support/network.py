"""Keep tests on this machine: connections to anything but loopback fail, loudly."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_LOOPBACK = {"localhost", "127.0.0.1", "::1", "", None}
_CLOSED = "http://127.0.0.1:9"


class NetworkBlockedError(AssertionError):
    """A test without the mark `index` wanted to leave the machine."""


def block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections and look-ups of this process fail unless they are to loopback.

    Child processes and libraries that are not written in Python meet a proxy that does not answer.
    """
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(family: int, address: Any) -> None:  # noqa: ANN401 - whatever the family takes
        if family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
            message = f"a test without the mark 'index' connects to {address[0]}"
            raise NetworkBlockedError(message)

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as in the standard library
        check(self.family, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 - as in the standard library
        check(self.family, address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as in the standard library
        check(socket.AF_INET, (host.decode() if isinstance(host, bytes) else host,))
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    for scheme in ("http", "https", "all"):
        monkeypatch.setenv(f"{scheme}_proxy", _CLOSED)
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", _CLOSED)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "localhost,127.0.0.1,::1")
