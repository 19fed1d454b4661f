"""The Python environments of an image: which there are, which one its `PATH` finds, and what each looks into.

An interpreter finds its environment as CPython does: `pyvenv.cfg` beside it or one directory up, by the name that it
was called by; else, links followed, the directory that has `lib/python3.N` (Modules/getpath.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cortexlock.predictors.images.image_path import ImagePath

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_LIBRARY = re.compile(r"python3\.[0-9]+")
_INTERPRETERS = ("python3", "python")
_OTHER = re.compile(r"(?:pypy|graalpy|python2)[0-9.]*|python3\.[0-9]+t")
"""Interpreters that are no CPython 3, or one without a lock on its threads, whose wheels are others."""


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A Python environment: its root, its interpreter with links followed, its minor version (`3.11`), and its base.

    Attributes:
        prefix: Its root.
        interpreter: The file that is run, links followed.
        minor: The minor version.
        kind: What it is.
        base: Of a virtual environment the environment of its interpreter, if that is there.
    """

    prefix: ImagePath
    interpreter: ImagePath
    minor: str
    kind: str
    base: PythonEnvironment | None = None


def environments(root: ImagePath) -> tuple[PythonEnvironment, ...]:
    """Return all environments of an image, sorted by path."""
    system = root.system
    prefixes = {
        path[: -2 if path[-1].startswith("python3.") else -1]
        for path in system.find(
            lambda above, name: (
                name in {"pyvenv.cfg", "conda-meta"} or (above == "lib" and _LIBRARY.fullmatch(name) is not None)
            )
        )
    }
    found = (environment_of(ImagePath(parts, system)) for parts in sorted(prefixes))
    return tuple(each for each in found if each is not None)


def other_pythons(root: ImagePath) -> tuple[str, ...]:
    """Return the paths of libraries of interpreters that cannot be described: Python 2, PyPy, and such, sorted."""
    found = root.system.find(lambda above, name: above in {"lib", "lib64"} and _OTHER.fullmatch(name) is not None)
    return tuple(str(ImagePath(parts, root.system)) for parts in found)


def of_path(root: ImagePath, variables: Mapping[str, str]) -> PythonEnvironment | None:
    """Return the environment of the interpreter that `PATH` finds; None: it finds none whose environment is known.

    Args:
        root: The image.
        variables: The variables of the image's containers.
    """
    for directory in (variables.get("PATH") or DEFAULT_PATH).split(":"):
        for name in _INTERPRETERS:
            program = root / directory.lstrip("/") / name
            if not directory or not program.is_file() or program.resolve().name.startswith("python2"):
                continue
            if program.parent.name == "shims" and (program.parent.parent / "versions").is_dir():
                chosen = _of_pyenv(program.parent.parent, variables)
                if chosen is None:  # the system's: what comes after it on the way
                    break
                return chosen
            return _of_interpreter(program)
    return None


def _of_pyenv(pyenv: ImagePath, variables: Mapping[str, str]) -> PythonEnvironment | None:
    """Return the environment that pyenv's scripts start: of the version that is chosen for all directories."""
    file = pyenv / "version"
    written = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
    chosen = re.split(r"[\s:]+", (variables.get("PYENV_VERSION") or written).strip())[0]
    if chosen in {"", "system"}:
        return None
    there = [path for path in (pyenv / "versions").glob("*") if path.name == chosen]
    there += sorted((pyenv / "versions").glob(f"{chosen}.*"), key=_numbers, reverse=True)
    return environment_of(there[0]) if there else None


def _numbers(path: ImagePath) -> list[int]:
    return [int(number[:9]) for number in re.findall(r"[0-9]+", path.name)]


def environment_of(prefix: ImagePath) -> PythonEnvironment | None:
    """Return the environment of a directory; None: it is none."""
    for name in _INTERPRETERS:
        program = prefix / "bin" / name
        if program.is_file():
            found = _of_interpreter(program)
            if found is not None and found.prefix.resolve() == prefix.resolve():
                return found
    programs = (path for path in (prefix / "bin").glob("python3.*") if _LIBRARY.fullmatch(path.name))
    return next((found for path in sorted(programs) if (found := _of_interpreter(path)) is not None), None)


def _of_interpreter(program: ImagePath) -> PythonEnvironment | None:
    """Return the environment of an interpreter, as it finds it itself."""
    real = program.resolve()
    base = None if _OTHER.fullmatch(real.name) else _with_library(real)
    for prefix in (program.parent.parent, program.parent):
        if (prefix / "pyvenv.cfg").is_file():
            minor = base.minor if base is not None else _minor(prefix, real.name)
            return PythonEnvironment(prefix, real, minor, "venv", base) if minor else None
    return base


def _with_library(real: ImagePath) -> PythonEnvironment | None:
    """Return the environment of an interpreter that no virtual environment has."""
    prefix = real.parent
    while prefix.parts:
        prefix = prefix.parent
        if not prefix.parts and (prefix / "lib").resolve().parts != ("lib",):
            return None  # `/lib` is that of `/usr`: what is elsewhere has no library of its own
        minor = _minor(prefix, real.name)
        if minor:
            kind = "conda" if (prefix / "conda-meta").is_dir() else "python"
            return PythonEnvironment(prefix, real, minor, kind)
    return None


def _minor(prefix: ImagePath, program: str) -> str:
    """Return the minor version that an environment's libraries are for: the interpreter's, or the only one's."""
    there = {
        path.name.removeprefix("python")
        for library in ("lib", "lib64")
        for path in (prefix / library).glob("python3.*")
        if _LIBRARY.fullmatch(path.name) and path.is_dir()
    }
    named = program.removeprefix("python")
    if named in there:
        return named
    return there.pop() if len(there) == 1 else ""
