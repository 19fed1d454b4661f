"""Archives of source trees: unpacked member by member, whatever the Python that runs this makes of them."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError
from cortexlock.formats.source_archive import unpack, unpack_flat


def _member(name: str, **values: object) -> Callable[[tarfile.TarFile], None]:
    def add(archive: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        for key, value in values.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(b""))

    return add


@pytest.mark.parametrize(
    "evil",
    [
        _member("../evil"),
        _member("demo/../../evil"),
        _member("demo/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        _member("demo/link", type=tarfile.LNKTYPE, linkname="../../evil"),
        _member("demo/device", type=tarfile.CHRTYPE),
    ],
)
def test_an_archive_that_leads_out_of_itself_is_refused(
    tmp_path: Path, evil: Callable[[tarfile.TarFile], None]
) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        _member("demo/setup.py")(archive)
        evil(archive)
    with pytest.raises(IntegrityError) as caught:
        unpack(path, tmp_path / "out")
    assert caught.value.where == path.name
    assert not (tmp_path / "evil").exists()


def test_zip_archives_are_unpacked_within(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0/setup.py", "")
    assert unpack(path, tmp_path / "out") == tmp_path / "out" / "demo-1.0"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil", "")
    with pytest.raises(IntegrityError):
        unpack(path, tmp_path / "out2")
    assert not (tmp_path.parent / "evil").exists()


def test_a_tree_without_a_root_of_its_own_is_one_too(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("setup.py", "")
        archive.writestr("demo/__init__.py", "")
    assert unpack(path, tmp_path / "out") == tmp_path / "out"


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    path.write_bytes(content)
    with pytest.raises(IntegrityError):
        unpack(path, tmp_path / "out")


def _archive(path: Path, *members: Callable[[tarfile.TarFile], None], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # each mode is one
        _member("demo/setup.py")(archive)
        for add in members:
            add(archive)
    return path


def _file(name: str, content: bytes, mode: int = 0o644) -> Callable[[tarfile.TarFile], None]:
    def add(archive: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), mode
        archive.addfile(info, io.BytesIO(content))

    return add


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Callable[[tarfile.TarFile], None]:
    return _member(name, type=kind, linkname=target)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_what_source_archives_hold(tmp_path: Path, mode: str) -> None:
    members = (
        _member("demo/empty", type=tarfile.DIRTYPE),
        _file("./demo/run.sh", b"echo", 0o6777),
        _file("demo/data.txt", b"data", 0o600),
        _link("demo/again.txt", "demo/data.txt", tarfile.LNKTYPE),
        _link("demo/link.txt", "data.txt"),
        _link("demo/sub/up", "../data.txt"),
    )
    root = unpack(_archive(tmp_path / "demo.tar", *members, mode=mode), tmp_path / "out")
    assert root == tmp_path / "out" / "demo"
    assert (root / "empty").is_dir()
    assert (root / "run.sh").read_bytes() == b"echo"
    assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((root / "data.txt").stat().st_mode) == 0o644
    assert (root / "again.txt").read_bytes() == b"data"
    assert not (root / "again.txt").is_symlink()
    assert os.readlink(root / "link.txt") == "data.txt"  # noqa: PTH115 - as it is
    assert (root / "sub" / "up").read_bytes() == b"data"


def test_the_root_can_be_left_out(tmp_path: Path) -> None:
    path = _archive(tmp_path / "demo.tar.gz", _file("demo/demo/a", b"1"))
    (tmp_path / "out").mkdir()
    unpack_flat(path, tmp_path / "out")
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["demo", "setup.py"]
    assert (tmp_path / "out" / "demo" / "a").read_bytes() == b"1"


def test_a_chain_of_links_longer_than_a_path(tmp_path: Path) -> None:
    """CVE-2025-4517: the filter of `tarfile` gives up where the path is longer than the system takes."""
    long = "d" * 247
    members, step = [], ""
    for letter in "abcdefghijklmnop":
        members += [
            _member(f"demo/{step}{long}", type=tarfile.DIRTYPE),
            _link(f"demo/{step}{letter}", long),
        ]
        step += f"{letter}/"
    chain = "/".join("abcdefghijklmnop")
    members += [
        _link(f"demo/{chain}/{'l' * 254}", "../" * 16),
        _link("demo/escape", f"{chain}/{'l' * 254}/../../../outside"),
        _file("demo/escape/newfile", b"outside"),
    ]
    (tmp_path / "outside").mkdir()
    with pytest.raises(IntegrityError, match=r"would be written through the link|leads out|longer than"):
        unpack(_archive(tmp_path / "demo.tar.gz", *members), tmp_path / "out" / "in")
    assert list((tmp_path / "outside").iterdir()) == []
    assert not (tmp_path / "out" / "in" / "demo").exists()


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ([_link("demo/a", ".."), _link("demo/b", "a/..")], "leads out"),
        ([_link("demo/a", "b"), _link("demo/b", "a")], "leads out"),
        ([_link("demo/a", "sub"), _file("demo/a/x", b"")], "through the link"),
        ([_link("demo/A", "sub"), _file("demo/a/x", b"")], "through the link"),
        ([_file("demo/x", b""), _file("demo/x", b"")], "there twice"),
        ([_link("demo/x", "setup.py"), _file("demo/x", b"")], "there twice"),
        ([_link("demo/x", "demo/missing", tarfile.LNKTYPE)], "leads to what is no file before it"),
        ([_link("demo/l", "setup.py"), _link("demo/x", "demo/l", tarfile.LNKTYPE)], "no file before it"),
        ([_file("demo/setup.py/x", b"")], "a file and a directory"),
        ([_file("demo/" + "x" * 256, b"")], "longer than"),
        ([_file("demo/" + "x/" * 1100 + "x", b"")], "longer than"),
        ([_file("/etc/x", b"")], "leads out"),
        ([_file("demo/C:\\x", b"")], "leads out"),
        ([_member("demo/pipe", type=tarfile.FIFOTYPE)], "neither file nor link"),
    ],
)
def test_what_is_unsafe_is_refused_before_anything_is_written(
    tmp_path: Path, members: list[Callable[[tarfile.TarFile], None]], what: str
) -> None:
    with pytest.raises(IntegrityError, match=what):
        unpack(_archive(tmp_path / "demo.tar.gz", *members), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_archive_that_unpacks_to_much_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cortexlock.formats.source_archive._UNPACKED_ALWAYS", 1 << 16)
    path = _archive(tmp_path / "demo.tar.gz", _file("demo/zeros", bytes(1 << 20)))
    with pytest.raises(IntegrityError, match="much more"):
        unpack(path, tmp_path / "out")
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 30
    with gzip.open(tmp_path / "header.tar.gz", "wb") as file:
        file.write(header.tobuf(tarfile.USTAR_FORMAT))
        file.write(bytes(1 << 23))
    with pytest.raises(IntegrityError, match="much more"):
        unpack(tmp_path / "header.tar.gz", tmp_path / "out2")
    with zipfile.ZipFile(tmp_path / "demo.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("demo/zeros", bytes(1 << 20))
    with pytest.raises(IntegrityError, match="much more"):
        unpack(tmp_path / "demo.zip", tmp_path / "out3")


def test_a_link_in_a_zip_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "demo.zip", "w") as zipped:
        info = zipfile.ZipInfo("demo/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(info, "/etc/passwd")
    with pytest.raises(IntegrityError, match="neither file nor directory"):
        unpack(tmp_path / "demo.zip", tmp_path / "out")
