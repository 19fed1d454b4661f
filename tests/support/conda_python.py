"""A conda package of an installed CPython, so that a test's environment can have a real interpreter from conda.

The package is relocatable: libraries are found relative to the program, and text files that name the interpreter's
prefix get the environment's. The standard library comes without its tests, and the modules that need OpenSSL, SQLite
and the like use the libraries of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cortexlock.conda import archive, install
from cortexlock.conda.install import LinkPlace
from cortexlock.model.predictor import Predictor
from tests.support import conda_packages
from tests.support.conda_packages import PLACEHOLDER, Content, Member, Package
from tests.support.image import install_stubs, write_conda_records

_ELF = b"\x7fELF"
_LEFT_OUT = re.compile(
    r"(^|/)(__pycache__|test|tests|idlelib|turtledemo|tkinter|lib2to3|ensurepip|site-packages|config-[^/]*)/|\.(pyc|a)$"
)
_PROGRAM = re.compile(r"bin/python[0-9.]*m?$")
_FACTS = "import json, sys; print(json.dumps([sys.base_prefix, '%d.%d.%d' % sys.version_info[:3]]))"


def python_package(python: Path, scratch: Path, *, build: str = "0_test") -> Package:
    """Return the conda package of an interpreter.

    Args:
        python: The interpreter.
        scratch: An empty directory.
        build: The package's build string.
    """
    answer = subprocess.run([python, "-I", "-c", _FACTS], check=True, capture_output=True, text=True, env={})
    base, version = json.loads(answer.stdout)
    minor = version.rpartition(".")[0]
    files: dict[str, Content] = {
        "bin/python": Member(b"2", f"python{minor}"),
        "bin/python3": Member(b"2", f"python{minor}"),
    }
    prefixed = []
    for name in _names(Path(base), minor):
        path = Path(base) / name
        if path.is_symlink():
            files[name] = Member(b"2", str(path.readlink()))
            continue
        content = path.read_bytes()
        if content.startswith(_ELF):
            content = _relocatable(path, name, scratch / "binary")
        elif base.encode() in content:
            content = content.replace(base.encode(), PLACEHOLDER.encode())
            prefixed.append(name)
        files[name] = content
    files[f"lib/python{minor}/site-packages/README"] = "Packages go here.\n"
    return Package(
        "python",
        version,
        build,
        files=files,
        prefixed=prefixed,
        index={"python_site_packages_path": f"lib/python{minor}/site-packages"},
    )


def _names(base: Path, minor: str) -> Iterator[str]:
    """Yield the paths of what belongs to the interpreter, relative to its prefix."""
    for top in ("bin", "lib"):
        for path in sorted((base / top).rglob("*")):
            name = path.relative_to(base).as_posix()
            mine = _PROGRAM.match(name) or name.startswith((f"lib/python{minor}/", "lib/libpython"))
            made = name in {"bin/python", "bin/python3"}
            if mine and not made and not _LEFT_OUT.search(name) and (path.is_symlink() or path.is_file()):
                yield name


def _relocatable(path: Path, name: str, copy: Path) -> bytes:
    """Return a program or library that finds its libraries relative to itself, without debugging symbols."""
    shutil.copyfile(path, copy)
    up = "/".join(".." for _ in PurePosixPath(name).parts[1:])
    subprocess.run([_tool("patchelf"), "--set-rpath", f"$ORIGIN/{up}/lib", copy], check=True)
    subprocess.run([_tool("strip"), "--strip-unneeded", copy], check=False, stderr=subprocess.DEVNULL)
    return copy.read_bytes()


def _tool(name: str) -> str:
    """Return the path of a program: beside the interpreter that runs the tests, or on PATH."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        message = f"{name} is not installed"
        raise FileNotFoundError(message)
    return found


def make_conda_image(root: Path, python: Path, predictor: Predictor) -> Path:
    """Make a copy of an image whose interpreter is from a conda package, and whose other packages are stubs.

    Args:
        root: An existing directory; the copy is `image` in it.
        python: The interpreter.
        predictor: The image.

    Returns:
        The prefix.
    """
    prefix, work, scratch = (root / name for name in ("image", "work", "scratch"))
    for directory in (prefix, work, scratch):
        directory.mkdir()
    package, package_archive = conda_packages.write(root / "archives", python_package(python, scratch))
    archive.verify(package_archive, package)
    install.link([(package, package_archive)], LinkPlace(prefix, work, os.environ))
    install_stubs(prefix, predictor.distributions)
    write_conda_records(prefix, [record for record in predictor.conda_records if record.name != "python"])
    return prefix
