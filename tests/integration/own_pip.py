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
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from packaging.tags import platform_tags
from pip._internal.models.index import PyPI

from cortexlock.model.predictor import Distribution
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
    """The pips of images under one interpreter, and the index that they ask."""

    def __init__(self, python: Path, index: Any, address: str, work: Path) -> None:  # noqa: ANN401 - a script's class
        self._python = python
        self._index = index
        self._address = address
        self._work = work

    def install(
        self, distributions: Sequence[Distribution], project: Path, cutoff: str, *, pip: str | None = None
    ) -> Installed:
        """Let pip install a project's `requirements.txt` on top of an image.

        Args:
            distributions: What the image has, its pip included.
            project: The project's directory.
            cutoff: What the index shows: date and time, RFC 3339, UTC, ending in Z.
            pip: The version of a pip that runs from outside of the image; None: the image's own.
        """
        builds: Any = importlib.import_module("closure_builds")
        with tempfile.TemporaryDirectory(dir=self._work) as directory:
            place = Path(directory)
            (place / "stubs").mkdir()
            wheels = [
                self._wheel(each.name, each.version)
                if each.name in _REAL
                else make_stub(_own(place / "stubs" / each.name), each)
                for each in distributions
            ]
            builds.make_environment(self._python, place / "image", wheels)
            shutil.copytree(project, place / "project")
            environment = builds.environment(place)
            if pip is not None:
                with zipfile.ZipFile(self._wheel("pip", pip)) as archive:
                    archive.extractall(place / "pip")
                environment["PYTHONPATH"] = str(place / "pip")
            command = [
                str(place / "image" / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "--no-cache-dir",
                "--no-compile",
            ]
            command += ["--timeout", "900"]  # a page is quick, a stub of an sdist waits for its build
            completed = subprocess.run(
                [*command, "--index-url", f"{self._address}/stub/{cutoff}/", "-r", "requirements.txt"],
                cwd=place / "project", env=environment, capture_output=True, text=True, check=False,
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


def _metadata(builds: Any, project: str, sdist: Path, cutoff: str) -> str:  # noqa: ANN401 - a script's class
    """Return the METADATA of an sdist: of its `setup.py` if that tells, which compiles nothing, else of a build."""
    of_builds: Any = importlib.import_module("closure_builds")
    found: str
    with tempfile.TemporaryDirectory() as directory:
        try:
            builds._prepare()
            place = Path(directory)
            found = builds._dist_info(project, sdist, place, of_builds.environment(place), "")
        except SystemExit:  # with what could not be done
            found = builds.metadata(project, sdist, cutoff)
    return found


@contextmanager
def serving(python: Path, cache: Path, *, version: tuple[int, int] | None = None) -> Iterator[OwnPips]:
    """Serve the indexes of all days until the block ends.

    Args:
        python: A Python of the images' version, with a C compiler: sdists are built for their metadata.
        cache: Where answers of the index are kept, a directory for each Python.
        version: The Python's version, for wheels of this machine's platforms and build tools of today; None: 3.6 and
            what Cortex's images accept.
    """
    if str(_CATALOG) not in sys.path:
        sys.path.append(str(_CATALOG))
    of_index: Any = importlib.import_module("closure_index")
    of_builds: Any = importlib.import_module("closure_builds")
    if version is None:
        index, tools_of = of_index.Index(PyPI.simple_url, cache), of_builds.BUILD_TOOLS_DATE
    else:
        index = of_index.Index(PyPI.simple_url, cache, version, tuple(platform_tags()))
        tools_of = datetime.now(timezone.utc)
    with importlib.import_module("closure_server").Server(index).running() as server:
        work = cache / "work"
        work.mkdir(parents=True, exist_ok=True)
        builds = of_builds.Builds(python, index, server.address, work, tools_of)
        server.builder = lambda *asked: _metadata(builds, *asked)
        yield OwnPips(python, index, server.address, work)
