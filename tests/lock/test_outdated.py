"""What newer there is: within the lines, beyond them, after the cut-off date."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from cortexlock.cli.main import main
from cortexlock.lock import lock as lock_module
from cortexlock.lock import outdated as outdated_module
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.index_server import IndexServer
from tests.support.locking import in_process, lock
from tests.support.resolution import undone
from tests.support.wheels import make_wheel


@pytest.fixture
def project(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> Path:
    directory = tmp_path / "project"
    directory.mkdir()
    settings = "predictor: python\ncortex-version: 0.35.0\nplatforms: [cpu]\nexclude-newer: 2021-06-01\n"
    (directory / "cortexlock.yaml").write_text(f"{settings}index-url: {index_server.simple_url}\n")
    (directory / "requirements.txt").write_text("alpha<2\nbeta\n")
    for name, version in (("alpha", "1.0"), ("beta", "1.0")):
        index_server.upload(make_wheel(wheelhouse, name, version).name, at="2021-01-01T00:00:00Z")
    lock(directory)
    return directory


def test_each_kind_of_newer_release_is_named(
    project: Path, wheelhouse: Path, index_server: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, version, at in (
        ("alpha", "1.5", "2021-02-01T00:00:00Z"),
        ("alpha", "2.0", "2021-03-01T00:00:00Z"),
        ("alpha", "3.0rc1", "2021-03-01T00:00:00Z"),
        ("alpha", "4.0", "2021-07-01T00:00:00Z"),
        ("beta", "1.1", "2021-07-01T00:00:00Z"),
    ):
        index_server.upload(make_wheel(wheelhouse, name, version).name, at=at)
    before = (project / "cortexlock.cpu.yaml").read_bytes()
    with (
        patch.object(lock_module, "side_by_side", in_process),
        patch.object(outdated_module, "side_by_side", in_process),
        pytest.raises(SystemExit) as ended,
        undone(project),
        patch.dict(os.environ),
    ):
        main(["outdated", str(project), "--exit-code"])
    assert ended.value.code == 1
    assert capsys.readouterr().out == (
        "cortexlock.cpu.yaml: newer: 1 within the lines, 1 only after the cut-off date, 2021-06-01\n"
        "  alpha  1.0 -> 1.5 within the lines, 2.0 beyond the lines, 4.0 after the cut-off date\n"
        "  beta   1.0, 1.1 after the cut-off date\n"
    )
    assert (project / "cortexlock.cpu.yaml").read_bytes() == before


def test_conda_packages_by_the_channels(tmp_path: Path) -> None:
    from cortexlock.conda.channels import resolve_all  # noqa: PLC0415 - only this test
    from cortexlock.conda.newest import newest  # noqa: PLC0415 - as above
    from cortexlock.model.newest import Newest  # noqa: PLC0415 - as above

    packages = [Package("tool"), Package("tool", "2.0"), Package("tool", "3.0", depends=("python >=3.12",))]
    conda_packages.write_channel(tmp_path / "channel", packages)
    channels = resolve_all(["./channel"], project=tmp_path)
    found = newest(["tool", "nosuch"], channels, subdir="linux-64", python="3.6.9", cut_off="", cache=tmp_path / "c")
    assert found == {"tool": Newest("2.0", "2.0"), "nosuch": Newest("", "")}
