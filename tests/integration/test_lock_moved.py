"""A project moves, and its channel outside stays: the lockfile holds, and is not written anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from cortexlock.cli.main import main
from tests.support import conda_packages
from tests.support.conda_packages import Package

pytestmark = pytest.mark.slow


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


def test_a_lockfile_behind_one_mirror_holds_behind_another(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "conda-packages.txt").write_text("tool\nconda-forge::extra\n")
    settings = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\n"
    written = []
    for place in ("one", "two"):
        conda_packages.write_channel(tmp_path / place / "main", [Package("tool"), Package("extra")])
        conda_packages.write_channel(tmp_path / place / "forge", [Package("extra", "2.0")])
        forge = (tmp_path / place / "forge").as_uri()
        aliases = f"channel-aliases:\n  defaults: ../{place}/main\n  conda-forge: '{forge}'\n"
        (project / "cortexlock.yaml").write_text(f"{settings}{aliases}")
        assert _run("lock", str(project)) == 0, capfd.readouterr().err
        written.append((project / "cortexlock.cpu.yaml").read_bytes())
        bundle = tmp_path / f"bundle-{place}"
        assert _run("fetch", str(project), "--output", str(bundle)) == 0, capfd.readouterr().err
        shutil.rmtree(tmp_path / place)
    assert written[0] == written[1]
    document = yaml.safe_load(written[0])
    found = {each["name"]: (each["channel"], each["version"]) for each in document["steps"][0]["packages"]}
    assert found["tool"] == ("defaults", "1.0")
    assert found["extra"] == ("conda-forge", "2.0")


def test_the_priority_of_the_channels_is_configured_and_locked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    conda_packages.write_channel(tmp_path / "a", [Package("tool")])
    conda_packages.write_channel(tmp_path / "b", [Package("tool", "2.0")])
    (tmp_path / "conda-packages.txt").write_text("tool\n")
    settings = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nchannels: [./a, ./b]\n"
    for said, version in (("", "1.0"), ("channel-priority: disabled\n", "2.0"), ("channel-priority: strict\n", "1.0")):
        (tmp_path / "cortexlock.yaml").write_text(settings + said)
        if said:
            assert _run("check", str(tmp_path)) == 1
            assert "`channel-priority` is" in capfd.readouterr().out
        assert _run("lock", str(tmp_path), "--upgrade") == 0
        document = yaml.safe_load((tmp_path / "cortexlock.cpu.yaml").read_bytes())
        assert [each["version"] for each in document["steps"][0]["packages"]] == [version]
        assert _run("check", str(tmp_path)) == 0


@pytest.mark.parametrize("channel", ["./t/channel", "./my channel"])
def test_any_directory_can_be_a_channel(tmp_path: Path, channel: str, capfd: pytest.CaptureFixture[str]) -> None:
    conda_packages.write_channel(tmp_path / channel, [Package("tool")])
    (tmp_path / "conda-packages.txt").write_text("tool\n")
    settings = f"predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nchannels: ['{channel}']\n"
    (tmp_path / "cortexlock.yaml").write_text(settings)
    assert _run("lock", str(tmp_path)) == 0, capfd.readouterr().err
    assert _run("fetch", str(tmp_path), "--output", str(tmp_path / "bundle")) == 0, capfd.readouterr().err
    assert _run("check", str(tmp_path)) == 0
