"""pip's HTTP cache, kept out of what was asked for with credentials.

An answer with `Vary: Authorization` is stored with that header of the request, which is the token; a page for those who
are allowed to see it can have links with tokens in them.
"""

from __future__ import annotations

from typing import Any

from pip._vendor.cachecontrol.controller import CacheController


def cache_response(self: CacheController, request: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - pip's own
    """Stand in for the storing of an answer: nothing is stored that credentials were sent for."""
    if "Authorization" not in request.headers:
        _store(self, request, *args, **options)


_store: Any = CacheController.cache_response
