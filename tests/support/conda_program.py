"""A real conda as a program: the one that conda-lock ships (24.7.1), and those that are named."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


def make_conda(directory: Path) -> Path:
    """Make a program of the conda that conda-lock ships; return its path.

    Args:
        directory: Where to, made if it is not there.
    """
    place = find_spec("conda_lock")
    if place is None or not place.submodule_search_locations:
        raise AssertionError
    modules = directory / "modules"
    modules.mkdir(parents=True)
    # By its own name: some of its modules import others by names that are made up at run time.
    (modules / "conda").symlink_to(Path(place.submodule_search_locations[0], "_vendor", "conda"))
    program = directory / "conda"
    lines = ["import sys", f"sys.path.insert(0, {str(modules)!r})", "from conda.cli.main import main"]
    program.write_text("\n".join([f"#!{sys.executable}", *lines, "sys.exit(main())", ""]))
    program.chmod(0o755)
    return program


def variables(home: Path) -> dict[str, str]:
    """Return what keeps a conda to itself: a home, a package cache and a configuration of its own.

    Args:
        home: A directory, made if it is not there.
    """
    home.mkdir(exist_ok=True)
    return {"HOME": str(home), "CONDA_PKGS_DIRS": str(home / "pkgs"), "CONDA_ALWAYS_YES": "true"}


def further(environment: Mapping[str, str]) -> list[Path]:
    """Return the condas that `CORTEXLOCK_TEST_CONDA` names, separated like a PATH: conda 4.7.12, for one."""
    return [Path(each) for each in environment.get("CORTEXLOCK_TEST_CONDA", "").split(os.pathsep) if each]
