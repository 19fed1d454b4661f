"""Two replays into one path give the same files with the same bytes, whatever the time, the umask and the cache."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cortexlock.model.package import Conflict
from cortexlock.pip.prefix.conflicts import Present, broken
from cortexlock.predictors import catalog
from cortexlock.replay.checks.metadata import required_by
from cortexlock.replay.prefix.requirements import marker_environment_of
from tests.support.conda_python import make_conda_image
from tests.support.full_project import install_arguments, make_full_case, run, write_lockfile
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_sdist

pytestmark = pytest.mark.interpreter


_EXAMPLE = Path(__file__).parents[2] / "examples" / "conda-channel"

_LEFT_OUT = frozenset(
    [
        "absl-py",
        "dill",
        "future",
        "gast",
        "h5py",
        "httptools",
        "matplotlib",
        "mpmath",
        "nltk",
        "np-utils",
        "numpy",
        "opencv-python",
        "pandas",
        "pip",
        "pyyaml",
        "scikit-image",
        "scikit-learn",
        "scipy",
        "setuptools",
        "statsmodels",
        "sympy",
        "tensorflow-cpu",
        "termcolor",
        "torch",
        "torchvision",
        "websockets",
        "wheel",
        "wrapt",
        "xgboost",
    ]
)
"""What of the image is large or has no wheel for Python 3.6."""

_MORE = [
    "attrs==19.3.0",
    "flask==1.1.2",
    "importlib-metadata==1.6.0",
    "inflection==0.4.0",
    "itsdangerous==1.1.0",
    "jinja2==2.11.3",
    "markupsafe==1.1.1",
    "more-itertools==8.3.0",
    "packaging==20.4",
    "pathlib2==2.3.5",
    "toolz==0.11.1",
    "tqdm==4.46.0",
    "wcwidth==0.2.3",
    "zipp==3.1.0",
]

_AS_WHEELS = (
    *("--no-deps", "--only-binary=:all:", "--python-version", "3.6", "--implementation", "cp"),
    *("--abi", "cp36m", "--abi", "abi3", "--abi", "none", "--platform", "manylinux2014_x86_64"),
    *("--platform", "manylinux2010_x86_64", "--platform", "manylinux1_x86_64", "--platform", "any"),
)

_COMPILING = """
import backend, base64, os, subprocess
from backend import *

subprocess.check_call(["cc", "-g", "-shared", "-fPIC", "-o", "extension.so", os.path.abspath("extension.c")])
with open("extension.so", "rb") as compiled, open("extension.py", "w") as module:
    module.write("SO = %r" % base64.b64encode(compiled.read()))
