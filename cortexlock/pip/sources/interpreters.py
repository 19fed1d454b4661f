"""An interpreter of the target's minor version on this machine: what source trees are built with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cortexlock import process
from cortexlock.errors import UsageError

_SCRIPT = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"


def find(minor: str, *, chosen: Path | None, environment: Mapping[str, str]) -> Path:
    """Return a CPython of a minor version.

    Args:
        minor: The version, `3.6`.
        chosen: The interpreter that the user names; it must be of that version.
        environment: The caller's variables: `PATH`, `PYENV_ROOT`, `CONDA_PREFIX`, `HOME` say where to look.

    Raises:
        UsageError: There is none, or the chosen one is of another version.
    """
    if chosen is not None:
        found = _version(chosen, environment)
        if found != minor:
            what = f"it is Python {found}" if found else "it does not run, or is no CPython"
            raise UsageError(
                f"{what}; the image has Python {minor}", where=str(chosen), hint=f"give a Python {minor} with --python"
            )
        return chosen
    for path in sorted(_candidates(minor, environment), key=_is_script):
        if _version(path, environment) == minor:
            return path
    raise UsageError(
        f"no Python {minor} on this machine, and a source distribution's metadata comes from a build with it",
        hint=f"install one (pyenv install {minor}, or conda create -n py{minor} python={minor}) "
        "and name it with --python, or ask for a version that has a wheel",
    )


def find_or_make(
    minor: str, *, chosen: Path | None, environment: Mapping[str, str], make: Callable[[], Path | None] | None
) -> Path:
    """Return a CPython of a minor version: one that is there, else one that is made.

    Args:
        minor: The version, `3.6`.
        chosen: As for `find`.
        environment: As for `find`.
        make: Makes an interpreter and returns its path, None where none of those that there are runs; raises
            `UsageError` if it cannot. None: nothing is made.

    Raises:
        UsageError: There is none, and none can be made; or the chosen one is of another version.
    """
    try:
        return find(minor, chosen=chosen, environment=environment)
    except UsageError as error:
        if chosen is not None or make is None:
            raise
        try:
            made = make()
        except UsageError as reason:
            raise UsageError(error.summary, details=[reason.what], hint=error.hint) from reason
        if made is None:
            raise
    return find(minor, chosen=made, environment=environment)


def _candidates(minor: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where an interpreter can be: on the search path, then where pyenv, uv and conda keep theirs."""
    name = f"python{minor}"
    for directory in environment.get("PATH", "").split(os.pathsep):
        if directory and (Path(directory) / name).is_file():
            yield Path(directory) / name
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or ".")
    places = [
        (Path(environment.get("PYENV_ROOT") or home / ".pyenv") / "versions", f"{minor}.*"),
        (Path(environment.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python"), f"cpython-{minor}.*"),
        (home / ".conda" / "envs", "*"),
        (home / "miniconda3" / "envs", "*"),
        (home / "miniforge3" / "envs", "*"),
    ]
    if environment.get("CONDA_PREFIX"):
        places.append((Path(environment["CONDA_PREFIX"]).parent, Path(environment["CONDA_PREFIX"]).name))
    for root, pattern in places:
        for prefix in sorted(root.glob(pattern), key=_numbers, reverse=True):
            if (prefix / "bin" / name).is_file():
                yield prefix / "bin" / name


def _is_script(path: Path) -> bool:
    """Whether a file is a script: a shim, as pyenv's, takes ten times as long to start what it stands for, or fails."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _numbers(path: Path) -> tuple[tuple[int, ...], str]:
    """Order by the numbers in a name: 3.6.15 is newer than 3.6.9."""
    return tuple(int(number) for number in re.findall(r"\d+", path.name)), path.name


def _version(python: Path, environment: Mapping[str, str]) -> str | None:
    """Return the minor version of an interpreter; None if it does not run (a pyenv shim may not) or is no CPython."""
    kept = {name: value for name, value in environment.items() if name in ("PATH", "HOME", "PYENV_ROOT", "SYSTEMROOT")}
    try:
        completed = process.run([python, "-I", "-B", "-c", _SCRIPT], env=kept)
    except OSError:
        return None
    implementation, _, version = completed.stdout.strip().partition(" ")
    return version if completed.returncode == 0 and implementation == "cpython" else None
