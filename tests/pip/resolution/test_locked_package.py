"""From what a resolution chose to what a lockfile says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import NoSolutionError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.package import FromArchive, FromDirectory, FromGit, FromIndex, FromUrl, PipPackage, Replaced
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.resolution.locked_package import Context, alias, locked_package
from cortexlock.pip.resolution.values import Checkout, Resolved, Root, SourceTree

_PLACES = (
    Location("default", "https://index.example.org/simple/"),
    Location("nested", "https://index.example.org/simple/team/"),
    Location("links-1", "https://files.example.org/page.html", "links"),
    Location("links-2", "file:///wheels", "links"),
)
_FOUND = Resolved(
    "a",
    "1.0",
    installed=False,
    requires=("b",),
    parents=("c", "b"),
    requested=False,
    url="https://files.example.org/a-1.0-py3-none-any.whl",
    page="https://index.example.org/simple/a/",
    file="a-1.0-py3-none-any.whl",
    sha256="0" * 64,
    size=7,
)


def _context(project: Path = Path("/project"), *roots: Root, **before: str) -> Context:
    return Context(before, roots, project, "requirements.txt", _PLACES)


def test_new_package() -> None:
    assert locked_package(_FOUND, _context()) == PipPackage(
        "a",
        "1.0",
        action="add",
        by=("b", "c"),
        file="a-1.0-py3-none-any.whl",
        sha256="0" * 64,
        size=7,
        source=FromIndex("default"),
    )


def test_package_that_replaces_another_version() -> None:
    found = locked_package(_FOUND, _context(a="0.9"))
    assert (found.action, found.replaces) == ("change", (Replaced("pip", "0.9"),))


def test_package_that_the_image_keeps() -> None:
    kept = Resolved("a", "1.0", installed=True, requires=(), parents=("b",), requested=True)
    assert locked_package(kept, _context(a="1.0")) == PipPackage(
        "a", "1.0", action="keep", by=("b", "requirements.txt")
    )


def test_all_files_that_ask_for_a_package_are_named() -> None:
    roots = [Root("a", "a", "more/b.txt", 1), Root("a", "a<2", "a.txt", 1), Root("z", "z", "z.txt", 1)]
    found = locked_package(replace(_FOUND, requested=True), _context(Path("/project"), *roots))
    assert found.by == ("a.txt", "b", "c", "more/b.txt")


def test_yanked_is_said() -> None:
    assert locked_package(replace(_FOUND, yanked=True), _context()).yanked


def test_local_tree(tmp_path: Path) -> None:
    tree = tmp_path / "libs" / "a"
    tree.mkdir(parents=True)
    (tree / "setup.py").write_text("", encoding="utf-8")
    found = replace(_FOUND, directory=str(tree), editable=True, source=SourceTree(tree, local=True), requested=True)
    locked = locked_package(found, _context(tmp_path, Root("", "./libs/a", "requirements.txt", 1)))
    assert (locked.source, locked.sha256) == (FromDirectory("libs/a", editable=True), tree_hash(tree))
    assert (locked.file, locked.size) == ("", 0)
    assert "requirements.txt" in locked.by
    assert locked_package(found, _context(tree)).source == FromDirectory(".", editable=True)


def test_tree_outside_the_project(tmp_path: Path) -> None:
    for name in ("tree", "project"):
        (tmp_path / name).mkdir()
    with pytest.raises(NoSolutionError, match="outside the project") as caught:
        locked_package(replace(_FOUND, directory=str(tmp_path / "tree")), _context(tmp_path / "project"))
    assert caught.value.where == "a"


def test_archive_of_the_project(tmp_path: Path) -> None:
    url = (tmp_path / "vendor" / "a b.whl").as_uri()
    found = replace(_FOUND, url=url, page="", file="a b.whl", sha256="1" * 64, size=5)
    locked = locked_package(found, _context(tmp_path))
    assert locked.source == FromArchive("vendor/a b.whl")
    assert (locked.file, locked.sha256, locked.size) == ("a b.whl", "1" * 64, 5)


def test_archive_outside_the_project(tmp_path: Path) -> None:
    found = replace(_FOUND, url=(tmp_path / "a.whl").as_uri(), page="", file="a.whl")
    with pytest.raises(NoSolutionError, match=r"outside the project: \.\./a\.whl"):
        locked_package(found, _context(tmp_path / "project"))


def test_name_that_begins_with_dots_is_inside(tmp_path: Path) -> None:
    (tmp_path / "..lib").mkdir()
    locked = locked_package(replace(_FOUND, directory=str(tmp_path / "..lib")), _context(tmp_path))
    assert locked.source == FromDirectory("..lib")


def test_checkout() -> None:
    checkout = Checkout("https://example.org/a.git", "1" * 40, "sub", "2" * 64, "main")
    locked = locked_package(replace(_FOUND, checkout=checkout), _context())
    assert locked.source == FromGit("https://example.org/a.git", "1" * 40, "main", "sub")
    assert (locked.sha256, locked.file) == ("2" * 64, "")


def test_direct_url_has_no_index() -> None:
    locked = locked_package(replace(_FOUND, page="", url="https://example.org/a-1.0-py3-none-any.whl"), _context())
    assert locked.source == FromUrl("https://example.org/a-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("page", "url", "expected"),
    [
        ("https://index.example.org/simple/a/", "", "default"),
        ("https://user:secret@index.example.org/simple/a/", "", "default"),
        ("https://index.example.org/simple/team/a/", "", "nested"),
        ("https://files.example.org/page.html", "", "links-1"),
        ("", "file:///wheels/a-1.0-py3-none-any.whl", "links-2"),
    ],
)
def test_alias_is_that_of_the_page(page: str, url: str, expected: str) -> None:
    assert alias(replace(_FOUND, page=page, url=url or _FOUND.url), _PLACES) == expected


@pytest.mark.parametrize("page", ["https://elsewhere.example.org/simple/a/", "https://index.example.org/simple-2/a/"])
def test_page_of_no_known_index(page: str) -> None:
    with pytest.raises(NoSolutionError, match="none of the indexes"):
        alias(replace(_FOUND, page=page), _PLACES)


def test_file_beside_a_find_links_directory_of_that_prefix_is_not_of_it() -> None:
    with pytest.raises(NoSolutionError):
        locked_package(replace(_FOUND, page="", url="file:///wheels-2/a-1.0-py3-none-any.whl"), _context())
