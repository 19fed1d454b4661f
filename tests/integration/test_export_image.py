"""`script` and `cortex` in a copy of the 0.16.0 image under a real Python 3.6, conda step included; `verify` judges.

Beside the conda that conda-lock ships, those that `CORTEXLOCK_TEST_CONDA` names are run: conda 4.7.12 is the image's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from uv import find_uv_bin

from cortexlock.predictors import catalog
from tests.support import conda_program, dockerfile
from tests.support.conda_python import make_conda_image
from tests.support.full_project import run

pytestmark = [pytest.mark.index, pytest.mark.interpreter]

EXAMPLE = Path(__file__).parents[2] / "examples" / "conda-channel"
CONDAS = ("shipped", *map(str, conda_program.further(os.environ)))
NO_NETWORK = ("/usr/bin/unshare", "--user", "--map-root-user", "--net")


@pytest.fixture
def image(tmp_path: Path, python36: Path) -> Path:
    """Return a copy of the image, with its own pip."""
    prefix = make_conda_image(tmp_path, python36, catalog.find("python", "0.16.0", "cpu"))
    tools = ["pip==20.1", "setuptools==46.1.3", "wheel==0.34.2"]
    command = [find_uv_bin(), "pip", "install", "--no-config", "--no-deps", "--reinstall", "--link-mode", "copy"]
    subprocess.run([*command, "--python", prefix / "bin" / "python", *tools], check=True, capture_output=True)
    return prefix


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "project"))


def _environment(conda: str, directory: Path, prefix: Path) -> Mapping[str, str]:
    """Return variables as a container's start-up has them: conda and the environment's programs on PATH."""
    program = conda_program.make_conda(directory / "conda") if conda == "shipped" else Path(conda)
    programs = directory / "programs"
    programs.mkdir()
    (programs / "conda").symlink_to(program)
    path = os.pathsep.join(map(str, (prefix / "bin", programs, *os.environ["PATH"].split(os.pathsep))))
    active = {"CONDA_PREFIX": str(prefix), "PATH": path}
    return {**os.environ, **conda_program.variables(directory / "home"), **active}


def _is_as_locked(project: Path, prefix: Path) -> None:
    verified = run("verify", project, "--platform", "cpu", "--prefix", prefix)
    assert verified.returncode == 0, verified.stdout
    assert "no replay left a receipt" in verified.stdout


@pytest.mark.parametrize("conda", CONDAS)
def test_the_script_does_what_install_does(conda: str, image: Path, project: Path, tmp_path: Path) -> None:
    script = tmp_path / "replay.sh"
    done = run("export", "script", project, "--platform", "cpu", "-o", script)
    assert done.returncode == 0, done.stderr
    environment = _environment(conda, tmp_path, image)
    done = subprocess.run(
        ["/bin/sh", script, "--project", project], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _is_as_locked(project, image)


@pytest.mark.parametrize("conda", CONDAS)
def test_the_commands_of_the_release_do_what_install_does(
    conda: str, image: Path, project: Path, tmp_path: Path
) -> None:
    deployed = tmp_path / "deployed"
    done = run("export", "cortex", project, "--platform", "cpu", "-o", deployed)
    assert done.returncode == 0, done.stderr
    environment = _environment(conda, tmp_path, image)
    (archive,) = deployed.rglob("greeting-*.tar.bz2")
    before = archive.read_bytes()
    archive.write_bytes(before + b"\n")
    start_up = ["/bin/bash", "-e", "dependencies.sh"]
    done = subprocess.run(start_up, check=False, capture_output=True, text=True, env=environment, cwd=deployed)
    assert (done.returncode, archive.name in done.stdout) == (6, True), done.stdout + done.stderr
    archive.write_bytes(before)
    # The start-up of Cortex 0.16, but for the directory.
    for command in (
        "bash -e dependencies.sh",
        "conda install --file conda-packages.txt",
        "pip --no-cache-dir install -r requirements.txt",
    ):
        done = subprocess.run(
            ["/bin/bash", "-ec", command], check=False, capture_output=True, text=True, env=environment, cwd=deployed
        )
        assert done.returncode == 0, done.stdout + done.stderr
    _is_as_locked(project, image)


def test_a_dockerfile_does_what_install_does_without_network(image: Path, project: Path, tmp_path: Path) -> None:
    if not dockerfile.is_possible():
        pytest.fail("users may have no namespaces here", pytrace=False)
    build, scratch = tmp_path / "build", tmp_path / "namespace"
    done = run("fetch", project, "--platform", "cpu", "-o", build, "--export", "dockerfile")
    assert done.returncode == 0, done.stderr
    scratch.mkdir()
    done = dockerfile.carry_out(build, scratch, _environment("shipped", tmp_path, image), network=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [done.stdout.count(each) for each in ("script: script.sh", "as locked")] == [1, 1]
    _is_as_locked(project, image)
    (archive,) = build.rglob("greeting-*.tar.bz2")
    archive.write_bytes(archive.read_bytes() + b"\n")
    done = dockerfile.carry_out(build, scratch, _environment("shipped", tmp_path / "again", image), network=False)
    assert done.returncode == 6, done.stdout + done.stderr


def test_a_bundle_needs_no_network(image: Path, project: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    done = run("fetch", project, "--platform", "cpu", "-o", bundle, "--export", "script")
    assert done.returncode == 0, done.stderr
    environment = _environment("shipped", tmp_path, image)
    (greeting,) = bundle.rglob("greeting-*.tar.bz2")
    before = greeting.read_bytes()
    for content, code in ((before + b"\n", 6), (before, 0)):
        greeting.write_bytes(content)
        done = subprocess.run(
            [*NO_NETWORK, "sh", bundle / "cortexlock.cpu.sh", "--project", project, "--from", bundle],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert ("script: script.sh" in done.stdout) is (code == 0)
    _is_as_locked(project, image)
