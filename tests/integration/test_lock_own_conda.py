"""`cortexlock lock --conda`: the whole way, with a program that is a conda and with one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import cortexlock
from cortexlock.cli.main import main
from cortexlock.conda import embedded
from tests.support import conda_packages
from tests.support.conda_packages import Package

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a channel and a list."""
    directory = tmp_path / "project"
    conda_packages.write_channel(directory / "channel", [Package("tool")])
    (directory / "conda-packages.txt").write_text("tool\n")
    settings = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nchannels: [./channel]\n"
    (directory / "cortexlock.yaml").write_text(settings)
    return directory


def _run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def test_the_lockfile_names_the_conda_and_its_version(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run("lock", str(project), "--conda", str(embedded.executable())) == 0, capfd.readouterr().err
    lockfile = project / "cortexlock.cpu.yaml"
    written = lockfile.read_bytes()
    resolvers = {each["name"]: each["version"] for each in yaml.safe_load(written)["resolvers"]}
    assert resolvers["cortexlock-conda"] == cortexlock.__version__
    assert _run("check", str(project)) == 0
    # The same solution by another conda is the same lockfile.
    assert _run("lock", str(project)) == 0
    assert lockfile.read_bytes() == written


def test_a_program_that_is_no_conda_is_named(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run("lock", str(project), "--conda", "/bin/false") == 2
    assert "`/bin/false --version` ended with exit code 1" in capfd.readouterr().err
    assert not list(project.glob("*.cpu.yaml"))
