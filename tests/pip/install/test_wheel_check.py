"""Wheels that would write outside of an environment are refused before anything is touched."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError
from cortexlock.pip.install import wheel_check
from tests.support.wheels import make_wheel


def _wheel(directory: Path, *members: str | zipfile.ZipInfo, content: str = "") -> Path:
    path = make_wheel(directory, "demo", "1.0", entry_points={"demo": "demo:main"}, data={"data/share/x": "x"})
    with zipfile.ZipFile(path, "a") as archive:
        for member in members:
            archive.writestr(member, content)
    return path


def test_a_wheel_as_they_are_passes(tmp_path: Path) -> None:
    wheel_check.check(_wheel(tmp_path, "demo/", "demo/a..b.py", "demo-1.0.data/scripts/run", "demo-1.0.data/scripts/"))


@pytest.mark.parametrize(
    "member",
    [
        "/etc/evil",
        "../evil",
        "demo/../../evil",
        "demo-1.0.data/data/../../evil",
        "demo-1.0.data/scripts//etc/evil",
        "./demo-1.0.data//data//etc/evil",
        "demo\\..\\evil",
    ],
)
def test_a_member_that_leads_out_is_refused(tmp_path: Path, member: str) -> None:
    with pytest.raises(IntegrityError, match="leads out") as caught:
        wheel_check.check(_wheel(tmp_path, member))
    assert caught.value.where == "demo-1.0-py3-none-any.whl"


@pytest.mark.parametrize("row", ["../../../evil,,", "/etc/evil,,", '"demo-1.0.data/data//etc/evil",,'])
def test_a_row_of_its_record_that_leads_out_is_refused(tmp_path: Path, row: str) -> None:
    path = make_wheel(tmp_path, "demo", "1.0", modules={})
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text + f"{row}\n".encode() if name.endswith("RECORD") else text)
    with pytest.raises(IntegrityError, match="leads out"):
        wheel_check.check(path)


def test_links_doubles_and_files_in_the_way_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("demo/link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(IntegrityError, match="neither file nor directory"):
        wheel_check.check(_wheel(tmp_path / "link", link, content="/etc"))
    with pytest.raises(IntegrityError, match=r"demo\.py is there twice"):
        wheel_check.check(_wheel(tmp_path / "twice", "./demo.py"))
    with pytest.raises(IntegrityError, match=r"demo\.py is a file and a directory"):
        wheel_check.check(_wheel(tmp_path / "both", "demo.py/x"))
    with pytest.raises(IntegrityError, match="more than one"):
        wheel_check.check(_wheel(tmp_path / "records", "other-1.0.dist-info/RECORD"))


@pytest.mark.parametrize("name", ["../../evil", "/evil", ".."])
def test_an_entry_point_that_is_no_command_is_refused(tmp_path: Path, name: str) -> None:
    path = make_wheel(tmp_path, "demo", "1.0", entry_points={name: "demo:main"})
    with pytest.raises(IntegrityError, match="no command"):
        wheel_check.check(path)


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_wheel(tmp_path, "demo", "1.0")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo/zeros", b"\0" * (1 << 21))
    wheel_check.check(path)
    monkeypatch.setattr(wheel_check, "_UNPACKED_ALWAYS", 1 << 10)
    with pytest.raises(IntegrityError, match="much more"):
        wheel_check.check(path)


@pytest.mark.parametrize("content", [b"", b"no wheel", b"PK\x03\x04"])
def test_what_is_no_wheel_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="damaged"):
        wheel_check.check(path)


@pytest.mark.parametrize(
    ("member", "what"),
    [
        ("demo-1.0.data/data/conda-meta/victim-1.0-0.json", "a record of the environment"),
        ("demo-1.0.data/data/./conda-meta/history", "a record of the environment"),
        ("demo-1.0.data/data/pyvenv.cfg", "a record of the environment"),
        ("demo-1.0.data/data/cortexlock-receipt.json", "a record of the environment"),
        ("demo-1.0.data/data/.cortexlock.lock", "a record of the environment"),
        ("demo-1.0.data/data/lib/python3.11/site-packages/victim-1.0.dist-info/RECORD", "of another distribution"),
        ("demo-1.0.data/purelib/victim-1.0.dist-info/RECORD", "of another distribution"),
        ("victim-1.0.dist-info/METADATA", "of another distribution"),
        ("Victim-1.0.DIST-INFO/direct_url.json", "of another distribution"),
    ],
)
def test_a_member_that_would_be_a_record_is_refused(tmp_path: Path, member: str, what: str) -> None:
    with pytest.raises(IntegrityError, match=what) as caught:
        wheel_check.check(_wheel(tmp_path, member))
    assert caught.value.exit_code == 6


def test_names_like_those_of_records_elsewhere_pass(tmp_path: Path) -> None:
    names = (
        "demo/_vendor/other-1.0.dist-info/METADATA",
        "conda-meta/x.json",
        "pyvenv.cfg",
        "demo-1.0.data/scripts/conda-meta",
    )
    wheel_check.check(_wheel(tmp_path, *names))


@pytest.mark.parametrize("change", [lambda whole: b"#!/bin/sh\n" + whole, lambda whole: whole + b"more"])
def test_what_is_beside_the_archive_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = _wheel(tmp_path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(IntegrityError, match="before or after"):
        wheel_check.check(path)


def test_metadata_that_nobody_reads_are_refused(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "demo", "1.0", modules={})
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text + b"X: " + bytes(17 << 20) if name.endswith("METADATA") else text)
    with pytest.raises(IntegrityError, match="METADATA is too large"):
        wheel_check.check(path)


def test_a_list_of_members_that_says_otherwise_than_the_members_is_refused(tmp_path: Path) -> None:
    path = _wheel(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"dist-info/METADATA", b"dist-in,o/METADATA", 1))
    with pytest.raises(IntegrityError, match="damaged"):
        wheel_check.check(path)
