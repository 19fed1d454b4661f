"""Real records, locked on top of a real image: the same however they are served."""

from __future__ import annotations

import bz2
import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it has no annotations
import pytest

from cortexlock.predictors import catalog
from tests.integration.conda_solves import Case, Row, locked_rows
from tests.support.file_server import ChannelServer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RECORDS = Path(__file__).parent / "data" / "main-2020-06"
SUBDIRS = ("linux-64", "noarch")
LIST = ("python=3.6.*", "pygpu")


def _records(subdir: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDS / subdir / "repodata.json").read_text(encoding="utf-8"))
    return found


def locked(channel: str, cache: Path) -> frozenset[Row]:
    """Return what is locked with one channel."""
    image = catalog.find("python", "0.16.0", "cpu")
    return locked_rows(Case("list", LIST, image, (), None), [channel], cache)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> frozenset[Row]:
    """What is locked from the directory."""
    found = locked(RECORDS.as_uri(), tmp_path_factory.mktemp("cache"))
    assert {"python", "pygpu", "mkl", "certifi"} <= {row[0] for row in found}
    return found


def _plain(directory: Path, subdir: str) -> str:
    shutil.copy(RECORDS / subdir / "repodata.json", directory)
    return "repodata.json"


def _bzip2(directory: Path, subdir: str) -> str:
    (directory / "repodata.json.bz2").write_bytes(bz2.compress((RECORDS / subdir / "repodata.json").read_bytes()))
    return "repodata.json.bz2"


def _zstd(directory: Path, subdir: str) -> str:
    (directory / "repodata.json.zst").write_bytes(zstd.compress((RECORDS / subdir / "repodata.json").read_bytes()))
    return "repodata.json.zst"


def _sharded(directory: Path, subdir: str) -> str:
    """Write an index of shards, one a package (CEP 16)."""
    repodata = _records(subdir)
    shards: dict[str, dict[str, Any]] = {}
    for group in ("packages", "packages.conda"):
        for file, record in repodata[group].items():
            entry = {key: value for key, value in record.items() if key != "legacy_bz2_md5"}
            entry |= {key: bytes.fromhex(record[key]) for key in ("md5", "sha256")}
            shard = shards.setdefault(record["name"], {"packages": {}, "packages.conda": {}, "removed": []})
            shard[group][file] = entry
    (directory / "shards").mkdir()
    index = {}
    for name, shard in shards.items():
        content = zstd.compress(msgpack.packb(shard))
        digest = hashlib.sha256(content)
        index[name] = digest.digest()
        (directory / "shards" / f"{digest.hexdigest()}.msgpack.zst").write_bytes(content)
    info = {"subdir": subdir, "base_url": "./", "shards_base_url": "./shards/"}
    document = zstd.compress(msgpack.packb({"info": info, "version": 1, "shards": index}))
    (directory / "repodata_shards.msgpack.zst").write_bytes(document)
    return "repodata_shards.msgpack.zst"


@pytest.mark.parametrize("write", [_plain, _bzip2, _zstd, _sharded])
def test_how_the_records_are_served_makes_no_difference(
    tmp_path: Path,
    channel_server: ChannelServer,
    write: Callable[[Path, str], str],
    expected: frozenset[Row],
) -> None:
    names = []
    for subdir in SUBDIRS:
        directory = channel_server.directory / "main" / subdir
        directory.mkdir(parents=True)
        names.append(write(directory, subdir))
    assert locked(channel_server.channel("main"), tmp_path) == expected
    assert all(request.status == 200 for name in names for request in channel_server.asked_for(name))
    assert channel_server.asked_for(names[0])
