"""What several modules of these tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.index_server import IndexServer
from tests.support.template import Template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A project that is made once for the tests of a module."""
    root = tmp_path_factory.mktemp("template") / "case"
    with IndexServer(root / "wheelhouse") as server:
        yield Template(root, server)
