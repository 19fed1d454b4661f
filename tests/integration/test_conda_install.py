"""The example's packages in a real environment: a Python 3.6 from a conda package, and what is linked beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import archive, install
from cortexlock.conda import prefix as environment
from cortexlock.conda.install import LinkPlace
from cortexlock.conda.solve import CondaRequest, solve
from cortexlock.errors import IntegrityError
from cortexlock.inputs import conda_list
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import CondaRecord, Predictor
from cortexlock.model.target import Target
from tests.support import conda_packages
from tests.support.conda_packages import Member, Package
from tests.support.conda_python import python_package

EXAMPLE = Path(__file__).parents[2] / "examples" / "conda-channel"


def _locked(cache: Path, *, cuda: str | None, python: str) -> tuple[tuple[CondaPackage, Path], ...]:
    """Return what the example's list is locked to, with the archives."""
    image = Predictor(
        type="python",
        cortex_version="0.16.0",
        platform="cuda" if cuda else "cpu",
        image="python-predictor",
        slim=False,
        released="2020-06-01T00:00:00Z",
        python=python,
        glibc="2.27",
        cuda=cuda,
        has_conda=True,
        channels=("defaults",),
        order=("script", "conda", "pip"),
        conda_records=(CondaRecord("pip", "19.3.1"), CondaRecord("python", python)),
    )
    request = CondaRequest(
        specs=conda_list.read(EXAMPLE / "conda-packages.txt", name="conda-packages.txt").specs,
        file="conda-packages.txt",
        predictor=image,
        target=Target.of(image),
        channels=("./channel",),
        project=EXAMPLE,
        exclude_newer="2020-06-01T00:00:00Z",
        conda=None,
        cache=cache,
    )
    packages = solve(request, on_progress=lambda _: None).packages
    return tuple((p, EXAMPLE / "channel" / p.subdir / p.file) for p in packages if p.file)


def test_the_example_locks_differently_for_cpus_and_cuda(tmp_path: Path) -> None:
    cpu = {package.name: package for package, _ in _locked(tmp_path, cuda=None, python="3.6.9")}
    cuda = {package.name: package for package, _ in _locked(tmp_path, cuda="10.1", python="3.6.9")}
    assert cpu["greeting"] == cuda["greeting"]
    assert cpu["greeting"].version == "1.0"  # 2.0 is newer than the date in cortexlock.yaml
    assert (cpu["accelerator"].build, cuda["accelerator"].build) == ("py36_cpu_0", "py36_cuda_1")


def test_the_examples_channel_is_what_its_script_makes(tmp_path: Path) -> None:
    script = EXAMPLE / "build_channel.py"
    subprocess.run([sys.executable, "-I", script, tmp_path / "made"], check=True, env={"TZ": "Asia/Tokyo"})
    assert _contents(tmp_path / "made") == _contents(EXAMPLE / "channel")


@pytest.mark.interpreter
def test_the_example_runs_in_a_conda_environment_of_python_3_6(tmp_path: Path, python36: Path) -> None:
    prefix, work, scratch = tmp_path / "prefix", tmp_path / "work", tmp_path / "scratch"
    for directory in (prefix, work, scratch):
        directory.mkdir()
    python, python_archive = conda_packages.write(tmp_path / "archives", python_package(python36, scratch))
    archive.verify(python_archive, python)
    install.link([(python, python_archive)], LinkPlace(prefix, work, os.environ))
    packages = _locked(tmp_path / "cache", cuda="10.1", python=python.version)
    for package, path in packages:
        archive.verify(path, package)
    assert install.link(packages, LinkPlace(prefix, work, os.environ)) == ("accelerator", "greeting")

    program = "import accelerator, greeting, sys; print(sys.version[:3], accelerator.DEVICE, greeting.__file__)"
    assert _run(prefix / "bin" / "python", "-c", program).split() == [
        "3.6",
        "cuda",
        str(prefix / "lib" / "python3.6" / "site-packages" / "greeting.py"),
    ]
    assert _run(prefix / "bin" / "greet", "you") == "Hello, you!\n"
    locked = [package for package, _ in packages]
    assert environment.verify(prefix, [*locked, CondaPackage("python", python.version, action="keep")]) == ()

    before = _state(prefix)
    assert install.link(packages, LinkPlace(prefix, work, os.environ)) == ()
    assert _state(prefix) == before
    assert list(work.iterdir()) == []

    (other, _), *_ = _locked(tmp_path / "cache", cuda=None, python=python.version)
    install.link([(other, EXAMPLE / "channel" / "linux-64" / other.file)], LinkPlace(prefix, work, os.environ))
    assert _run(prefix / "bin" / "python", "-c", "import accelerator; print(accelerator.DEVICE)") == "cpu\n"
    assert _run(prefix / "bin" / "greet") == "Hello, world!\n"
    changed = environment.verify(prefix, locked)
    assert changed == ("accelerator is 1.0 py36_cpu_0, locked is 1.0 py36_cuda_1",)


@pytest.mark.parametrize("suffix", [".tar.bz2", ".conda"])
@pytest.mark.parametrize(
    "package",
    [
        Package("evil", files=[("../../evil", "x")]),
        Package("evil", files={"lib/a": "x"}, paths=[{"_path": "../../evil", "path_type": "hardlink"}]),
        Package("evil", files={"lib/a": Member(tarfile.SYMTYPE, "../../evil")}),
    ],
)
def test_evil_archives_are_refused_before_anything_is_written(tmp_path: Path, package: Package, suffix: str) -> None:
    locked, path = conda_packages.write(tmp_path / "archives", replace(package, suffix=suffix))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(IntegrityError):
        archive.verify(path, locked)
    assert sorted(tmp_path.rglob("*")) == before


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONDONTWRITEBYTECODE": "1"})
    return done.stdout


def _contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def _state(directory: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in sorted(directory.rglob("*"))}
