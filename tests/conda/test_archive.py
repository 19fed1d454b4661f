"""Archives are checked before anything of them is written."""

from __future__ import annotations

import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import archive
from cortexlock.errors import IntegrityError
from tests.support import conda_packages
from tests.support.conda_packages import Content, Member, Package

FORMATS = (".tar.bz2", ".conda")
GOOD: dict[str, Content] = {
    "lib/tool.txt": "tool\n",
    "bin/tool": "#!/bin/sh\n",
    "lib/link": Member(tarfile.SYMTYPE, "tool.txt"),
}


def _good(suffix: str) -> Package:
    return Package("tool", files=GOOD, suffix=suffix)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_good_archive_passes_under_any_name(tmp_path: Path, suffix: str) -> None:
    package, path = conda_packages.write(tmp_path, _good(suffix))
    assert archive.verify(path.rename(tmp_path / package.sha256), package) == archive.Listing(files=tuple(sorted(GOOD)))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_listing_tells_where_files_will_be(tmp_path: Path, suffix: str) -> None:
    files = {"site-packages/tool.py": "", "python-scripts/old": "", "share/tool/x": ""}
    pure = Package("tool", noarch="python", subdir="noarch", files=files, commands=["tool = tool:main"], suffix=suffix)
    package, path = conda_packages.write(tmp_path, pure)
    linked = {"lib/python3.6/site-packages/tool.py", "bin/old", "share/tool/x", "bin/tool"}
    assert set(archive.verify(path, package).linked("3.6")) == linked
    package, path = conda_packages.write(tmp_path, Package("tool", files=files, suffix=suffix))
    assert set(archive.verify(path, package).linked("3.6")) == set(files)


def test_link_scripts_are_named(tmp_path: Path) -> None:
    files = {f"bin/.tool-{kind}.sh": "" for kind in ("post-link", "pre-unlink", "pre-link", "other")}
    package, path = conda_packages.write(tmp_path, Package("tool", files={**files, "lib/.tool-post-link.sh": ""}))
    expected = ("bin/.tool-post-link.sh", "bin/.tool-pre-link.sh", "bin/.tool-pre-unlink.sh")
    assert archive.verify(path, package).scripts == expected


@pytest.mark.parametrize("suffix", FORMATS)
def test_other_bytes_are_refused(tmp_path: Path, suffix: str) -> None:
    package, path = conda_packages.write(tmp_path, _good(suffix))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(
        IntegrityError, match=f"{package.file}: the archive's sha256 is [0-9a-f]{{64}}, the lockfile says"
    ):
        archive.verify(path, package)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_size_that_the_channel_did_not_say_is_not_compared(tmp_path: Path, suffix: str) -> None:
    package, path = conda_packages.write(tmp_path, _good(suffix))
    assert archive.verify(path, replace(package, size=0)) == archive.verify(path, package)
    big = Package("big", files={"share/zeros": b"\0" * (80 << 20)}, suffix=suffix)
    package, path = conda_packages.write(tmp_path, big)
    with pytest.raises(IntegrityError, match="unpacks to much more"):
        archive.verify(path, replace(package, size=0))


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_truncated_archive_is_refused(tmp_path: Path, suffix: str) -> None:
    package, path = conda_packages.write(tmp_path, _good(suffix))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(
        IntegrityError, match=f"the archive has {package.size - 100} bytes, the lockfile says {package.size}"
    ):
        archive.verify(path, package)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_an_archive_that_was_locked_damaged_is_refused(tmp_path: Path, suffix: str, part: float) -> None:
    content = conda_packages.archive(_good(suffix))
    content = content[: int(len(content) * part)]
    path = tmp_path / "archive"
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="the archive is damaged"):
        archive.verify(path, conda_packages.locked(_good(suffix), content))


@pytest.mark.parametrize("suffix", FORMATS)
def test_noise_is_refused(tmp_path: Path, suffix: str) -> None:
    content = b"no archive at all" * 100
    path = tmp_path / "archive"
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="the archive is damaged"):
        archive.verify(path, conda_packages.locked(_good(suffix), content))


