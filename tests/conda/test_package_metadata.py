"""What an archive says of itself is refused where the installer could not read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cortexlock.conda import package_metadata
from cortexlock.conda.package_metadata import ListedPath
from cortexlock.formats.member_paths import UnsafeError
from tests.support import conda_packages
from tests.support.conda_packages import Package

TOOL = conda_packages.locked(Package("tool"), b"")
INDEX = {"name": "tool", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "subdir": "linux-64"}


def _info(**files: object) -> dict[str, bytes]:
    """Return files below `info/`: JSON, or text as it is."""
    names = {"has_prefix": "info/has_prefix", "files": "info/files"}
    return {
        names.get(name, f"info/{name}.json"): (content if isinstance(content, bytes) else json.dumps(content).encode())
        for name, content in files.items()
    }


def _paths(**entry: object) -> Mapping[str, Any]:
    return {"paths": [{"_path": "share/x", "path_type": "hardlink", **entry}], "paths_version": 1}


@pytest.mark.parametrize(
    "index",
    [
        {},
        {"license": None, "license_family": "MIT", "arch": None, "platform": None, "features": "a", "timestamp": None},
        {"constrains": ["a >=1"], "track_features": ["a"], "noarch": "generic", "purls": None, "timestamp": 0},
        {"noarch": False, "track_features": "a b", "python_site_packages_path": "lib/python3.13t/site-packages"},
    ],
)
def test_what_the_installer_reads_is_taken(index: Mapping[str, object]) -> None:
    package_metadata.check_index(_info(index={**INDEX, **index}), TOOL)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "other"),
        ("version", 1.0),
        ("build_number", "0"),
        ("build_number", -1),
        ("build_number", True),
        ("depends", None),
        ("depends", "python"),
        ("depends", [1]),
        ("constrains", None),
        ("subdir", 5),
        ("timestamp", 1.5),
        ("timestamp", "2020"),
        ("timestamp", 10**30),
        ("noarch", "other"),
        ("license", ["MIT"]),
        ("features", ["a"]),
        ("track_features", None),
        ("arch", 5),
        ("purls", 5),
        ("python_site_packages_path", 5),
        ("python_site_packages_path", "../elsewhere"),
    ],
)
def test_an_index_that_the_installer_could_not_read_is_refused(key: str, value: object) -> None:
    with pytest.raises(UnsafeError):
        package_metadata.check_index(_info(index={**INDEX, key: value}), TOOL)


@pytest.mark.parametrize("key", ["name", "version", "build", "build_number", "subdir"])
def test_an_index_without_what_is_needed_is_refused(key: str) -> None:
    with pytest.raises(UnsafeError, match=key):
        package_metadata.check_index(_info(index={name: value for name, value in INDEX.items() if name != key}), TOOL)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        json.dumps(INDEX).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(INDEX).encode(),
        json.dumps({**INDEX, "size": float("nan")}).encode(),
        json.dumps(INDEX).encode()[:-1] + b', "name": "tool"}',
        b'{"timestamp": ' + b"1" * 5000 + b"}",
    ],
)
def test_what_is_no_json_for_the_installer_is_refused(text: bytes) -> None:
    with pytest.raises(UnsafeError, match="info/index"):
        package_metadata.check_index(_info(index=text), TOOL)


def test_paths_are_listed_with_what_is_said_of_them() -> None:
    paths = _paths(sha256="0" * 64, prefix_placeholder="/opt/placeholder", file_mode="binary", size_in_bytes=1)
    assert package_metadata.listed(_info(paths=paths)) == (
        ListedPath("share/x", "hardlink", "0" * 64, "/opt/placeholder", binary=True),
    )


def test_paths_of_the_older_format_are_listed_with_their_placeholders() -> None:
    info = _info(
        files=b"./share/x\r\n\nshare/y\nshare/z",
        has_prefix=b'"/opt/a b" text share/x\n/opt/long binary "share/y"\nshare/z\n',
    )
    assert package_metadata.listed(info) == (
        ListedPath("share/x", placeholder="/opt/a b"),
        ListedPath("share/y", placeholder="/opt/long", binary=True),
        ListedPath("share/z"),
    )


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"paths": {"paths": [], "paths_version": "1"}},
        {"paths": {"paths": []}},
        {"paths": {"paths": [5], "paths_version": 1}},
        {"paths": _paths(path_type="directory")},
        {"paths": _paths(path_type=None)},
        {"paths": _paths(_path=5)},
        {"paths": _paths(_path="../x")},
        {"paths": _paths(sha256=5)},
        {"paths": _paths(size_in_bytes="1")},
        {"paths": _paths(size_in_bytes=1.0)},
        {"paths": _paths(no_link=None)},
        {"paths": {"paths": _paths()["paths"] * 2, "paths_version": 1}},
        {"files": b"share/x\n./share/x\n"},
        {"files": b"share/x\n", "has_prefix": b"/opt bogus share/x\n"},
        {"files": b"share/x\n", "has_prefix": b'"/opt text share/x\n'},
        {"files": b"share/x\n", "has_prefix": b"\nshare/x\n"},
        {"files": b"share/x\n", "has_prefix": b"\xff\n"},
    ],
)
def test_a_list_that_the_installer_could_not_read_is_refused(info: Mapping[str, object]) -> None:
    with pytest.raises(UnsafeError):
        package_metadata.listed(_info(**info))


def _link(**noarch: object) -> dict[str, bytes]:
    link = {"noarch": {"type": "python", **noarch}, "package_metadata_version": 1}
    return _info(index={**INDEX, "noarch": "python"}, link=link)


def test_commands_are_those_of_entry_points_of_pure_python() -> None:
    assert package_metadata.commands(_link(entry_points=["b=m:f", "a-b = m.n : c.d "])) == (("a-b", "b"), True)
    assert package_metadata.commands(_link()) == ((), True)
    assert package_metadata.commands(_info(index=INDEX)) == ((), False)
    assert package_metadata.commands(_info(index=INDEX, link={"noarch": 5})) == ((), False)


@pytest.mark.parametrize(
    "points",
    [None, "a = b:c", [5], ["a"], ["a = b"], ["a = b:"], ["a = b:c [x]"], ["a = b:c:d"], ["a/b = c:d"], [".. = c:d"]],
)
def test_entry_points_that_make_no_command_are_refused(points: object) -> None:
    with pytest.raises(UnsafeError):
        package_metadata.commands(_link(entry_points=points))


@pytest.mark.parametrize(
    "link",
    [
        {"noarch": "python", "package_metadata_version": 1},
        {"noarch": {"type": "generic"}, "package_metadata_version": 1},
        {"noarch": {"type": "python"}},
        {"package_metadata_version": 1},
    ],
)
def test_a_package_of_pure_python_that_says_otherwise_is_refused(link: object) -> None:
    with pytest.raises(UnsafeError, match=r"info/link\.json"):
        package_metadata.commands(_info(index={**INDEX, "noarch": "python"}, link=link))
