"""A project moves, and its channel outside stays: the lockfile holds, and is not written anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from cortexlock.cli.main import main
from tests.support import conda_packages
from tests.support.conda_packages import Package


def _run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def test_a_lockfile_does_not_depend_on_where_the_project_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    channel, project = tmp_path / "channel", tmp_path / "project"
    conda_packages.write_channel(channel, [Package("tool")])
    project.mkdir()
    (project / "conda-packages.txt").write_text("tool\n")
    settings = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\n"
    (project / "cortexlock.yaml").write_text(f"{settings}channels: ['{channel.as_uri()}']\n")
    assert _run("lock", str(project)) == 0, capfd.readouterr().err
    written = (project / "cortexlock.cpu.yaml").read_bytes()
    document = yaml.safe_load(written)
    assert document["channels"] == [document["steps"][0]["packages"][-1]["channel"]] == [channel.as_uri()]

    moved = tmp_path / "deeper" / "still" / "project"
    shutil.copytree(project, moved)
    assert _run("check", str(moved)) == 0
    assert _run("fetch", str(moved), "--output", str(tmp_path / "bundle")) == 0, capfd.readouterr().err
    assert _run("lock", str(moved)) == 0
    assert (moved / "cortexlock.cpu.yaml").read_bytes() == written
