"""`check --image`: an archive beside the file that describes its image."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.inputs import project_directory
from cortexlock.lock.capture import capture_archive, write
from cortexlock.lockfile.text import dumps
from cortexlock.predictors.capture import Said
from tests.support.image_archives import Entries, Link, config_of, docker, layer, layout, python_image
from tests.support.projects import fresh_lockfile

BASE = layer(python_image())
ARM = layer(python_image(architecture="arm64"))


def _layers(version: str, **files: str) -> list[bytes]:
    place = f"usr/local/lib/python3.11/site-packages/numpy-{version}.dist-info/METADATA"
    return [BASE, layer({place: f"Metadata-Version: 2.1\nName: numpy\nVersion: {version}\n", **files})]


def _saved(path: Path, version: str, **files: str) -> Path:
    layers = _layers(version, **files)
    config = config_of(layers, PATH="/usr/local/bin:/usr/bin")
    path.write_bytes(layer(docker(layers, config, "our/image:1")))
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    archive = _saved(tmp_path / "old.tar", "1.26.0")
    found = capture_archive(archive, None, Said(), prefix=None, platform=None).captured.predictor
    write(tmp_path / "image.yaml", found)
    (tmp_path / "cortexlock.yaml").write_text("image: ./image.yaml\n")
    (tmp_path / "requirements.txt").write_text("")
    read = project_directory.read(tmp_path)
    (tmp_path / "cortexlock.cpu.yaml").write_text(dumps(fresh_lockfile(read, "cpu")))
    return tmp_path


def _said(capsys: pytest.CaptureFixture[str], project: Path, archive: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as done:
        main(["check", str(project), "--image", str(project / archive)])
    return int(str(done.value.code or 0)), capsys.readouterr().out


def test_an_archive_is_compared_with_its_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _said(capsys, project, "old.tar")
    assert (code, "image.yaml: fresh\n  the archive is the image that it was captured from" in said) == (0, True)
    _saved(project / "new.tar", "1.26.1", **{"etc/pip/constraint.txt": "numpy<2\n"})
    code, said = _said(capsys, project, "new.tar")
    assert (code, "image.yaml: stale" in said, "  numpy 1.26.0 -> 1.26.1\n" in said) == (1, True, True)
    assert "  constraint + numpy<2\n" in said
    assert f"`cortexlock predictors capture {project / 'new.tar'} -o image.yaml`" in said
    _saved(project / "same.tar", "1.26.0", **{"etc/hostname": "x"})
    code, said = _said(capsys, project, "same.tar")
    assert (code, "what they hold is the same" in said) == (0, True)


def test_an_environment_that_no_path_finds_is_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def saved(name: str, version: str, path: str) -> Path:
        place = f"opt/app/lib/python3.11/site-packages/six-{version}.dist-info/METADATA"
        files: Entries = {
            "opt/app/pyvenv.cfg": "home = /usr/local/bin\nversion = 3.11.9\n",
            "opt/app/bin/python": Link("/usr/local/bin/python3"),
            place: f"Metadata-Version: 2.1\nName: six\nVersion: {version}\n",
        }
        layers = [*_layers("1.26.0"), layer(files)]
        (project / name).write_bytes(layer(docker(layers, config_of(layers, PATH=path), "our/image:1")))
        return project / name

    archive = saved("app.tar", "1.0", "/usr/local/bin")
    found = capture_archive(archive, None, Said(), prefix="/opt/app", platform=None).captured.predictor
    write(project / "image.yaml", found)
    read = project_directory.read(project)
    (project / "cortexlock.cpu.yaml").write_text(dumps(fresh_lockfile(read, "cpu")))
    for path in ("/usr/local/bin:/nowhere", "/nowhere"):
        saved("same.tar", "1.0", path)
        code, said = _said(capsys, project, "same.tar")
        assert (code, "what they hold is the same" in said) == (0, True)
    saved("new one.tar", "1.1", "/usr/local/bin")
    code, said = _said(capsys, project, "new one.tar")
    assert (code, "  six 1.0 -> 1.1\n" in said, "numpy" in said) == (1, True, False)
    assert f"capture '{project / 'new one.tar'}' --prefix /opt/app -o image.yaml`" in said


def test_of_an_archive_for_several_platforms_that_of_the_file_counts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = _layers("1.26.1")
    of_arm = config_of([ARM], architecture="arm64", PATH="/usr/local/bin")
    images = [([ARM], of_arm, "our/image:1"), (layers, config_of(layers, PATH="/usr/local/bin"), "our/image:1")]
    (project / "several.tar").write_bytes(layer(layout(images)))
    code, said = _said(capsys, project, "several.tar")
    assert (code, "  numpy 1.26.0 -> 1.26.1\n" in said) == (1, True)
    index = json.loads(layout(images)["index.json"])
    assert index["manifests"][1]["digest"] in said


def test_what_is_no_image_is_said_as_capture_says_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "flat.tar").write_bytes(layer({"etc/hostname": "x"}))
    with pytest.raises(SystemExit) as done:
        main(["check", str(project), "--image", str(project / "flat.tar")])
    said = capsys.readouterr().err
    assert (done.value.code, "--image-platform" in said) == (2, False)
    assert "no Python environment is in it" in said


def test_a_project_that_cannot_be_read_is_said_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "cortexlock.yaml").write_text("image: ./none.yaml\n")
    with pytest.raises(SystemExit) as done:
        main(["check", str(project), "--image", str(project / "old.tar")])
    assert (done.value.code, capsys.readouterr().err.count("is not there")) == (3, 1)
