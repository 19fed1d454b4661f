"""What `lock` adds and changes is what pip does in the image: compared with uv and with the image's own kind of pip.

The environment of the image is copied under a real Python 3.6: distributions without code, but with their metadata, as
what counts is which packages an installer takes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename
from pip._internal.models.index import PyPI

from cortexlock.inputs import project_directory
from cortexlock.lock.lock import lock
from cortexlock.lock.locked import LockOptions
from cortexlock.model.lockfile import Lockfile, PipStep
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Configuration
from cortexlock.predictors import catalog
from tests.support.image import make_image_prefix
from tests.support.index_mirror import IndexMirror

pytestmark = [pytest.mark.index, pytest.mark.interpreter]

_EXAMPLE = Path(__file__).parents[2] / "examples" / "sentiment-analyzer"
_CUT_OFF = "2020-06-01T00:00:00Z"
_LATER = "2021-12-01T00:00:00Z"  # tensorflow 2.6.2 and botocore 1.23 are of autumn 2021

CASES = {
    "sentiment-analyzer": ((_EXAMPLE / "requirements.txt").read_text(encoding="utf-8"), _CUT_OFF),
    "satisfied and new": ("requests\nscikit-learn\n", _LATER),
    "pinned": ("pandas==1.1.5\n", _LATER),
    "lower bound": ("requests>=2.25\nboto3\n", _LATER),
    "closure changes": ("tensorflow-cpu==2.6.2\n", _LATER),
    "breaks the image": ("botocore>=1.23\n", _LATER),
    "both ends of a dependency": ("boto3\nbotocore>=1.23\n", _LATER),
    "extra of what is installed": ("requests[security]\n", _LATER),
}


_PIP = "21.3.1"  # the last for Python 3.6; its resolver is the one that pip has had since 20.3


@pytest.fixture(scope="module")
def image(python36: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the environment of the image that the example is for."""
    return make_image_prefix(tmp_path_factory.mktemp("image") / "prefix", _predictor(), python=python36)


@pytest.fixture(scope="module")
def image_with_pip(python36: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a pip that runs, and the image's setuptools for it."""
    prefix = tmp_path_factory.mktemp("with-pip") / "prefix"
    make_image_prefix(prefix, _predictor(), python=python36, pip=True)
    of_image = {each.name: each.version for each in _predictor().distributions}
    tools = [f"pip=={_PIP}", *(f"{name}=={of_image[name]}" for name in ("setuptools", "wheel"))]
    _pip(prefix, "install", *tools)
    return prefix


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "-"))
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Requirements, and the date up to which the index counts."""
    requirements: tuple[str, str] = CASES[request.param]
    return requirements


def test_lock_is_what_uv_would_install(case: tuple[str, str], image: Path, python36: Path, shared_cache: Path) -> None:
    expected = _by_uv(case, image, shared_cache)
    found = _locked(*case, python36, shared_cache)
    assert _changes(found) == expected


def test_lock_is_what_pip_installs(
    case: tuple[str, str], image_with_pip: Path, python36: Path, shared_cache: Path, tmp_path: Path
) -> None:
    requirements, cut_off = case
    file = tmp_path / "requirements.txt"
    file.write_text(requirements, encoding="utf-8")
    prefix = tmp_path / "prefix"
    shutil.copytree(image_with_pip, prefix, symlinks=True)
    before = _installed(prefix)
    with IndexMirror(tmp_path / "none", PyPI.simple_url + "/", before=cut_off, real=("setuptools", "wheel")) as mirror:
        _pip(prefix, "install", "--no-cache-dir", "--index-url", mirror.simple_url, "-r", str(file))
    after = _installed(prefix)
    expected = {name: version for name, version in after.items() if before.get(name) != version}
    assert _changes(_locked(*case, python36, shared_cache)) == expected


def test_every_wheel_is_one_that_python36_takes(
    case: tuple[str, str], image_with_pip: Path, python36: Path, shared_cache: Path
) -> None:
    supported = _tags(image_with_pip)
    for package in _step(_locked(*case, python36, shared_cache)).packages:
        if package.file.endswith(".whl"):
            assert {str(tag) for tag in parse_wheel_filename(package.file)[3]} & supported, package.file


def _predictor() -> Predictor:
    return catalog.find("python", "0.16.0", "cpu")


def _pip(prefix: Path, *arguments: str) -> str:
    command = [str(prefix / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments]
    answer = subprocess.run(command, env=_environment(), check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def _installed(prefix: Path) -> dict[str, str]:
    found = json.loads(_pip(prefix, "list", "--format", "json"))
    return {canonicalize_name(each["name"]): each["version"] for each in found}


def _by_uv(case: tuple[str, str], image: Path, cache: Path) -> dict[str, str]:
    requirements, cut_off = case
    with TemporaryDirectory() as directory:
        file = Path(directory, "requirements.txt")
        file.write_text(requirements, encoding="utf-8")
        command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--exclude-newer", cut_off]
        command += ["--python", str(image / "bin" / "python"), "--cache-dir", str(cache / "uv"), "-r", str(file)]
        answer = subprocess.run(command, env=_environment(), check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^ \+ (\S+?)==(\S+)$", answer.stderr, re.MULTILINE)
    }


@cache
def _locked(requirements: str, cut_off: str, python: Path, cache_directory: Path) -> Lockfile:
    with TemporaryDirectory() as directory:
        Path(directory, "requirements.txt").write_text(requirements, encoding="utf-8")
        said = Configuration(predictor="python", cortex_version="0.16.0", platforms=("cpu",), exclude_newer=cut_off)
        options = LockOptions(None, python, cache_directory / "cortexlock", dict(os.environ))
        (locked,) = lock(project_directory.read(Path(directory), said), options, on_event=lambda _event: None)
    return locked.lockfile


def _step(lockfile: Lockfile) -> PipStep:
    step = lockfile.step("pip")
    assert isinstance(step, PipStep)
    return step


def _changes(lockfile: Lockfile) -> dict[str, str]:
    return {package.name: package.version for package in _step(lockfile).packages if package.action != "keep"}


def _tags(prefix: Path) -> set[str]:
    """Return the tags that the pip of a prefix supports; its manylinux tags depend on the machine's glibc."""
    code = "from pip._internal.utils.compatibility_tags import get_supported as tags; print(*tags())"
    answer = subprocess.run(
        [prefix / "bin" / "python", "-c", code], env=_environment(), check=True, capture_output=True, text=True
    )
    return set(answer.stdout.split())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_INDEX", "PYTHON", "UV_IN"))}
