"""Archives that a list names: what their channels say of each."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cortexlock.conda import explicit
from cortexlock.conda.records import Record
from cortexlock.errors import IntegrityError, NetworkError
from cortexlock.model.conda_list import ExplicitUrl
from tests.support import conda_packages
from tests.support.conda_packages import Package

FILE = "conda-packages.txt"
PACKAGES = (
    Package("tool", depends=["python"]),
    Package("bare", hashes=[]),
    Package("six", "1.0", "py_0", subdir="noarch"),
)


def _described(channel: Path, *urls: ExplicitUrl) -> dict[str, Record]:
    return explicit.described(
        urls, file=FILE, project=channel, subdir="linux-64", cache=channel / "cache", exclude_newer=None
    )


def _url(channel: Path, package: Package) -> str:
    return (channel / package.subdir / package.file).as_uri()


def test_records_come_from_the_channel_and_are_completed(tmp_path: Path) -> None:
    conda_packages.write_channel(tmp_path, PACKAGES)
    found = _described(tmp_path, *(ExplicitUrl(n, _url(tmp_path, package)) for n, package in enumerate(PACKAGES, 1)))
    assert set(found) == {"tool", "bare", "six"}
    assert found["tool"].depends == ("python",)
    for package in PACKAGES:
        content = (tmp_path / package.subdir / package.file).read_bytes()
        assert (found[package.name].sha256, found[package.name].size) == (
            hashlib.sha256(content).hexdigest(),
            len(content),
        )


def test_an_archive_without_a_channel_tells_of_itself_by_its_name(tmp_path: Path) -> None:
    for package in (Package("numpy", "1.18.1", "py36h4f9e942_0"), PACKAGES[2], Package("zlib", "1.2", "h7b6447c_3")):
        path = tmp_path / package.subdir / package.file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(conda_packages.archive(package))
    urls = [ExplicitUrl(n, path.as_uri()) for n, path in enumerate(sorted(tmp_path.glob("*/*.tar.bz2")), 1)]
    found = _described(tmp_path, *urls)
    assert {name: (record.version, record.depends, record.noarch) for name, record in found.items()} == {
        "numpy": ("1.18.1", ("python",), ""),
        "six": ("1.0", (), "python"),
        "zlib": ("1.2", (), ""),
    }


def test_a_channel_need_not_say_the_size(tmp_path: Path) -> None:
    package = Package("tool", hashes=["sha256"], sized=False)
    conda_packages.write_channel(tmp_path, [package])
    archive = tmp_path / package.subdir / package.file
    md5 = hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest()
    with pytest.raises(IntegrityError, match="its md5 is"):  # what only the list says is looked at
        _described(tmp_path, ExplicitUrl(1, _url(tmp_path, package), md5="0" * 32))
    assert _described(tmp_path, ExplicitUrl(1, _url(tmp_path, package), md5=md5))["tool"].md5 == md5
    archive.unlink()
    assert _described(tmp_path, ExplicitUrl(1, _url(tmp_path, package)))["tool"].size == 0


def test_a_hash_that_nobody_confirms_is_an_error(tmp_path: Path) -> None:
    conda_packages.write_channel(tmp_path, PACKAGES)
    with pytest.raises(IntegrityError, match=f"^{FILE}:4: the list has the md5 0000"):
        _described(tmp_path, ExplicitUrl(4, _url(tmp_path, PACKAGES[0]), md5="0" * 32))
    with pytest.raises(IntegrityError, match="its sha256 is"):
        _described(tmp_path, ExplicitUrl(4, _url(tmp_path, PACKAGES[1]), sha256="0" * 64))


def test_an_archive_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="the archive cannot be read"):
        _described(tmp_path, ExplicitUrl(1, (tmp_path / "linux-64" / "a-1-0.conda").as_uri()))
