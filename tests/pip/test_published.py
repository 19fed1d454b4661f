"""What is published and odd: read where it can be, passed over where not, and said so in both cases."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from cortexlock.errors import InputError, NoSolutionError
from tests.pip.test_resolve import HOST
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_sdist, make_tree, make_wheel


def _with_metadata(wheel: Path, old: bytes, new: bytes) -> Path:
    """Rewrite the METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        members = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, content in members.items():
            is_metadata = info.filename.endswith(".dist-info/METADATA")
            assert not is_metadata or old in content
            archive.writestr(info, content.replace(old, new) if is_metadata else content)
    return wheel


@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize("kind", ["wheel", "sdist", "url", "links", "tree"])
def test_old_specifiers_wherever_they_come_from(wheelhouse: Path, tmp_path: Path, kind: str, *, metadata: bool) -> None:
    for version in ("2.0", "3.5"):
        make_wheel(wheelhouse, "b", version)
    requires = ["b>=3."]
    if kind == "sdist":
        make_sdist(wheelhouse, "a", "1.0", requires=requires, pep643=True)
    elif kind == "tree":
        make_tree(tmp_path / "project" / "a", "a", "1.0", requires=requires, dynamic="[]")
    else:
        make_wheel(wheelhouse, "a", "1.0", requires=requires)
    with IndexServer(wheelhouse, metadata=metadata) as server:
        line = {
            "url": f"a @ {server.file_url('a-1.0-py3-none-any.whl')}",
            "links": f"--no-index\n-f {wheelhouse}\na",
            "tree": "./a",
        }.get(kind, "a")
        found = resolve(tmp_path / "project", f"{line}\n", index_url=server.simple_url, target=HOST)
    assert versions(found) == {"a": "1.0", "b": "3.5"}


@pytest.mark.parametrize("json", [True, False])
def test_old_requires_python_of_a_page(wheelhouse: Path, tmp_path: Path, *, json: bool) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "2.0", requires_python=">=3.7.*")
    with IndexServer(wheelhouse, json=json) as server:
        found = resolve(tmp_path / "project", "a\n", index_url=server.simple_url)
        assert versions(found) == {"a": "1.0"}
        with pytest.raises(NoSolutionError) as caught:
            resolve(tmp_path / "project", "a==2.0\n", index_url=server.simple_url)
    assert ">=3.7" in caught.value.what


def test_old_requires_python_in_metadata_alone(wheelhouse: Path, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires_python=">=3.7.*")
    with pytest.raises(NoSolutionError, match=r"a 1\.0 requires Python >=3\.7"):
        resolve(tmp_path / "project", f"--no-index\n-f {wheelhouse}\na\n")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Name: a", b"Name: a\nAuthor: Andr\xe9", "its metadata is not UTF-8"),
        (b"Version: 2.0", b"Version: 2.1", "its metadata has the version 2.1"),
        (b"Name: a", b"Name: other", "its metadata has the name other"),
        (b"Version: 2.0", b"Version: 2.0-SNAPSHOT", "its version `2.0-SNAPSHOT` is none (PEP 440)"),
        (b"Name: a", b"Name: a\nRequires-Dist: b ???", "its requirement `b ???` is no requirement"),
        (b"Name: a\n", b"", "its metadata has no name"),
    ],
)
@pytest.mark.parametrize("metadata", [True, False])
def test_what_cannot_be_read_is_passed_over(  # noqa: PLR0913 - parameters
    wheelhouse: Path, tmp_path: Path, old: bytes, new: bytes, reason: str, *, metadata: bool
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    _with_metadata(make_wheel(wheelhouse, "a", "2.0"), old, new)
    with IndexServer(wheelhouse, metadata=metadata) as server:
        found = resolve(tmp_path / "project", "a\n", index_url=server.simple_url)
        assert versions(found) == {"a": "1.0"}
        assert [(each.file, each.reason) for each in found.findings.passed_over] == [("a-2.0-py3-none-any.whl", reason)]
        with pytest.raises(NoSolutionError) as caught:
            resolve(tmp_path / "project", "a==2.0\n", index_url=server.simple_url)
    assert caught.value.what.splitlines() == [
        "no version satisfies a==2.0 for Python 3.6 (cpu)",
        "  versions to choose from: 1.0",
        f"  passed over: a-2.0-py3-none-any.whl: {reason}",
    ]


def test_a_direct_reference_that_cannot_be_read(wheelhouse: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    _with_metadata(make_wheel(project, "a", "2.0"), b"Name: a", b"Name: a\nAuthor: Andr\xe9")
    with pytest.raises(InputError) as caught:
        resolve(project, "\n./a-2.0-py3-none-any.whl\n", environment={})
    assert caught.value.where == "requirements.txt:2"
    assert caught.value.what == "a-2.0-py3-none-any.whl cannot be used: its metadata is not UTF-8"


def test_a_tree_whose_version_is_none(tmp_path: Path) -> None:
    make_tree(tmp_path / "project" / "pkg", "a", "1.0-SNAPSHOT")
    with pytest.raises(InputError) as caught:
        resolve(tmp_path / "project", "./pkg\n", target=HOST)
    assert caught.value.where == "requirements.txt:1"
    assert caught.value.what == "pkg cannot be used: its version `1.0-SNAPSHOT` is none (PEP 440)"


def test_files_whose_names_have_no_version(tmp_path: Path) -> None:
    page = tmp_path / "index" / "a" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<!DOCTYPE html><html><body><a href="a-1.0-SNAPSHOT.tar.gz">a-1.0-SNAPSHOT.tar.gz</a></body></html>'
    )
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "a\n", index_url=(tmp_path / "index").as_uri())
    assert "  passed over: a-1.0-SNAPSHOT.tar.gz: its version `1.0-SNAPSHOT` is none (PEP 440)" in caught.value.what


