"""One bad record in a channel is passed over, or read as conda reads it."""

from __future__ import annotations

import bz2
import json
from pathlib import Path
from typing import Any

import pytest

from cortexlock.conda.executable.mended_channels import MalformedChannelError, mend
from tests.support.file_server import ChannelServer

GOOD = {"name": "tool", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "md5": "0" * 32}
FILE = "tool-1.0-0.tar.bz2"


def _mended(tmp_path: Path, packages: object) -> dict[str, Any]:
    (tmp_path / "channel" / "linux-64").mkdir(parents=True)
    (tmp_path / "channel" / "linux-64" / "repodata.json").write_text(json.dumps({"packages": packages}))
    return _copied((tmp_path / "channel").as_uri(), tmp_path)


def _copied(url: str, tmp_path: Path) -> dict[str, Any]:
    copies = mend([url], ("linux-64", "noarch"), tmp_path / "copies")
    (copy,) = copies
    assert copies[copy] == url
    assert json.loads((tmp_path / "copies" / "channel-0" / "noarch" / "repodata.json").read_text())["packages"] == {}
    repodata = json.loads((tmp_path / "copies" / "channel-0" / "linux-64" / "repodata.json").read_text())
    return dict(repodata["packages"])


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("odd.tar.bz2", {}),
        ("tool-2.0-0.zip", {}),
        ("tool-2.0-0.tar.bz2", {"version": "2..0"}),
        ("tool-2.0-0.tar.bz2", {"version": 2.0}),
        ("tool-2.0-0.tar.bz2", {"name": None}),
        ("tool-2.0-0.tar.bz2", {"build_number": "0"}),
        ("tool-2.0-0.tar.bz2", {"depends": "other"}),
        ("tool-2.0-0.tar.bz2", {"depends": [5]}),
    ],
)
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, file: str, changes: dict[str, Any]) -> None:
    assert _mended(tmp_path, {FILE: GOOD, file: {**GOOD, "version": "2.0", **changes}}) == {
        FILE: {**GOOD, "constrains": []}
    }


def test_a_record_that_is_none_is_passed_over(tmp_path: Path) -> None:
    assert list(_mended(tmp_path, {FILE: GOOD, "tool-2.0-0.conda": []})) == [FILE]


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ({"timestamp": 1580000000000.5}, {"timestamp": 1580000000000}),
        ({"md5": ""}, {"md5": None}),
        ({"sha256": "xyz"}, {"sha256": None}),
        ({"depends": None, "size": None}, {"depends": []}),
        ({"build_number": None}, {"build_number": 0}),
    ],
)
def test_what_conda_reads_is_mended(tmp_path: Path, bad: dict[str, Any], good: dict[str, Any]) -> None:
    (record,) = _mended(tmp_path, {FILE: {**GOOD, **bad}}).values()
    assert {key: record.get(key) for key in good} == good


@pytest.mark.parametrize("text", ["no JSON", "[]", "[" * 200_000, "\\xff"])
def test_repodata_that_are_none_are_said_to_be_malformed(tmp_path: Path, text: str) -> None:
    (tmp_path / "channel" / "linux-64").mkdir(parents=True)
    (tmp_path / "channel" / "linux-64" / "repodata.json").write_text(text)
    with pytest.raises(MalformedChannelError, match=r"linux-64/repodata\.json is malformed: "):
        mend([(tmp_path / "channel").as_uri()], ("linux-64",), tmp_path / "copies")


def test_a_channel_over_http_is_mended_as_well(tmp_path: Path) -> None:
    directory = tmp_path / "served" / "main" / "linux-64"
    directory.mkdir(parents=True)
    repodata = json.dumps({"packages": {FILE: GOOD, "odd.tar.bz2": GOOD}}).encode()
    (directory / "repodata.json.bz2").write_bytes(bz2.compress(repodata))
    with ChannelServer(tmp_path / "served") as server:
        assert list(_copied(server.channel("main"), tmp_path)) == [FILE]
