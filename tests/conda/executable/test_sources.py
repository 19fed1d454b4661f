"""Channels of a solve: what each is for, and how a specification names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.conda import image_channel
from cortexlock.conda.executable.sources import sort
from cortexlock.errors import UsageError
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import CondaRecord
from tests.support import conda_packages
from tests.support.conda_packages import Package


def test_channels_are_told_apart(tmp_path: Path) -> None:
    conda_packages.write_channel(tmp_path / "real", [Package("a")])
    prefer = [CondaPackage("a", "1.0", "0")]
    image = image_channel.write(tmp_path / "image", [CondaRecord("python", "3.6.9")], prefer=prefer)
    entries = {f"v{n}": {"name": "__glibc", "version": v, "build": "0"} for n, v in enumerate(["2.5", "2.27", "2.17"])}
    (tmp_path / "virtual" / "linux-64").mkdir(parents=True)
    (tmp_path / "virtual" / "linux-64" / "repodata.json").write_text(json.dumps({"packages": entries}))
    names = [image, (tmp_path / "real").as_uri(), "defaults", (tmp_path / "virtual").as_uri()]
    found = sort(names, "linux-64", [("__glibc", "1", "0"), ("__cuda", "10.1", "0")])
    assert [len(channel.urls) for channel in found.real] == [1, 2]
    assert [record.name.normalized for record in found.preferred] == ["python"]
    assert found.prefer_specs == ("a 1.0 0",)
    virtual = {package.name.normalized: str(package.version) for package in found.virtual}
    assert virtual == {"__glibc": "2.27", "__cuda": "10.1"}


def test_a_specification_finds_its_channel_under_condas_names_for_it(tmp_path: Path) -> None:
    local = (tmp_path / "some" / "channel").as_uri()
    found = sort([local, "https://example.org/deep/channel2", "conda-forge", "defaults"], "linux-64", [])
    forge = "https://conda.anaconda.org/conda-forge"
    for spec, addressed in {
        "a >=1": "a >=1",
        "channel::a >=1": f"{local}::a >=1",
        f"{local}::a": f"{local}::a",
        "deep/channel2::a": "https://example.org/deep/channel2::a",
        "conda-forge::a==1=0": f"{forge}::a==1=0",
        "defaults::a": "defaults::a",
        "unknown::a": "unknown::a",
    }.items():
        assert found.addressed(spec) == addressed


def test_a_name_of_two_channels_is_refused(tmp_path: Path) -> None:
    found = sort([(tmp_path / part / "channel").as_uri() for part in ("a", "b")], "linux-64", [])
    with pytest.raises(UsageError, match="two channels are named channel"):
        found.addressed("channel::a")