@pytest.mark.parametrize("file", ["a-1.0-SNAPSHOT.zip", "a-2013b.x-py3-none-any.whl"])
def test_files_of_a_directory_whose_names_have_no_version(tmp_path: Path, file: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / file).touch()
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", f"--no-index\n--find-links {tmp_path / 'files'}\na\n")
    assert f"  passed over: {file}: its name has no version that is one (PEP 440)" in caught.value.what
    with pytest.raises(NoSolutionError, match="no index has a package named b"):
        resolve(tmp_path / "project", f"--no-index\n--find-links {tmp_path / 'files'}\nb\n")


def test_a_module_of_pythons_own_library(index_server: IndexServer, tmp_path: Path) -> None:
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "pickle\n", index_url=index_server.simple_url)
    assert caught.value.hint == "pickle is a module of Python's own library: leave the line out"


def test_an_extra_that_is_not_there(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", extras={"x": ["b"]})
    make_wheel(wheelhouse, "b", "1.0")
    found = resolve(tmp_path / "project", "a[x,nosuch]\n", index_url=index_server.simple_url)
    assert versions(found) == {"a": "1.0", "b": "1.0"}
    assert found.findings.unknown_extras == (("a", "1.0", "nosuch"),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sklearn", "sklearn is the name of a module: its package is scikit-learn; write `scikit-learn`"),
        ("PIL", "pil is the name of a module: its package is pillow; write `pillow`"),
    ],
)
def test_names_of_modules(index_server: IndexServer, tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", f"{line}\n", index_url=index_server.simple_url)
    assert caught.value.hint == said


def test_a_name_of_a_module_whose_package_does_not_build(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    make_sdist(wheelhouse, "sklearn", "0.0", setup="raise SystemExit('deprecated')")
    make_wheel(wheelhouse, "setuptools", "60.0")
    make_wheel(wheelhouse, "wheel", "0.37")
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "\nsklearn\n", index_url=index_server.simple_url, target=HOST)
    assert caught.value.where == "requirements.txt:2"
    assert "write `scikit-learn`" in (caught.value.hint or "")


def test_files_for_other_pythons(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    for python in ("35", "36", "37"):
        make_wheel(wheelhouse, "a", "1.0", tag=f"cp{python}-cp{python}m-manylinux1_x86_64")
    make_wheel(wheelhouse, "a", "2.0")
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", "a==1.0\n", index_url=index_server.simple_url, target=HOST)
    assert "  a 1.0 has files for other Pythons: 3.5 to 3.7 (Linux)" in caught.value.what


@pytest.mark.parametrize("option", ["--no-binary :all:", "--no-binary=:all:"])
def test_no_binary_of_everything(wheelhouse: Path, index_server: IndexServer, tmp_path: Path, option: str) -> None:
    pyproject = '[build-system]\nrequires = ["tool"]\nbuild-backend = "tool"\n'
    make_sdist(wheelhouse, "a", "1.0", pyproject=pyproject)
    make_sdist(wheelhouse, "tool", "1.0", pyproject=pyproject)
    with pytest.raises(NoSolutionError) as caught:
        resolve(tmp_path / "project", f"{option}\na\n", index_url=index_server.simple_url, target=HOST)
    assert f"requirements.txt:1: `{option}` holds for what builds need, too" in caught.value.what
    assert "`--no-binary NAME`" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("six>=1.10.*", "write `six>=1.10`"),
        ("attrs; python_version < 3", 'write `attrs; python_version < "3"`'),
        ("a==1 b==2", "write them on lines of their own: `a==1`, `b==2`"),
        ("???", "write a requirement as PEP 508 has it: `name>=1.0`"),
    ],
)
def test_lines_that_are_no_requirements(index_server: IndexServer, tmp_path: Path, line: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(tmp_path / "project", f"{line}\n", index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:1"
    assert caught.value.what.startswith(f"`{line}` is no requirement: ")
    assert "\n" not in caught.value.what
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("lines", "lacking"),
    [
        ("a==1.0 --hash=sha256:{a}", ["b none"]),
        ("a==1.0 --hash=sha256:{a}\nb", ["b none requirements.txt:2"]),
        ("a==1.0 --hash=sha256:{a}\nb<2 --hash=sha256:{b}", ["b unpinned requirements.txt:2"]),
        ("a==1.0 --hash=sha256:{a}\nb==1.0 --hash=sha256:{b}", []),
        ("a==1.0 --hash=sha256:{a}\nb==1.0 --hash=sha256:{b}\n./c", ["c tree requirements.txt:3"]),
        ("a\nb", None),
    ],
)
def test_hash_mode(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path, lines: str, lacking: list[str] | None
) -> None:
    digests = {
        name: hashlib.sha256(make_wheel(wheelhouse, name, "1.0", requires=requires).read_bytes()).hexdigest()
        for name, requires in (("a", ["b"]), ("b", []))
    }
    make_tree(tmp_path / "project" / "c", "c", "1.0")
    text = lines.format(**digests)
    found = resolve(tmp_path / "project", f"{text}\n", index_url=index_server.simple_url, target=HOST)
    said = [f"{each.name} {each.reason} {each.where or ''}".strip() for each in found.findings.unhashed]
    assert said == (lacking or [])
    demanded = f"{text}\n--require-hashes\n"
    if lacking == []:
        resolve(tmp_path / "project", demanded, index_url=index_server.simple_url, target=HOST)
        return
    with pytest.raises(InputError, match="`--require-hashes` holds for all that is installed"):
        resolve(tmp_path / "project", demanded, index_url=index_server.simple_url, target=HOST)
