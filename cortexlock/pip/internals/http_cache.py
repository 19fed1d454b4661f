"""pip's HTTP cache, kept out of what was asked for with credentials, of index pages, and of parts of files.

An answer with `Vary: Authorization` is stored with that header of the request, which is the token; a page for those who
are allowed to see it can have links with tokens in them. Pages are kept in another form: see `index_pages`.
"""

from __future__ import annotations

from typing import Any

from pip._vendor.cachecontrol.adapter import CacheControlAdapter
from pip._vendor.cachecontrol.controller import CacheController
from pip._vendor.requests.adapters import HTTPAdapter

_PAGE = "application/vnd.pypi.simple.v1+json"


def cache_response(self: CacheController, request: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - pip's own
    """Stand in for the storing of an answer: nothing is stored that credentials were sent for."""
    if "Authorization" not in request.headers:
        _store(self, request, *args, **options)


def send(self: CacheControlAdapter, request: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
    """Stand in for the sending of a request: no copy of a page or of a part is looked for, nor named to the index."""
    return (
        HTTPAdapter.send(self, request, *args, **options)
        if _is_for_now(request)
        else _send(self, request, *args, **options)
    )


def build_response(self: CacheControlAdapter, request: Any, response: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
    """Stand in for the copying of an answer on its way: a page or a part goes to whoever asked for it, no more."""
    if _is_for_now(request):
        return HTTPAdapter.build_response(self, request, response)
    return _build(self, request, response, *args, **options)


def _is_for_now(request: Any) -> bool:  # noqa: ANN401 - as above
    """Whether an index page is asked for, or a part of a file."""
    return request.method == "GET" and (_PAGE in request.headers.get("Accept", "") or "Range" in request.headers)


_send: Any = CacheControlAdapter.send
_store: Any = CacheController.cache_response
_build: Any = CacheControlAdapter.build_response
