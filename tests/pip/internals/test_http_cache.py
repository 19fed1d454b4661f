"""pip's HTTP cache and credentials."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pip._internal.network.cache import SafeFileCache
from pip._vendor.cachecontrol.controller import CacheController
from pip._vendor.requests import Request
from pip._vendor.requests.auth import HTTPBasicAuth
from pip._vendor.urllib3 import HTTPResponse

from cortexlock.pip.internals import http_cache

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of no server


def ask(directory: Path, *, authorized: bool) -> Any:  # noqa: ANN401 - what the cache has, in pip's own format
    """Let pip's cache meet an answer that depends on who asks, and return what it has for the next time."""
    auth = HTTPBasicAuth("me", TOKEN) if authorized else None
    request = Request("GET", "https://index.example.org/simple/x/", auth=auth).prepare()
    headers = {"Vary": "Authorization", "Cache-Control": "max-age=600", "Date": "Mon, 01 Jun 2099 00:00:00 GMT"}
    response = HTTPResponse(io.BytesIO(b"page"), headers, 200, preload_content=False)
    controller = CacheController(SafeFileCache(str(directory)))
    controller.cache_response(request, response, b"page")
    return controller.cached_request(request)


def holders(directory: Path) -> list[str]:
    needles = (TOKEN.encode(), base64.b64encode(f"me:{TOKEN}".encode()))
    files = [path for path in directory.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def test_pip_alone_stores_the_token(tmp_path: Path) -> None:
    ask(tmp_path, authorized=True)
    assert holders(tmp_path)


@pytest.mark.parametrize("authorized", [True, False])
def test_what_was_asked_for_with_credentials_is_not_stored(tmp_path: Path, authorized: bool) -> None:  # noqa: FBT001 - a parameter
    with patch.object(CacheController, "cache_response", http_cache.cache_response):
        answer = ask(tmp_path, authorized=authorized)
    assert holders(tmp_path) == []
    assert bool(answer) is not authorized
    assert any(path.is_file() for path in tmp_path.rglob("*")) is not authorized
