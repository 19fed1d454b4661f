"""Channels of a solve: what each is for, and how a specification names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.conda.executable.called_channels import sort
from cortexlock.errors import UsageError
from tests.support import conda_packages
from tests.support.conda_packages import Package


def _virtual_channel(directory: Path, *entries: tuple[str, str]) -> str:
    (directory / "linux-64").mkdir(parents=True)
    packages = {f"{n}-{v}": {"name": n, "version": v, "build": "0"} for n, v in entries}
    (directory / "linux-64" / "repodata.json").write_text(json.dumps({"packages": packages}))
    return directory.as_uri()


def test_channels_are_told_apart(tmp_path: Path) -> None:
    conda_packages.write_channel(tmp_path / "real", [Package("a")])
    virtual = _virtual_channel(tmp_path / "virtual", ("__glibc", "2.27"), ("__cuda", "10.1"))
    empty = _virtual_channel(tmp_path / "empty")  # of an image whose conda knows none
    found = sort([(tmp_path / "real").as_uri(), "defaults", virtual, empty])
    assert [len(channel.urls) for channel in found.real] == [1, 2]
    assert found.virtual == (("__glibc", "2.27", "0"), ("__cuda", "10.1", "0"))


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"packages": []}', '{"packages": {"a": {"name": 5}}}'])
def test_a_channel_that_nobody_can_read_counts_as_a_real_one(tmp_path: Path, text: str) -> None:
    _virtual_channel(tmp_path / "broken")
    (tmp_path / "broken" / "linux-64" / "repodata.json").write_text(text)
    assert len(sort([(tmp_path / "broken").as_uri(), (tmp_path / "absent").as_uri()]).real) == 2


def test_a_specification_finds_its_channel_under_condas_names_for_it(tmp_path: Path) -> None:
    local = (tmp_path / "some" / "channel").as_uri()
    found = sort([local, "https://example.org/deep/channel2", "conda-forge", "defaults"])
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
    found = sort([(tmp_path / part / "channel").as_uri() for part in ("a", "b")])
    with pytest.raises(UsageError, match="two channels are named channel"):
        found.addressed("channel::a")
