"""One bad record in a channel is passed over, or read as conda reads it."""

from __future__ import annotations

import bz2
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from rattler import Channel, PackageName, SparseRepoData

from cortexlock.conda.executable import mended_channels
from cortexlock.conda.executable.mended_channels import MalformedChannelError, UnreadableChannelError, mend
from cortexlock.conda.executable.mended_records import mended
from cortexlock.network import http
from tests.support.file_server import ChannelServer, FileServer

GOOD = {"name": "tool", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "md5": "0" * 32}
FILE = "tool-1.0-0.tar.bz2"
FIELDS = (
    *("name", "version", "build", "build_number", "depends", "constrains", "md5", "sha256", "size", "timestamp"),
    *("subdir", "noarch", "features", "track_features", "license", "arch", "platform", "url", "purls", "run_exports"),
    *("legacy_bz2_md5", "legacy_bz2_size", "python_site_packages_path", "experimental_extra_depends"),
)


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
        ("tool-2.0-0.tar.bz2", {"depends": ["a\nb"]}),
        ("tool-2.0-0.tar.bz2", {"name": "../a"}),
        ("tool-2.0-0.tar.bz2", {"name": ""}),
        ("tool-2.0-0.tar.bz2", {"build": "\ud800"}),
        ("tool-2.0-0.tar.bz2", {"build_number": 1 << 64}),
        ("tool-2.0-0.tar.bz2", {"build_number": True}),
    ],
)
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, file: str, changes: dict[str, Any]) -> None:
    assert _mended(tmp_path, {FILE: GOOD, file: {**GOOD, "version": "2.0", **changes}}) == {
        FILE: {**GOOD, "constrains": [], "subdir": "linux-64"}
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
        ({"timestamp": 1e300, "size": -1}, {"timestamp": 253000000000000, "size": 0}),
        ({"timestamp": 253402300799}, {"timestamp": 253000000000}),
        ({"timestamp": "yesterday", "size": "1 kB"}, {"timestamp": None, "size": None}),
        ({"subdir": {}, "arch": 0, "platform": []}, {"subdir": "linux-64", "arch": None, "platform": None}),
        ({"features": 1, "track_features": {}}, {"features": None, "track_features": None}),
        ({"noarch": "ruby", "license": "\ud800"}, {"noarch": None, "license": None}),
    ],
)
def test_what_conda_reads_is_mended(tmp_path: Path, bad: dict[str, Any], good: dict[str, Any]) -> None:
    (record,) = _mended(tmp_path, {FILE: {**GOOD, **bad}}).values()
    assert {key: record.get(key) for key in good} == good


def _values() -> st.SearchStrategy[Any]:
    """What a field can have, were it JSON only."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("python")
    return plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=3), plain, max_size=2)


@given(changes=st.dictionaries(st.sampled_from(FIELDS), _values(), min_size=1, max_size=4))
def test_what_is_kept_of_a_record_rattler_reads(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    record = mended(FILE, {**GOOD, **changes}, "linux-64")
    if record is not None:
        path = tmp_path_factory.mktemp("channel") / "repodata.json"
        path.write_text(
            json.dumps({"info": {"subdir": "linux-64"}, "packages": {f"{record['name']}-1.0-0.conda": record}})
        )
        with SparseRepoData(Channel("here"), "linux-64", path) as repodata:
            assert len(repodata.load_records(PackageName(record["name"]))) == 1


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


def test_what_answers_with_an_error_is_no_channel_without_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "new_session", partial(http.new_session, backoff=0))
    with FileServer(tmp_path) as server:
        server.fail("repodata.json", "error")
        with pytest.raises(UnreadableChannelError, match=r"linux-64/repodata\.json cannot be read: .* 500"):
            mend([server.url], ("linux-64",), tmp_path / "copies")


@pytest.mark.parametrize("suffix", ["bz2", "zst"])
def test_what_unpacks_without_end_is_malformed(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mended_channels, "_MOST", 1 << 20)
    blanks = b" " * (1 << 22)
    packed = bz2.compress(blanks) if suffix == "bz2" else zstandard.compress(blanks)
    (tmp_path / "channel" / "linux-64").mkdir(parents=True)
    (tmp_path / "channel" / "linux-64" / f"repodata.json.{suffix}").write_bytes(packed)
    with pytest.raises(MalformedChannelError, match=r"is malformed: it has more than 1 MiB$"):
        mend([(tmp_path / "channel").as_uri()], ("linux-64",), tmp_path / "copies")


def test_compressed_repodata_that_break_off_are_malformed(tmp_path: Path) -> None:
    (tmp_path / "channel" / "linux-64").mkdir(parents=True)
    whole = bz2.compress(json.dumps({"packages": {FILE: GOOD}}).encode())
    (tmp_path / "channel" / "linux-64" / "repodata.json.bz2").write_bytes(whole[:-9])
    with pytest.raises(MalformedChannelError, match=r"repodata\.json\.bz2 is malformed: "):
        mend([(tmp_path / "channel").as_uri()], ("linux-64",), tmp_path / "copies")
