"""Requirements files as pip reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from cortexlock.errors import InputError
from cortexlock.pip.internals import requirements
from cortexlock.pip.internals.resolver import PipResolver
from cortexlock.pip.resolution.values import Checkout, Root, SourceTree
from tests.support.resolution import PYTHON36, undone


class NoTrees:
    """Sources of which none is needed."""

    def check_out(self, url: str, directory: Path) -> Checkout:
        """Fail."""
        raise AssertionError(url, directory)

    def metadata(self, tree: SourceTree) -> bytes:
        """Fail."""
        raise AssertionError(tree)

    def kept_metadata(self, archive: str, name: str) -> bytes | None:
        """Fail."""
        raise AssertionError(archive, name)

    def look_ahead(
        self, archive: str, name: str, fetch: Callable[[Path], object], then: Callable[[bytes], object]
    ) -> None:
        """Look into nothing."""

    def attend(self) -> None:
        """Do nothing: nobody asks."""

    def wait(self, coming: Future[Any]) -> None:
        """Do nothing meanwhile."""


@pytest.fixture
def resolver(tmp_path: Path) -> Iterator[PipResolver]:
    """A resolver for the project in `tmp_path`."""
    with (
        undone(tmp_path),
        PipResolver(PYTHON36, project=tmp_path, arguments=[], cache=tmp_path / "cache", trees=NoTrees()) as opened,
    ):
        yield opened


def _parse(resolver: PipResolver, project: Path, text: str, **files: str) -> tuple[str, ...]:
    for name, content in {"requirements": text, **files}.items():
        (project / f"{name}.txt").write_text(content, encoding="utf-8")
    found = requirements.parse(project / "requirements.txt", project, resolver.repository, {})
    return tuple(f"{each.req}{' (constraint)' if each.constraint else ''}" for each in found)


def test_order_does_not_depend_on_the_lines(resolver: PipResolver, tmp_path: Path) -> None:
    one = _parse(resolver, tmp_path, "b\na>=1\n-c c.txt\n", c="d<2\n")
    other = _parse(resolver, tmp_path, "-c c.txt\na>=1\nb\n", c="d<2\n")
    assert one == other == ("a>=1", "b", "d<2 (constraint)")


def test_options_go_to_the_finder(resolver: PipResolver, tmp_path: Path) -> None:
    finder = resolver.repository.finder
    _parse(resolver, tmp_path, "--no-binary a\n--only-binary b\n--prefer-binary\n")
    assert finder.prefer_binary
    assert finder.format_control.no_binary == {"a"}
    assert finder.format_control.only_binary == {"b"}


def test_places_are_relative_to_the_project(resolver: PipResolver, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# first\na[x]>=1 ; python_version < '3.7'\n-r more/b.txt\n", "utf-8")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.txt").write_text(
        "\n\nB_c\nnot-here ; python_version >= '3.7'\n-c c.txt\n", encoding="utf-8"
    )
    (tmp_path / "more" / "c.txt").write_text("z<1\n", encoding="utf-8")
    found = requirements.parse(tmp_path / "requirements.txt", tmp_path, resolver.repository, {})
    roots = requirements.roots(found, tmp_path)
    assert roots == (
        Root("b-c", "B_c", "more/b.txt", 3),
        Root("a", "a[x]>=1", "requirements.txt", 2),
    )
    assert str(roots[0].place) == "more/b.txt:3"


def test_tree_has_no_name_yet(resolver: PipResolver, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "setup.py").write_text("", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("./lib\n-e ./lib\n", encoding="utf-8")
    found = requirements.parse(tmp_path / "requirements.txt", tmp_path, resolver.repository, {})
    assert {root.name for root in requirements.roots(found, tmp_path)} == {""}
    assert sorted(each.editable for each in found) == [False, True]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("a\nb c\n", "requirements.txt:2", "is no requirement"),
        ("a\nb_>=1\n", "requirements.txt:2", "`b_` is no name"),
        ("a[x_]\n", "requirements.txt:1", "`x_` is no name"),
        ("a_ @ https://example.org/a-1.0.zip\n", "requirements.txt:1", "`a_` is no name"),
        ("./nowhere/a\n", "requirements.txt:1", "there is no file or directory `./nowhere/a`"),
        ("git+/srv/repo\n", "requirements.txt:1", "`git+/srv/repo` is no URL of a repository"),
        ("./empty\n", "requirements.txt:1", "`./empty` is no project"),
        ("-c e.txt\n", "e.txt:1", "`./empty` is no constraint"),
        ("git+https://example.org/r#egg=a[x]\n", "requirements.txt:1", "names more than a project after `#egg=`"),
        ("a==\n", "requirements.txt:1", "is no requirement"),
        ("a; python_version\n", "requirements.txt:1", "is no requirement"),
        ("ssh://git@example.org/r.git\n", "requirements.txt:1", "is no requirement"),
        ("\n--nonsense\n", "requirements.txt:2", "pip knows no option --nonsense in requirements files"),
        ("a --install-option=x\n", "requirements.txt:1", "install-option"),
        ("./nowhere\n", "requirements.txt:1", "nowhere"),
        ("a --hash=sha256\n", "requirements.txt:1", "hash"),
        ("a --hash=md5:00\n", "requirements.txt:1", "hash"),
        ("hg+https://example.org/a#egg=a\n", "requirements.txt:1", "only git can be locked"),
        ("-e svn+https://user:secret@example.org/a#egg=a\n", "requirements.txt:1", "only git can be locked"),
        ("-e ./nodir\n", "requirements.txt:1", "there is no directory ./nodir"),
        ("-e nogit://example.org/a#egg=a\n", "requirements.txt:1", "is no URL of version control"),
        ("a b c\n-r c.txt\n", "requirements.txt:1", "is no requirement"),
        ("-r c.txt\n", "c.txt:1", "is no requirement"),
        ("-r d.txt\n", "d.txt:2", "pip knows no option --nonsense in requirements files"),
    ],
)
def test_line_that_cannot_be_read(resolver: PipResolver, tmp_path: Path, text: str, where: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        _parse(resolver, tmp_path, text, c="x y z\n", d="e\n--nonsense\n", e="-e ./empty\n")
    assert caught.value.where == where
    assert said in caught.value.what
    assert "secret" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_place_of_other_things() -> None:
    project = Path("/project")
    assert requirements.place("-r /project/a/b.txt (line 12)", project) == ("a/b.txt", 12)
    assert requirements.place("-c /elsewhere/c.txt (line 1)", project) == ("c.txt", 1)
    assert requirements.place("-r /project/with (line 1).txt (line 2)", project) == ("with (line 1).txt", 2)
    assert requirements.place(None, project) == ("", None)
    assert requirements.place("a 1.0", project) == ("", None)


def test_texts_are_sorted() -> None:
    assert [str(each.req) for each in requirements.from_texts(["b", "a>1"])] == ["a>1", "b"]


def test_texts_that_are_no_requirements() -> None:
    with pytest.raises(InputError, match="a build asks for `not a requirement`"):
        requirements.from_texts(["not a requirement"])


def test_a_device_in_the_place_of_an_archive() -> None:
    with pytest.raises(InputError, match="`x @ file:///dev/zero`, which is no regular file"):
        requirements.from_texts(["x @ file:///dev/zero"])


def test_the_hint_says_what_was_meant(resolver: PipResolver, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _parse(resolver, tmp_path, "a=1\n")
    assert caught.value.hint == "write `a==1`"
    assert "Hint" not in caught.value.what


def test_values_in_the_place_of_user_and_password_end_no_host(resolver: PipResolver, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a @ http://me:${TOKEN}@host/${NAME}.whl\n", encoding="utf-8")
    values = {"TOKEN": "x/y@z #", "NAME": "a-1-py3-none-any"}
    (found,) = requirements.parse(tmp_path / "requirements.txt", tmp_path, resolver.repository, values)
    assert found.link is not None
    assert found.link.url == "http://me:x%2Fy%40z%20%23@host/a-1-py3-none-any.whl"