EVIL: dict[str, list[tuple[str, Content]]] = {
    "parent": [("../evil", "x")],
    "parent inside": [("lib/../../evil", "x")],
    "absolute": [("/tmp/evil", "x")],  # noqa: S108 - never written
    "backslash": [("lib\\..\\..\\evil", "x")],
    "drive": [("c:/evil", "x")],
    "twice": [("lib/a", "x"), ("lib/a", "y")],
    "twice by another name": [("lib/a", "x"), ("lib/./a", "y")],
    "absolute link": [("lib/a", Member(tarfile.SYMTYPE, "/etc/passwd"))],
    "link out": [("lib/a", Member(tarfile.SYMTYPE, "../../evil"))],
    "link out through a link": [
        ("deep/down/root", Member(tarfile.SYMTYPE, "../..")),
        ("lib/a", Member(tarfile.SYMTYPE, "../deep/down/root/../evil")),
    ],
    "endless link": [("lib/a", Member(tarfile.SYMTYPE, "b")), ("lib/b", Member(tarfile.SYMTYPE, "a"))],
    "through a link": [("lib/a", Member(tarfile.SYMTYPE, "b")), ("lib/a/c", "x")],
    "hard link out": [("lib/a", Member(tarfile.LNKTYPE, "../evil"))],
    "device": [("lib/a", Member(tarfile.CHRTYPE))],
    "pipe": [("lib/a", Member(tarfile.FIFOTYPE))],
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("evil", EVIL)
def test_an_archive_with_evil_members_is_refused(tmp_path: Path, suffix: str, evil: str) -> None:
    package = Package("tool", files=EVIL[evil], suffix=suffix, paths=[])
    _refused(tmp_path, package, r"damaged|leads out|through the link")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("../evil", "leads out"),
        ("/evil", "leads out"),
        ("lib/absent", "names lib/absent, which is not in the archive"),
        (None, "None is no path"),
        ("", "leads out"),
    ],
)
def test_a_list_with_evil_paths_is_refused(tmp_path: Path, suffix: str, listed: str | None, message: str) -> None:
    paths = [{"_path": listed, "path_type": "hardlink"}]
    _refused(tmp_path, Package("tool", files=GOOD, suffix=suffix, paths=paths), message)


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_that_are_not_as_listed_are_refused(tmp_path: Path, suffix: str) -> None:
    entry = {"_path": "lib/tool.txt", "path_type": "hardlink", "sha256": "00" * 32}
    _refused(tmp_path, Package("tool", files=GOOD, suffix=suffix, paths=[entry]), "the sha256 of lib/tool.txt is ")
    entry["path_type"] = "softlink"
    _refused(tmp_path, Package("tool", files=GOOD, suffix=suffix, paths=[entry]), "is a file, .* that it is a link")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_without_a_target_is_refused(tmp_path: Path, kind: bytes) -> None:
    _refused(tmp_path, Package("tool", files={"lib/a": Member(kind)}), "the link lib/a has no target")


def test_a_directory_that_leads_out_is_refused(tmp_path: Path) -> None:
    paths = [{"_path": "../evil", "path_type": "directory"}]
    _refused(tmp_path, Package("tool", files=GOOD, paths=paths), "leads out")


def test_a_list_that_names_a_path_twice_is_refused(tmp_path: Path) -> None:
    paths = [{"_path": "lib/tool.txt", "path_type": "hardlink"}] * 2
    _refused(tmp_path, Package("tool", files=GOOD, paths=paths), "names a path twice")


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path, Package("tool", files=GOOD, paths=["lib/tool.txt"]), "has no list of paths")


@pytest.mark.parametrize("command", ["../evil = m:f", "a/b = m:f", "= m:f", ".. = m:f", "a b = m:f"])
def test_a_command_outside_of_bin_is_refused(tmp_path: Path, command: str) -> None:
    package = Package("tool", subdir="noarch", noarch="python", commands=[command])
    _refused(tmp_path, package, "is no command")


def test_a_good_command_passes(tmp_path: Path) -> None:
    package = Package("tool", subdir="noarch", noarch="python", commands=["tool-3.6 = tool:main"])
    _passes(tmp_path, package)


@pytest.mark.parametrize(("key", "value"), [("name", "other"), ("version", "2.0"), ("build", "../../x")])
def test_an_archive_of_another_package_is_refused(tmp_path: Path, key: str, value: str) -> None:
    _refused(tmp_path, Package("tool", files=GOOD, index={key: value}), f"has the {key} '{value}', not ")


def test_a_site_packages_directory_that_leads_out_is_refused(tmp_path: Path) -> None:
    _refused(tmp_path, Package("python", index={"python_site_packages_path": "../../x"}), "leads out")


