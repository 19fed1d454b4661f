"""Links that are made in one step are those that pip makes."""

from __future__ import annotations

import pytest
from pip._internal.models import link as link_module
from pip._internal.models.link import Link

from cortexlock.pip.internals import plain_links
from cortexlock.pip.internals.replaced import replaced

_PAGE = "https://example.org/simple/a/"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/files/ab/cd/a-1.0-py3-none-any.whl",
        "http://example.org:8080/a-1.0.tar.gz",
        "https://example.org/",
        "https://example.org",
        "https://example.org/a%2Bb-1.0.tar.gz",
        "https://example.org/a+b-1.0.tar.gz",
        "https://example.org/a b-1.0.tar.gz",
        "https://me:secret@example.org/a-1.0.tar.gz",
        "https://example.org/a-1.0.tar.gz?x=1",
        "https://example.org/a-1.0.tar.gz#sha256=" + "0" * 64,
        "https://example.org/x.git#egg=a",
        "HTTPS://example.org/a-1.0.tar.gz",
        "https://[::1]/a-1.0.tar.gz",
        "https://example.org//a/../a-1.0.tar.gz",
        "file:///srv/a-1.0.tar.gz",
        "../../files/a-1.0.tar.gz",
    ],
)
def test_all_attributes_are_those_of_pip(url: str) -> None:
    file = {
        "url": url,
        "hashes": {"sha256": "1" * 64},
        "requires-python": ">=3.6",
        "yanked": "broken",
        "core-metadata": {"sha256": "2" * 64},
        "upload-time": "2020-01-01T00:00:00.500Z",
    }
    for facts in (file, {"url": url}, {**file, "hashes": {}, "yanked": True, "requires-python": ""}):
        expected, direct = Link.from_json(dict(facts), _PAGE), Link(url)
        with (
            replaced(Link, "__init__", plain_links.make),
            replaced(link_module, "_ensure_quoted_url", plain_links.quoted),
        ):
            found, direct_found = Link.from_json(dict(facts), _PAGE), Link(url)
        for one, other in ((expected, found), (direct, direct_found)):
            for name in Link.__slots__:
                assert getattr(one, name) == getattr(other, name), name
            assert (str(one), hash(one), one) == (str(other), hash(other), other)
