"""Virtual environments for tests: each interpreter makes one, and tests get copies of it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp


def make_venv(directory: Path, python: Path | str = sys.executable) -> Path:
    """Make an empty environment, without pip; return its root.

    The scripts that activate it and a comment are all in it that names its place.
    """
    template = _template(str(python))
    shutil.copytree(template, directory, symlinks=True, dirs_exist_ok=True)
    for file in (directory / "pyvenv.cfg", *(directory / "bin").glob("activate*")):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(str(template), str(directory)), encoding="utf-8")
    return directory


@cache
def _template(python: str) -> Path:
    """Make the environment that is copied; it lasts as long as this process."""
    place = Path(mkdtemp(prefix="cortexlock-test-venv-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", place / "venv"], check=True)
    return place / "venv"
