"""A project that is made once for the tests of a module, each of which finds it as it was then."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from tests.support.full_project import make_full_case
from tests.support.index_server import IndexServer
from tests.support.replay import Case


class Template:
    """The full project, which each test may change as it likes.

    Attributes:
        root: What has its project, prefix, cache, repository and what the index serves, always at the same place.
        server: The index.
    """

    def __init__(self, root: Path, server: IndexServer) -> None:
        """Make nothing yet: the first test does, in the environment of a test."""
        self.root = root
        self.server = server
        self._copy = root.with_name("copy")
        self._case: Case | None = None

    @property
    def wheelhouse(self) -> Path:
        """What the index serves."""
        return self.server.directory

    def case(self, prepare: Callable[[Case], object]) -> Case:
        """Return the project as it is after the preparations, which are made once."""
        if self._case is None:
            self.wheelhouse.mkdir(parents=True)
            case = make_full_case(self.root, self.wheelhouse, self.server.simple_url)
            prepare(case)
            shutil.copytree(self.root, self._copy, symlinks=True)
            self._case = case
        else:
            shutil.rmtree(self.root)
            shutil.copytree(self._copy, self.root, symlinks=True)
        self.server.forget()
        return deepcopy(self._case)
