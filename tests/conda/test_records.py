"""Records, and the hashes that old channels lack."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import channels, records
from cortexlock.conda.records import Record
from cortexlock.errors import IntegrityError, NetworkError
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.file_server import ChannelServer

CONTENT = b"an archive"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("python", "python"),
        ("python >=3.6", "python"),
        ("python>=3.6", "python"),
        (" python 3.6.* *_cp36m", "python"),
        ("python[version='3.6']", "python"),
        ("_libgcc_mutex 0.1 main", "_libgcc_mutex"),
    ],
)
def test_dependencies_are_names(spec: str, name: str) -> None:
    assert Record("a", "1", "0", "", depends=(spec,)).dependencies == (name,)


def test_a_hash_is_computed_of_a_local_archive(tmp_path: Path) -> None:
    (tmp_path / "my a.conda").write_bytes(CONTENT)
    record = Record("a", "1", "0", (tmp_path / "my a.conda").as_uri(), md5=MD5)
    assert records.with_sha256(record, []) == replace(record, sha256=SHA256, size=len(CONTENT))


def test_a_hash_is_computed_of_a_remote_archive_with_the_channels_credentials(tmp_path: Path) -> None:
    (tmp_path / "c" / "noarch").mkdir(parents=True)
    (tmp_path / "c" / "noarch" / "a.conda").write_bytes(CONTENT)
    with ChannelServer(tmp_path, auth=("me", "s3cret")) as server:
        channel = channels.resolve(server.with_auth(server.channel("c")), project=tmp_path)
        record = Record("a", "1", "0", f"{channel.written}/noarch/a.conda", md5=MD5)
        assert records.with_sha256(record, [channel]).sha256 == SHA256
        with pytest.raises(NetworkError, match=r"a\.conda: the archive cannot be read: the server answers 401"):
            records.with_sha256(record, [])


@pytest.mark.parametrize("changes", [{"md5": "00" * 16}, {"size": 3}, {"sha256": "00" * 32}])
def test_an_archive_that_is_not_what_its_channel_says_is_refused(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "a.conda").write_bytes(CONTENT)
    record = Record("a", "1", "0", (tmp_path / "a.conda").as_uri(), md5=MD5)
    with pytest.raises(IntegrityError, match="not what its channel says"):
        records.with_sha256(replace(record, **changes), [])  # type: ignore[arg-type]  # fields by name


def test_a_size_is_found_of_an_archive_with_any_hash(tmp_path: Path) -> None:
    (tmp_path / "a.conda").write_bytes(CONTENT)
    record = Record("a", "1", "0", (tmp_path / "a.conda").as_uri(), sha256=SHA256)
    assert records.with_sha256(record, []) == replace(record, md5=MD5, size=len(CONTENT))


def test_an_archive_without_a_hash_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="has no hash"):
        records.with_sha256(Record("a", "1", "0", (tmp_path / "absent").as_uri()), [])


def test_all_records_of_names_are_found_in_order_of_version(tmp_path: Path) -> None:
    packages = [Package("a", version, timestamp=1_580_000_000_000) for version in ("1.10", "1.9", "1!0.1")]
    conda_packages.write_channel(tmp_path / "c", [*packages, Package("b")])
    channel = channels.resolve("./c", project=tmp_path)
    found = records.lookup(["a", "absent"], [channel], subdir="linux-64", cache=tmp_path / "cache")
    assert [record.version for record in found] == ["1.9", "1.10", "1!0.1"]
    assert found[0].timestamp == 1_580_000_000
    assert records.lookup([], [channel], subdir="linux-64", cache=tmp_path / "cache") == ()


def test_a_channel_that_is_not_there_is_named(tmp_path: Path) -> None:
    channel = channels.resolve("./c", project=tmp_path)
    with pytest.raises(NetworkError, match=r"^channel \./c: cannot be read"):
        records.lookup(["a"], [channel], subdir="linux-64", cache=tmp_path / "cache")


def test_urls_compare_however_they_are_written() -> None:
    plain = "https://example.org/c/noarch/a-1!1-0.conda"
    for url in (plain, plain.replace("!", "%21"), plain.replace("example", "me:s3cret@example")):
        assert records.plain_url(url) == plain


@pytest.mark.parametrize(
    "text", ["2020-06-01T00:00:00Z", "2020-06-01T02:00:00+02:00", "2020-06-01", "2020-06-01T00:00:00"]
)
def test_a_time_is_the_same_in_any_zone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert records.moment(text).timestamp() == 1_590_969_600
    monkeypatch.undo()
    time.tzset()
