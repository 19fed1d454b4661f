"""What an image's own pip installs: the pip of its day, with the resolver from before 20.3, at the index of a day.

The catalog's scripts serve the index as it was and stand-ins for its files, which hold metadata alone; see
`docs/design/catalog.md`. Here the image is not made anew, but taken from the catalog: its distributions as stubs, its
pip, setuptools and wheel for real. A project's `pip install -r` is then one more step.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pip._internal.models.index import PyPI

from cortexlock.model.predictor import Predictor
from tests.support.image import installed, make_stub

_CATALOG = Path(__file__).parents[2] / "catalog"
_REAL = ("pip", "setuptools", "wheel")


@dataclass(frozen=True)
class Installed:
    """What is installed when an image's pip has ended.

    Attributes:
        versions: By normalized name.
        error: What pip said when it failed; empty: it did not.
    """

    versions: dict[str, str]
    error: str = ""


class OwnPips:
    """The pips of the images under one interpreter, and the index that they ask."""

    def __init__(self, python: Path, index: Any, address: str, work: Path) -> None:  # noqa: ANN401 - a script's class
        self._python = python
        self._index = index
        self._address = address
        self._work = work

    def install(self, predictor: Predictor, project: Path, cutoff: str) -> Installed:
        """Let an image's pip install a project's `requirements.txt` on top of the image.

        Args:
            predictor: The image.
            project: The project's directory.
            cutoff: What the index shows: date and time, RFC 3339, UTC, ending in Z.
        """
        builds: Any = importlib.import_module("closure_builds")
        with tempfile.TemporaryDirectory(dir=self._work) as directory:
            place = Path(directory)
            (place / "stubs").mkdir()
            wheels = [
                self._wheel(each.name, each.version)
                if each.name in _REAL
                else make_stub(_own(place / "stubs" / each.name), each)
                for each in predictor.distributions
            ]
            builds.make_environment(self._python, place / "image", wheels)
            shutil.copytree(project, place / "project")
            pip = [str(place / "image" / "bin" / "python"), "-m", "pip", "install", "--no-cache-dir", "--no-compile"]
            pip += ["--timeout", "900"]  # a page is quick, a stub of an sdist waits for its build
            completed = subprocess.run(
                [*pip, "--index-url", f"{self._address}/stub/{cutoff}/", "-r", "requirements.txt"],
                cwd=place / "project", env=builds.environment(place), capture_output=True, text=True, check=False,
            )  # fmt: skip
            error = (completed.stdout + completed.stderr)[-2000:] if completed.returncode else ""
            return Installed(installed(place / "image"), error)

    def _wheel(self, name: str, version: str) -> Path:
        everything = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
        files = self._index.as_of(name, everything)
        path: Path = self._index.download(next(each for each in files if str(each.version) == version))
        return path


def _own(directory: Path) -> Path:
    directory.mkdir()
    return directory


@contextmanager
def serving(python: Path, cache: Path) -> Iterator[OwnPips]:
    """Serve the indexes of all days until the block ends.

    Args:
        python: A Python of the images' version, which has a C compiler: sdists are built for their metadata.
        cache: Where answers of the index are kept.
    """
    if str(_CATALOG) not in sys.path:
        sys.path.append(str(_CATALOG))
    index = importlib.import_module("closure_index").Index(PyPI.simple_url, cache)
    with importlib.import_module("closure_server").Server(index).running() as server:
        work = cache / "work"
        work.mkdir(parents=True, exist_ok=True)
        server.builder = importlib.import_module("closure_builds").Builds(python, index, server.address, work).metadata
        yield OwnPips(python, index, server.address, work)