def test_the_older_list_of_files_is_checked(tmp_path: Path) -> None:
    _passes(tmp_path, Package("tool", files=GOOD, old=True))
    _refused(tmp_path, Package("tool", files=GOOD, old=True, paths=[{"_path": "../evil"}]), "leads out")


def test_a_conda_archive_with_a_second_part_is_refused(tmp_path: Path) -> None:
    package = _good(".conda")
    _, path = conda_packages.write(tmp_path, package)
    with zipfile.ZipFile(path, "a") as outer:
        outer.writestr("pkg-evil.tar.zst", b"")
    with pytest.raises(IntegrityError, match=r"it holds .*pkg-evil\.tar\.zst"):
        archive.verify(path, conda_packages.locked(package, path.read_bytes()))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"lib/a": "1", "lib/a/b": "2"}, "lib/a is a file and a directory"),
        ({"lib/a": Member(tarfile.LNKTYPE, "lib/b"), "lib/b": "1"}, "the hard link lib/a comes before"),
        ({"lib/" + "a" * 256: "1"}, "longer than a file's can be"),
        ({"info/has_prefix": Member(tarfile.SYMTYPE, "about.json")}, "info/has_prefix is a link"),
        ({"info/link.json": Member(tarfile.LNKTYPE, "info/about.json")}, r"info/link\.json is a link"),
    ],
)
def test_members_that_cannot_be_unpacked_or_read_are_refused(
    tmp_path: Path, files: dict[str, str | Member], message: str
) -> None:
    _refused(tmp_path, Package("tool", files=files, paths=()), message)


def test_a_link_to_nothing_that_is_listed_as_a_file_is_refused(tmp_path: Path) -> None:
    paths = [{"_path": "lib/a", "path_type": "hardlink"}]
    good: dict[str, Content] = {"lib/a": Member(tarfile.SYMTYPE, "../share/a"), "share/a": "1"}
    _passes(tmp_path, Package("tool", files=good, paths=paths))
    _refused(tmp_path, Package("tool", files={"lib/a": Member(tarfile.SYMTYPE, "b")}, paths=paths), "lib/a is a link")


def test_the_room_for_the_environments_path_is_that_of_the_shortest_placeholder_in_bytes(tmp_path: Path) -> None:
    entry = {"path_type": "hardlink", "prefix_placeholder": "/opt/a", "file_mode": "binary"}
    paths = [
        {**entry, "_path": "a"},
        {**entry, "_path": "b", "prefix_placeholder": "/opt/longer"},
        {**entry, "_path": "c", "prefix_placeholder": "/", "file_mode": "text"},
    ]
    locked, path = conda_packages.write(tmp_path, Package("tool", files=dict.fromkeys("abc", "1"), paths=paths))
    assert archive.verify(path, locked).room == len("/opt/a")
    locked, path = conda_packages.write(tmp_path, Package("tool", files={"a": "1"}))
    assert archive.verify(path, locked).room is None


def _passes(directory: Path, package: Package) -> None:
    """Assert that an archive is good."""
    locked, path = conda_packages.write(directory, package)
    archive.verify(path, locked)


def _refused(directory: Path, package: Package, message: str) -> None:
    """Assert that an archive is refused, in words that name it and blame the channel."""
    locked, path = conda_packages.write(directory, package)
    with pytest.raises(IntegrityError, match=message) as caught:
        archive.verify(path, locked)
    assert caught.value.where == package.file


@pytest.mark.parametrize(
    "name", ["conda-meta/victim-1.0-0.json", "conda-meta/pinned", "pyvenv.cfg", "cortexlock-receipt.json"]
)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_member_that_would_be_a_record_is_refused(tmp_path: Path, name: str, suffix: str) -> None:
    package, path = conda_packages.write(tmp_path, Package("tool", files={name: "{}"}, suffix=suffix))
    with pytest.raises(IntegrityError, match="would be a record of the environment"):
        archive.verify(path, package)


def test_a_way_to_compress_that_nobody_knows(tmp_path: Path) -> None:
    package = Package("good", files={"lib/good.txt": "good"}, suffix=".conda")
    content = bytearray(conda_packages.archive(package))
    for start, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.find(start)
        while at >= 0:
            content[at + method] = 97
            at = content.find(start, at + 1)
    path = tmp_path / package.file
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="damaged"):
        archive.verify(path, conda_packages.locked(package, bytes(content)))
