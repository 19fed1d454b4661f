"""Metadata of sdists, from a real build under the image's Python with the build tools of its day."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from datetime import datetime, timezone
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from closure_index import Index

BUILD_TOOLS_DATE = datetime(2020, 5, 1, tzinfo=timezone.utc)
"""The build tools are of this date: they build everything that the images hold."""

EGG_INFO = """
import sys, setuptools
sys.argv = ["setup.py", "-q", "dist_info", "--egg-base", sys.argv[1]]
__file__ = "setup.py"
exec(compile(open(__file__, encoding="utf-8").read().replace("\\r\\n", "\\n"), __file__, "exec"))
"""


def environment(home: Path) -> dict[str, str]:
    """Return the whole environment of pip and of builds: nothing of the user's pip configuration."""
    return {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath + ":/usr/local/bin",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_PYTHON_VERSION_WARNING": "1",
    }


def make_environment(python: Path, prefix: Path, wheels: list[Path]) -> Path:
    """Make a virtual environment that holds what `wheels` hold; return its site-packages."""
    shutil.rmtree(prefix, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", prefix], check=True)
    site = next(prefix.glob("lib/python*/site-packages"))
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    return site


class Builds:
    """Builds sdists, one at a time, in an environment that is made on first use."""

    def __init__(
        self, python: Path, index: Index, address: str, work: Path, tools_of: datetime = BUILD_TOOLS_DATE
    ) -> None:
        self._python = python
        self._tools_of = tools_of
        self._index = index
        self._address = address
        self._prefix = work / "build-environment"
        self._ready = False

    def metadata(self, project: str, sdist: Path, cutoff: str) -> str:
        """Return the METADATA of the wheel that pip would build of `sdist`."""
        self._prepare()
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            env = environment(place)
            env["PIP_INDEX_URL"] = f"{self._address}/real/{cutoff}/"  # for setup_requires, too
            command: list[str | Path] = [
                self._prefix / "bin/python",
                "-m",
                "pip",
                "wheel",
                "--no-deps",
                "--no-cache-dir",
                "-w",
                place,
                sdist,
            ]
            done = subprocess.run(command, env=env, cwd=place, capture_output=True, text=True, check=False)
            wheels = list(place.glob("*.whl"))
            if done.returncode == 0 and wheels:
                print(f"  built {sdist.name}", flush=True)
                return _metadata_of(wheels[0])
            print(f"  {sdist.name} cannot be built, its metadata come from dist_info", flush=True)
            return self._dist_info(project, sdist, place, env, done.stdout + done.stderr)

    def _dist_info(self, project: str, sdist: Path, place: Path, env: dict[str, str], log: str) -> str:
        source = place / "source"
        shutil.unpack_archive(sdist, source)
        root = next(source.iterdir())
        out = place / "info"
        out.mkdir()
        command: list[str | Path] = [self._prefix / "bin/python", "-c", EGG_INFO, out]
        done = subprocess.run(command, env=env, cwd=root, capture_output=True, text=True, check=False)
        found = list(out.glob("*.dist-info/METADATA"))
        if not found:
            raise SystemExit(f"{project}: no metadata of {sdist.name}\n{log[-2000:]}\n{done.stdout}{done.stderr}")
        return found[0].read_text(encoding="utf-8", errors="surrogateescape")

    def _prepare(self) -> None:
        if not self._ready:
            tools = [self._index.newest(name, self._tools_of) for name in ("pip", "setuptools", "wheel")]
            make_environment(self._python, self._prefix, [self._index.download(tool) for tool in tools])
            self._ready = True


def headers(metadata: str) -> dict[str, list[str]]:
    """Return the fields of a METADATA text, by name."""
    message = HeaderParser().parsestr(metadata)
    return {name: [str(value) for value in message.get_all(name, [])] for name in dict.fromkeys(message.keys())}


def normalized_name(metadata: str) -> str:
    """Return the normalized name in a METADATA text."""
    return str(canonicalize_name(headers(metadata)["Name"][0]))


def _metadata_of(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(member).decode("utf-8", errors="surrogateescape")
