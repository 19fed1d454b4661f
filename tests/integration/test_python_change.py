"""conda replaces Python: from the list to an environment that runs, through the commands, with real interpreters."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from cortexlock.conda import archive, install
from cortexlock.conda.install import LinkPlace
from cortexlock.predictors import catalog
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.conda_python import python_package
from tests.support.image import install_stubs, installed, write_conda_records
from tests.support.index_server import IndexServer
from tests.support.interpreters import find_python
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.interpreter

PROGRAM = Path(sysconfig.get_path("scripts")) / "cortexlock"
CORE = {
    "boto3": "1.13.7",
    "datadog": "0.36.0",
    "dill": "0.3.1.1",
    "fastapi": "0.54.1",
    "msgpack": "1.0.0",
    "numpy": "1.18.4",
    "python-multipart": "0.0.5",
    "pyyaml": "5.3.1",
    "requests": "2.23.0",
    "uvicorn": "0.11.5",
}


def _run(*arguments: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [PROGRAM, *arguments], env=dict(os.environ), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def _image(prefix: Path, python36: Path, work: Path) -> None:
    """Make an environment as the image has it: a Python 3.6 of conda's, and all distributions as stubs."""
    (work / "scratch36").mkdir(parents=True)
    prefix.mkdir()
    python, path = conda_packages.write(work, python_package(python36, work / "scratch36"))
    archive.verify(path, python)
    install.link([(python, path)], LinkPlace(prefix, work, os.environ))
    image = catalog.find("python", "0.18.0", "cpu")
    write_conda_records(prefix, [record for record in image.conda_records if record.name != "python"])
    install_stubs(prefix, image.distributions)


def test_from_the_list_to_an_environment_that_runs(
    tmp_path: Path, index_server: IndexServer, wheelhouse: Path, python36: Path
) -> None:
    python37 = find_python("3.7", env={"PYENV_ROOT": str(python36.parents[3]), "PATH": os.environ["PATH"]})
    if python37 is None:
        pytest.skip("no Python 3.7 on this machine")
    project, prefix, work = tmp_path / "project", tmp_path / "prefix", tmp_path / "work"
    _image(prefix, python36, work)
    assert "tensorflow-cpu" in installed(prefix) or "torch" in installed(prefix)

    (work / "scratch37").mkdir()
    new = python_package(python37, work / "scratch37")
    needs = ["python >=3.7,<3.8.0a0"]
    others = [Package(n, "99.0", "py37_0", depends=needs) for n in ("certifi", "pip", "setuptools", "wheel")]
    conda_packages.write_channel(project / "channel", [new, *others])
    (project / "conda-packages.txt").write_text("python=3.7.*\n", encoding="utf-8")
    (project / "requirements.txt").write_text("added\n", encoding="utf-8")
    (project / "cortexlock.yaml").write_text(
        "predictor: python\ncortex-version: 0.18.0\nplatforms: [cpu]\nchannels: [./channel]\n"
        f"index-url: {index_server.simple_url}\n",
        encoding="utf-8",
    )
    for name, version in CORE.items():
        make_wheel(wheelhouse, name, version, modules={f"{name.replace('-', '_')}.py": f"VERSION = '{version}'\n"})
    make_sdist(
        wheelhouse,
        "added",
        "2.0",
        requires=("boto3",),
        modules={"added.py": "import sys\nimport boto3\nPYTHON = sys.version_info[:2]\n"},
    )
    common: list[str | Path] = ["--cache-dir", tmp_path / "cache"]
    _run("lock", project, "--strict", *common, code=4)
    assert not (project / "cortexlock.cpu.yaml").exists()
    said = _run("lock", project, *common)
    assert f"WARNING: conda replaces Python 3.6.9 with {new.version}" in said
    _run("check", project)

    place: list[str | Path] = ["--platform", "cpu", "--prefix", prefix, *common]
    _run("install", project, *place)
    code = "import added, boto3; print(added.PYTHON, boto3.VERSION)"
    shown = subprocess.run([prefix / "bin" / "python", "-I", "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout == "(3, 7) 1.13.7\n"
    site = prefix / "lib" / "python3.7" / "site-packages"
    assert {path.name for path in site.glob("*.dist-info")} == {
        "added-2.0.dist-info",
        *(f"{name.replace('-', '_')}-{version}.dist-info" for name, version in CORE.items()),
    }
    assert "nothing to do" in _run("install", project, *place, "--verbose")
