"""Predictor files end to end: captured from inside and from outside an image, and locked in place of the catalog."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cortexlock import process
from cortexlock.cli.main import main
from cortexlock.conda import install
from cortexlock.conda.install import LinkPlace
from cortexlock.lock.capture import capture_prefix, capture_snapshot
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Input, PipStep
from cortexlock.model.predictor import Predictor
from cortexlock.predictors import catalog, snapshot
from cortexlock.predictors.capture import Captured, Said
from cortexlock.predictors.snapshot_script import snapshot_script
from tests.support import conda_packages
from tests.support.conda_python import python_package
from tests.support.image import make_image_prefix, write_conda_records
from tests.support.image_archives import config_of, distribution, layer, layout, python_image
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.support.index_server import IndexServer

IMAGE = catalog.find("python", "0.16.0", "cpu")


def _command(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


@pytest.fixture
def project(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Path:
    """A project that keeps, changes and adds packages of the image."""
    directory = tmp_path / "project"
    directory.mkdir()
    for name, version, requires in [
        ("new", "1.0", ["boto3>=1.13", "numpy", "torch"]),
        ("boto3", "1.14.0", ["botocore<2"]),
        ("numpy", "1.19.0", []),
    ]:
        make_wheel(wheelhouse, name, version, requires=requires)
    (directory / "requirements.txt").write_text("new\nsix\n")
    (directory / "cortexlock.yaml").write_text(f"index-url: {index_server.simple_url}\n")
    return directory


def test_a_predictor_file_locks_as_the_catalog_does(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    said = ["--predictor", "python", "--cortex-version", "0.16.0", "--platform", "cpu"]
    assert _command("lock", *said) == 0
    by_catalog = files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")
    (project / "cortexlock.cpu.yaml").unlink()
    capsys.readouterr()
    assert _command("predictors", "show", "python", "0.16.0", "--platform", "cpu", "--yaml") == 0
    (project / "image.yaml").write_text(capsys.readouterr().out)
    assert _command("lock", "--predictor", "image.yaml") == 0
    assert "  python predictor on cpu (image.yaml), Cortex 0.16.0; Python 3.6.9\n" in capsys.readouterr().out
    by_file = files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")

    step = by_file.step("pip")
    assert isinstance(step, PipStep)
    actions = {package.name: package.action for package in step.packages}
    assert (actions["new"], actions["boto3"], actions["numpy"], actions["six"]) == ("add", "change", "keep", "keep")
    assert by_file.predictor == replace(by_catalog.predictor, file="image.yaml")
    given = {each.file: each for each in by_file.inputs}
    assert by_file == replace(
        by_catalog,
        predictor=by_file.predictor,
        inputs=(Input("image.yaml", given["image.yaml"].sha256), *by_catalog.inputs),
    )

    configuration = project / "cortexlock.yaml"
    configuration.write_text(f"predictor: ./image.yaml\n{configuration.read_text()}")
    assert _command("check") == 0
    image = project / "image.yaml"
    image.write_text(image.read_text().replace('{name: boto3, version: "', '{name: boto3, version: "0.'))
    capsys.readouterr()
    assert _command("check") == 1
    assert "image.yaml: has changed since the lockfile was made" in capsys.readouterr().out
    assert _command("lock") == 0
    assert _command("check") == 0


def test_an_image_that_is_not_one_of_cortex(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = "usr/local/lib/python3.6/site-packages"
    layers = (
        layer({**python_image(python="3.6.9"), **distribution(site, "numpy", "1.18.2")}),
        layer({**distribution(site, "torch", "1.4.0+cu92"), **distribution(site, "botocore", "1.17")}),
        layer(distribution(site, "six", "1.14.0")),
    )
    archive = project / "image.tar"
    archive.write_bytes(layer(layout([(layers, config_of(layers), "ours:1")], "gzip")))
    monkeypatch.chdir(project)
    assert _command("predictors", "capture", "image.tar", "-o", "image.yaml") == 0
    archive.unlink()
    configuration = project / "cortexlock.yaml"
    configuration.write_text(f"image: ./image.yaml\n{configuration.read_text()}")
    assert _command("lock") == 0
    assert "  image ours:1 for cpu (image.yaml); Python 3.6.9\n" in capsys.readouterr().out
    lockfile = files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")
    assert (lockfile.predictor.type, lockfile.predictor.image) == ("", "ours:1")
    assert lockfile.predictor.digest.startswith("sha256:")
    step = lockfile.step("pip")
    assert isinstance(step, PipStep)
    actions = {package.name: package.action for package in step.packages}
    assert (actions["torch"], actions["numpy"], actions["six"], actions["new"]) == ("keep", "keep", "keep", "add")
    assert _command("check") == 0
    assert _command("show") == 0
    assert "cpu: image ours:1 for cpu\n" in capsys.readouterr().out
    assert _command("export", "dockerfile", "-o", "build") == 0
    dockerfile = (project / "build" / "Dockerfile").read_text()
    assert dockerfile.splitlines()[1:3] == ["ARG BASE", "FROM ${BASE}"]
    assert "--step pip" in dockerfile
    assert "cortex" not in (project / "image.yaml").read_text().partition("\n")[2]


def _both_ways(prefix: Path, scratch: Path, like: Predictor) -> tuple[Captured, Captured]:
    """Capture an environment by its files, and by the script that runs in it."""
    script = snapshot_script()
    completed = process.run([prefix / "bin" / "python", "-"], env={"PATH": os.defpath, "LC_ALL": "C"}, text=script)
    assert completed.returncode == 0, completed.output
    assert json.loads(completed.stdout)["snapshot-version"] == snapshot.SNAPSHOT_VERSION
    file = scratch / "image.json"
    file.write_text(completed.stdout, encoding="utf-8")
    return capture_prefix(prefix, like, Said(), {}), capture_snapshot(file, like, Said())


@pytest.mark.interpreter
def test_a_virtual_environment_of_python_3_6(tmp_path: Path, python36: Path) -> None:
    prefix = make_image_prefix(tmp_path / "image", IMAGE, python=python36)
    _develop(prefix, tmp_path)
    write_conda_records(prefix, IMAGE.conda_records[:2])
    outside, inside = _both_ways(prefix, tmp_path, IMAGE)
    assert outside == inside
    found = {one.name: one for one in outside.predictor.distributions}
    trees = {name: found.pop(name) for name in ("developed", "old-style")}
    assert trees["developed"].requires == ("six>=1", 'numpy; extra == "fast"')
    assert (trees["developed"].on_index, trees["old-style"].on_index) == (False, True)
    # The stubs of the image are installed from files, not from an index.
    assert found == {
        one.name: replace(one, extras=tuple(dict.fromkeys(one.extras)), on_index=False) for one in IMAGE.distributions
    }
    assert outside.predictor.python.startswith("3.6.")
    records = [(one.name, one.version, one.depends) for one in IMAGE.conda_records[:2]]
    assert [(one.name, one.version, one.depends) for one in outside.predictor.conda_records] == records


def _develop(prefix: Path, scratch: Path) -> None:
    """Let a tree look installed by `setup.py develop`, and a distribution by `setup.py install`."""
    tree = scratch / "tree"
    info = tree / "developed.egg-info"
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: developed\nVersion: 1.0\nProvides-Extra: fast\n")
    (info / "requires.txt").write_text("six>=1\n\n[fast]\nnumpy\n")
    site = next(prefix.glob("lib/python3.*/site-packages"))
    (site / "developed.egg-link").write_text(f"{tree}\n.")
    (site / "easy-install.pth").write_text(f"{tree}\n")
    (site / "old_style-1.0-py3.6.egg-info").write_text("Metadata-Version: 1.0\nName: old-style\nVersion: 1.0\n")


@pytest.mark.interpreter
def test_a_conda_environment_of_python_3_6(tmp_path: Path, python36: Path) -> None:
    prefix, scratch, work = tmp_path / "prefix", tmp_path / "scratch", tmp_path / "work"
    for directory in (prefix, scratch, work):
        directory.mkdir()
    package = replace(python_package(python36, scratch), depends=("libffi >=3.2",))
    locked, archive = conda_packages.write(tmp_path / "archives", package)
    install.link([(locked, archive)], LinkPlace(prefix, work, os.environ))
    site = next(prefix.glob("lib/python3.*/site-packages"))
    (site / "six-1.15.0.dist-info").mkdir()
    (site / "six-1.15.0.dist-info" / "METADATA").write_text("Name: six\nVersion: 1.15.0\n")
    (site / "six-1.15.0.dist-info" / "INSTALLER").write_text("conda\n")
    outside, inside = _both_ways(prefix, tmp_path, IMAGE)
    assert outside == inside
    assert outside.predictor.has_conda
    (record,) = outside.predictor.conda_records
    assert (record.name, record.version, record.build, record.depends) == (
        *("python", locked.version, locked.build),
        ("libffi >=3.2",),
    )
    assert [one.name for one in outside.predictor.distributions] == ["six"]
    assert outside.notes == ()