backend.MODULES.append("extension.py")
"""
"""A build backend that compiles C; what it makes is in a module as text."""


def _entries(root: Path) -> dict[str, tuple[str, bytes, int]]:
    """Return what is below a directory: kind, content or target, and mode."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()), 0)
        elif path.is_dir():
            found[name] = ("directory", b"", stat.S_IMODE(path.stat().st_mode))
        else:
            found[name] = ("file", path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    return found


def _replayed(case: Case, untouched: Path, mask: str, **variables: str) -> dict[str, tuple[str, bytes, int]]:
    (case.directory / "runs").unlink(missing_ok=True)
    return _installed(install_arguments(case), case.prefix, untouched, mask, **variables)


def _installed(
    arguments: Sequence[str | Path], prefix: Path, untouched: Path, mask: str, **variables: str
) -> dict[str, tuple[str, bytes, int]]:
    """Install into a fresh copy of a prefix, and return what is there then."""
    shutil.rmtree(prefix)
    shutil.copytree(untouched, prefix, symlinks=True)
    before = ["bash", "-c", f'umask {mask}; exec "$@"', "bash"]
    done = run(*arguments, env={"PYTHONDONTWRITEBYTECODE": "", **variables}, before=before)
    assert done.returncode == 0, done.stderr
    return _entries(prefix)


def _conflicts(case: Case, wheelhouse: Path) -> tuple[Conflict, ...]:
    """Return what the wheels of a case ask for and do not find among each other."""
    wheels = {package.name: wheelhouse / package.file for package in case.packages}
    present = {
        package.name: Present(package.version, tuple(required_by(wheels[package.name]))) for package in case.packages
    }
    return broken({}, present, marker_environment_of(case.lockfile, case.python))


def _extension(wheelhouse: Path) -> Path:
    """Make an sdist with a C extension, whose compiler writes down where it worked."""
    system = '[build-system]\nrequires = []\nbuild-backend = "compiling"\nbackend-path = ["."]\n'
    modules = {"compiling.py": _COMPILING, "extension.c": "const char *where(void) { return __FILE__; }\n"}
    return make_sdist(wheelhouse, "extension", "1.0", modules=modules, pyproject=system)


def test_the_same_files_with_the_same_bytes(
    tmp_path: Path, wheelhouse: Path, index_server: IndexServer, python36: Path
) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url, python=python36)
    case.add(_extension(wheelhouse))
    case.script += 'mkdir -p "$VIRTUAL_ENV$CONDA_PREFIX/made"\n'  # type: ignore[operator]  # it has one
    write_lockfile(case)
    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    first = _replayed(case, untouched, "022", TZ="UTC", LC_ALL="C")
    assert "lib/libdemo.so" in first
    assert "lib/python3.6/site-packages/fromgit.py" in first
    time.sleep(2.1)  # a ZIP archive counts time in steps of two seconds
    warm = _replayed(case, untouched, "022")
    assert warm == first
    shutil.rmtree(case.cache)
    cold = _replayed(case, untouched, "077", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")
    assert cold.keys() == first.keys()
    assert [name for name, entry in cold.items() if entry != first[name]] == []


@pytest.mark.index
def test_a_conda_environment_with_a_real_interpreter(tmp_path: Path, python36: Path) -> None:
    """That of the example, whose interpreter writes byte code wherever it may."""
    prefix = make_conda_image(tmp_path, python36, catalog.find("python", "0.16.0", "cpu"))
    untouched = shutil.copytree(prefix, tmp_path / "untouched", symlinks=True)
    project = shutil.copytree(_EXAMPLE, tmp_path / "project")
    cache = tmp_path / "cache"
    arguments: list[str | Path] = ["install", project, "--platform", "cpu", "--prefix", prefix, "--cache-dir", cache]
    first = _installed(arguments, prefix, untouched, "022")
    assert [name for name in first if name.endswith(".pyc") and name not in _entries(untouched)] == []
    shutil.rmtree(cache)
    second = _installed(arguments, prefix, untouched, "077")
    assert second.keys() == first.keys()
    assert [name for name, entry in second.items() if entry != first[name]] == []


@pytest.mark.index
def test_sixty_distributions(tmp_path: Path, wheelhouse: Path, index_server: IndexServer, python36: Path) -> None:
    """The small ones of an image, and what many projects add."""
    case = make_case(tmp_path, index_url=index_server.simple_url, python=python36, version="3.6.15")
    image = catalog.find("python", "0.16.0", "cpu")
    pins = [f"{each.name}=={each.version}" for each in image.distributions if each.name not in _LEFT_OUT]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--dest",
        str(wheelhouse),
        *_AS_WHEELS,
        *pins,
        *_MORE,
    ]
    subprocess.run(command, check=True, capture_output=True)
    for wheel in sorted(wheelhouse.iterdir()):
        case.add(wheel)
    assert len(case.packages) >= 60
    case.conflicts += _conflicts(case, wheelhouse)  # what is left out is asked for
    write_lockfile(case)
    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    first = _replayed(case, untouched, "022")
    shutil.rmtree(case.cache)
    second = _replayed(case, untouched, "077", TZ="Asia/Tokyo")
    assert second.keys() == first.keys()
    assert [name for name, entry in second.items() if entry != first[name]] == []
