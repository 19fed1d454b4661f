"""A requirements file on top of an image; what single steps do is tested beside them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cortexlock.errors import InputError, IntegrityError, NetworkError, NoSolutionError
from cortexlock.model.lockfile import ResolverVersion
from cortexlock.model.package import FromArchive
from cortexlock.model.predictor import Distribution
from cortexlock.model.target import Target
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_sdist, make_tree, make_wheel

HOST = Target("cpu", "linux-64", (*sys.version_info[:2], 0), (2, 27), None)
"""A target whose interpreter is on this machine."""


def test_who_resolved(index_server: IndexServer, tmp_path: Path) -> None:
    found = resolve(tmp_path / "project", "\n", index_url=index_server.simple_url)
    assert found.packages == ()
    assert found.resolvers == (
        ResolverVersion("pip", version("pip")),
        ResolverVersion("pip-tools", version("pip-tools")),
    )


@pytest.mark.parametrize("name", ["PIP_CERT", "PIP_CLIENT_CERT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"])
def test_empty_variables_say_nothing(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "")
    make_wheel(wheelhouse, "a", "1.0")
    assert versions(resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url)) == {"a": "1.0"}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"a # caf\xe9\n", "requirements.txt:1"),
        (b"a\n-r nowhere.txt\n", "requirements.txt:2"),
        (b"-r ../outside.txt\n", "requirements.txt:1"),
        (b"-r https://example.org/requirements.txt\n", "requirements.txt:1"),
        (b"a\n./vendor/a-1.0-py3-none-any.whl\n", "requirements.txt:2"),
        (b"a @ file:../a-1.0-py3-none-any.whl\n", "requirements.txt:1"),
    ],
)
def test_file_is_read_before_pip_sees_it(index_server: IndexServer, tmp_path: Path, content: bytes, where: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(tmp_path / "project", content, index_url=index_server.simple_url)
    assert caught.value.where == where
    assert index_server.requests == []


def test_file_in_another_encoding_that_it_names(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    content = b"# -*- coding: latin-1 -*-\na # caf\xe9\n"
    assert versions(resolve(tmp_path / "project", content, index_url=index_server.simple_url)) == {"a": "1.0"}


@pytest.mark.parametrize(
    ("pip", "there", "lines", "taken"),
    [
        ("20.1", ("0.13", "1.0.0.dev0"), "a", "0.13"),
        ("24.3.1", ("0.13", "1.0.0.dev0"), "a", "0.13"),
        ("25.0", ("0.13", "1.0.0.dev0"), "a", "1.0.0.dev0"),
        ("", ("0.13", "1.0.0.dev0"), "a", "0.13"),  # the last pip for Python 3.6
        ("20.1", ("1.0.0.dev0",), "a", "1.0.0.dev0"),
        ("20.1", ("0.13", "1.0.0.dev0"), "--pre\na", "1.0.0.dev0"),
        ("20.1", ("0.13", "1.0.0.dev0"), "a\nb>=0.1a1", "1.0.0.dev0"),
        ("20.1", ("0.13", "2.0a1"), "b>1.0a1", "2.0a1"),
        ("20.1", ("1.0", "2.0a1"), "b>1.0a1,!=3.0a1", "1.0"),
    ],
)
def test_pre_release_as_a_bound(  # noqa: PLR0913, PLR0917 - fixtures and the values of a row
    wheelhouse: Path,
    index_server: IndexServer,
    tmp_path: Path,
    pip: str,
    there: tuple[str, ...],
    lines: str,
    taken: str,
) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["b<1.0.0a1,>=0.12"])
    for each in there:
        make_wheel(wheelhouse, "b", each)
    image = [Distribution("pip", pip)] if pip else []
    found = resolve(tmp_path / "project", f"{lines}\n", index_url=index_server.simple_url, installed=image)
    assert versions(found)["b"] == taken


@pytest.mark.parametrize(
    ("pip", "lines", "left"),
    [
        ("20.1", "a\nb", [("x", "1.0", "2.0", (("b", "1.0", "x>=2"),))]),
        ("19.3.1", "./a-1.0-py3-none-any.whl\nb", [("x", "1.0", "2.0", (("b", "1.0", "x>=2"),))]),
        ("20.1", "-r more.txt\nb", [("x", "1.0", "2.0", (("b", "1.0", "x>=2"),))]),
        ("20.1", "b\n-r more.txt", []),
        ("20.1", "b\na", []),
        ("20.1", "a\nb\n-c limits.txt", []),
        ("20.3", "a\nb", []),
        ("", "a\nb", []),
    ],
)
def test_what_the_images_own_pip_would_have_left(  # noqa: PLR0913, PLR0917 - fixtures and the values of a row
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, pip: str, lines: str, left: list[tuple[object, ...]]
) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["x"])
    make_wheel(wheelhouse, "a", "0.5", requires=["x<2"])
    make_wheel(wheelhouse, "b", "1.0", requires=["x>=2"])
    make_wheel(wheelhouse, "x", "1.0")
    make_wheel(wheelhouse, "x", "2.0")
    project = tmp_path / "project"
    project.mkdir()
    make_wheel(project, "a", "1.0", requires=["x"])
    (project / "more.txt").write_text("a\n", encoding="utf-8")
    (project / "limits.txt").write_text("x<9\n", encoding="utf-8")
    image = [Distribution("x", "1.0"), *([Distribution("pip", pip)] if pip else [])]
    found = resolve(project, f"{lines}\n", index_url=index_server.simple_url, installed=image)
    assert versions(found)["x"] == "2.0"
    assert [(each.name, each.version, each.locked, each.broken) for each in found.findings.own_pip] == left


def test_nothing_to_do_where_the_image_has_it_all(index_server: IndexServer, tmp_path: Path) -> None:
    image = [Distribution("a", "1.0", ("b",)), Distribution("b", "1.0")]
    found = resolve(tmp_path / "project", "a\n", index_url=index_server.simple_url, installed=image)
    assert [(each.name, each.action) for each in found.packages] == [("a", "keep"), ("b", "keep")]
    assert index_server.requests == []


@pytest.mark.parametrize(
    "line",
    [
        "./vendor/a-1.0-py3-none-any.whl",
        "vendor/a-1.0-py3-none-any.whl",
        "a @ file:vendor/a-1.0-py3-none-any.whl",
        "a @ file:./vendor/a-1.0-py3-none-any.whl",
        "./vendor/a-1.0.tar.gz",
    ],
)
def test_archive_of_the_project(index_server: IndexServer, tmp_path: Path, line: str) -> None:
    vendor = tmp_path / "project" / "vendor"
    for made in (make_wheel(vendor, "a", "1.0"), make_sdist(vendor, "a", "1.0")):
        assert made.parent == vendor
    (found,) = resolve(tmp_path / "project", f"{line}\n", index_url=index_server.simple_url).packages
    name = Path(line).name
    content = (vendor / name).read_bytes()
    assert (found.source, found.file) == (FromArchive(f"vendor/{name}"), name)
    assert (found.sha256, found.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert found.by == ("requirements.txt",)


def test_archive_with_another_hash_than_asked_for(index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(tmp_path / "project", "a", "1.0")
    line = f"./a-1.0-py3-none-any.whl --hash=sha256:{'0' * 64}\n"
    with pytest.raises(IntegrityError, match="has none of the hashes") as caught:
        resolve(tmp_path / "project", line, index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:1"


def _needing(*names: str) -> str:
    return f'[build-system]\nrequires = {list(names)!r}\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.mark.parametrize(
    "dynamic", [None, "[__import__('pkgutil').get_data('tool', 'x').decode()]"], ids=["read", "built"]
)
def test_a_build_requirement_without_a_wheel_is_built_in_turn(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, dynamic: str | None
) -> None:
    make_sdist(wheelhouse, "a", "1.0", pyproject=_needing("tool"), pep643=dynamic is None, dynamic=dynamic)
    write = "open('x', 'w').write(__import__('deep').said) and []"
    make_sdist(wheelhouse, "tool", "50.0", pyproject=_needing("deep"), modules={"tool.py": "", "x": ""}, dynamic=write)
    make_sdist(wheelhouse, "deep", "2.0", modules={"deep.py": "said = 'b'"})
    make_wheel(wheelhouse, "b", "1.0")
    project, url = tmp_path / "project", index_server.simple_url
    found = resolve(project, "a\n", index_url=url, python=Path(sys.executable), target=HOST)
    assert [each.name for each in found.packages] == (["a", "b"] if dynamic else ["a"])
    assert {each.package.file: each.needed_by for each in found.build_requirements} == {
        "tool-50.0.tar.gz": ("a",),
        "deep-2.0.tar.gz": ("tool==50.0",),
    }


@pytest.mark.parametrize("pep643", [True, False], ids=["read", "built"])
def test_builds_that_need_each_other(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, *, pep643: bool
) -> None:
    make_sdist(wheelhouse, "a", "1.0", pyproject=_needing("tool"), pep643=pep643)
    make_sdist(wheelhouse, "tool", "50.0", pyproject=_needing("deep"), pep643=pep643)
    make_sdist(wheelhouse, "deep", "2.0", pyproject=_needing("tool"), pep643=pep643)
    project, url, python = tmp_path / "project", index_server.simple_url, Path(sys.executable)
    with pytest.raises(NoSolutionError, match=r"the build of \w+: what it needs must be built itself") as caught:
        resolve(project, "# why\na\n", index_url=url, python=python, target=HOST)
    assert re.search(r"tool(==50\.0)? needs deep(==2\.0)?", caught.value.what)
    assert caught.value.where == "requirements.txt:2"
    assert "in cortexlock.yaml" in (caught.value.hint or "")


def test_what_a_build_needs_is_known_where_the_metadata_are_read(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    needs = '[build-system]\nrequires = ["tool"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    make_sdist(wheelhouse, "a", "1.0", pyproject=needs, pep643=True)
    make_wheel(wheelhouse, "tool", "50.0")
    project, url, python = tmp_path / "project", index_server.simple_url, Path(sys.executable)
    found = resolve(project, "a\n", index_url=url, python=python, target=HOST)
    assert [each.package.name for each in found.build_requirements] == ["tool"]


def test_build_that_needs_itself(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    script = "import sys\nfrom setuptools import setup\nsetup(name=sys.argv)\n"
    make_sdist(wheelhouse, "setuptools", "50.0", setup=script)
    make_wheel(wheelhouse, "wheel", "0.37")
    project, url, python = tmp_path / "project", index_server.simple_url, Path(sys.executable)
    with pytest.raises(NoSolutionError, match=r"setuptools-50\.0\.tar\.gz needs setuptools-50\.0\.tar\.gz itself"):
        resolve(project, "setuptools\n", index_url=url, python=python, target=HOST)


def test_versions_that_are_all_for_another_python(index_server: IndexServer, tmp_path: Path) -> None:
    # A directory does not say data-requires-python: pip learns it from the metadata only.
    make_wheel(tmp_path / "project" / "vendor", "a", "2.0", requires_python=">=3.9")
    make_wheel(tmp_path / "project" / "vendor", "a", "1.0", requires_python=">=3.8")
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "--find-links vendor\na\n", index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:2"
    assert caught.value.what.startswith("a 2.0 requires Python >=3.9, the target has 3.6")
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "-f vendor\na==1.0\na>=1.0\n", index_url=index_server.simple_url)
    assert caught.value.what == "a 1.0 requires Python >=3.8, the target has 3.6"


def test_errors_of_direct_references_have_the_line(index_server: IndexServer, tmp_path: Path) -> None:
    environment = {"PIP_RETRIES": "0", "PATH": os.environ["PATH"]}
    project = tmp_path / "project"
    for line in ("a @ https://127.0.0.1:1/a-1-py3-none-any.whl", "git+https://127.0.0.1:1/a.git#egg=a"):
        with pytest.raises(NetworkError) as caught:
            resolve(project, f"\n{line}\n", index_url=index_server.simple_url, environment=environment)
        assert caught.value.where == "requirements.txt:2"
        assert "[" not in caught.value.what
        assert caught.value.hint


def test_a_tree_of_the_project_that_cannot_be_built(index_server: IndexServer, tmp_path: Path) -> None:
    make_tree(tmp_path / "project", "a", "1.0", dynamic="no_such_name")
    with pytest.raises(InputError, match="no_such_name") as caught:
        resolve(
            tmp_path / "project", ".\n", index_url=index_server.simple_url, python=Path(sys.executable), target=HOST
        )
    assert caught.value.where == "requirements.txt:1"


def test_an_index_that_is_a_directory_and_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        resolve(tmp_path / "project", "a\n", index_url="file:///nope")
    assert caught.value.what == "the index `default` is not there: file:///nope/ is no directory"
    assert caught.value.hint


@pytest.mark.parametrize("line", ["--find-links nowhere", "--find-links=./nowhere/", "-f file:///nope/page.html"])
def test_find_links_that_are_not_there(index_server: IndexServer, tmp_path: Path, line: str) -> None:
    with pytest.raises(NetworkError, match=r"`--find-links` names file:///(?s:.*), which is not there"):
        resolve(tmp_path / "project", f"a\n{line}\n", index_url=index_server.simple_url)
