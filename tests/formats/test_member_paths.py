"""Paths and links of archives stay inside."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.formats.member_paths import UnsafeError, check_links, safe


@pytest.mark.parametrize(("path", "expected"), [("a", "a"), ("./a//b/.", "a/b"), ("a..b/...", "a..b/...")])
def test_a_path_that_stays_inside_is_made_plain(path: str, expected: str) -> None:
    assert safe(path) == expected


@pytest.mark.parametrize(
    "path", ["", ".", "/", "/a", "//a", "..", "a/..", "a/../b", "../a", "c:a", "C:/a", "a\\b", "a\0b"]
)
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(UnsafeError, match="leads out"):
        safe(path)


@pytest.mark.parametrize("path", ["a/" + "é" * 128, "a/" * 1024 + "b", "a" * 300])
def test_a_path_that_no_file_system_takes_is_refused(path: str) -> None:
    with pytest.raises(UnsafeError, match="longer than a file's"):
        safe(path)


@given(st.text("ab./-:\\", max_size=12))
def test_plain_paths_are_what_a_thorough_look_says(path: str) -> None:
    parts = PurePosixPath(path).parts
    try:
        found = safe(path)
    except UnsafeError:
        assert not parts or ".." in parts or path.startswith("/") or "\\" in path or path[1:2] == ":"
    else:
        assert found == "/".join(parts)


def test_a_path_is_at_most_so_deep() -> None:
    """What is deeper ends Python's stack where it is removed."""
    assert safe("a/" * 127 + "b").endswith("/b")
    with pytest.raises(UnsafeError, match="more than 128 parts"):
        safe("a/" * 128 + "b")


_part = st.sampled_from(["a", "b", "c", ".."])
_name = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)
_target = st.lists(_part, min_size=1, max_size=5).map("/".join)


@given(st.dictionaries(_name, _target, min_size=1, max_size=4))
def test_links_that_pass_stay_inside_on_a_real_file_system(
    tmp_path_factory: pytest.TempPathFactory, links: dict[str, str]
) -> None:
    try:
        check_links(links, links)
    except UnsafeError:
        return
    root = tmp_path_factory.mktemp("outside") / "root"
    for name, target in links.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    for name in links:
        real = os.path.realpath(root / name)
        assert real == str(root) or real.startswith(f"{root}{os.sep}"), links


def test_a_link_to_a_sibling_passes() -> None:
    check_links(["lib/a", "lib/b"], {"lib/a": "b"})
    check_links(["lib/a", "b"], {"lib/a": "../b"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lib/a/b", "would be written through the link lib/A"),
        ("LIB/A/b/c", "would be written through the link lib/A"),
        ("lib/a", "lib/a and the link lib/A differ only in case"),
    ],
)
def test_a_link_of_another_spelling_counts_as_the_same(name: str, message: str) -> None:
    with pytest.raises(UnsafeError, match=message):
        check_links([name, "lib/A"], {"lib/A": "x"})


def test_files_and_links_that_differ_only_in_case_pass() -> None:
    check_links(["share/terminfo/2/2621A", "share/terminfo/2/2621a", "lib/A", "lib/a"], {"lib/A": "x", "lib/a": "x"})
