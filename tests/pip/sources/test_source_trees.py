"""Source trees of a resolution: read where that is certain, built where it is not, and never twice."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import NoReturn

import pytest

from cortexlock.errors import InputError, NoSolutionError, UsageError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.lock_progress import Activity, LockProgress
from cortexlock.model.target import Target
from cortexlock.pip.resolution.values import SourceTree
from cortexlock.pip.sources import git
from cortexlock.pip.sources.kept_metadata import KeptMetadata
from cortexlock.pip.sources.source_trees import SourceTrees
from cortexlock.pip.sources.tree_builds import BuildTools, BuildUsage, TreeBuilds
from cortexlock.predictors import catalog
from tests.support.wheels import make_metadata, make_tree, make_wheel

_PLAIN = 'from setuptools import setup\nsetup(name="plain", version="1.0", install_requires=["a"])\n'
_NEEDS_HELPER = '[build-system]\nrequires = ["helper"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'


class _Made:
    """SourceTrees, and what they asked for."""

    def __init__(
        self,
        tmp_path: Path,
        interpreter: Callable[[], Path] = lambda: Path(sys.executable),
        further: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        commits: Mapping[tuple[str, str, str], str] = MappingProxyType({}),
        installed: Mapping[str, str] = MappingProxyType({"numpy": "1.18.2"}),
    ) -> None:
        self.today = "monday"
        self.asked: list[tuple[str, ...]] = []
        self.messages: list[LockProgress] = []
        self.directory = tmp_path / "wheels"
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        tools = BuildTools(
            interpreter=interpreter,
            interpreter_there=interpreter,
            wheels=self._wheels,
            hashes=self._hashes,
            scratch=scratch,
            environment={"PATH": "/usr/bin:/bin"},
            installed=installed,
            further=further,
            commits=commits,
            kept=KeptMetadata(tmp_path / "kept", Target.of(catalog.find("python", "0.16.0", "cpu"))),
        )
        self.sources = SourceTrees(tools, on_progress=self.messages.append)
        self.builds = TreeBuilds(tools, on_progress=self.messages.append)

    def _hashes(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{text} as of {self.today}" for text in sorted(texts))

    def _wheels(self, texts: Sequence[str]) -> list[Path]:
        self.asked.append(tuple(texts))
        return [make_wheel(self.directory, text.partition("=")[0], "1.0") for text in texts]


def _no_interpreter() -> NoReturn:
    raise UsageError("no Python 3.6 on this machine")


def test_literal_tree_is_not_built(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "plain", "plain", "1.0", setup=_PLAIN)
    made = _Made(tmp_path, _no_interpreter)
    content = made.sources.metadata(SourceTree(tree, local=True))
    assert b"\nRequires-Dist: a\n" in content
    assert made.sources.build_requirements(SourceTree(tree, local=True)) == ("setuptools>=40.8.0", "wheel")
    assert made.messages == []


def test_tree_is_built_once_in_a_copy(tmp_path: Path) -> None:
    code = "(open('was_here', 'w').close(), ['b'])[1]"
    tree = make_tree(tmp_path / "built", "built", "1.0", requires=["a"], dynamic=code)
    before = tree_hash(tree)
    made = _Made(tmp_path)
    for _ in range(2):
        content = made.sources.metadata(SourceTree(tree, local=True))
        assert b"Requires-Dist: a\nRequires-Dist: b\n" in content
        assert made.sources.build_requirements(SourceTree(tree, local=True)) == ()
    assert made.messages == [LockProgress(Activity.BUILDS_METADATA, "built")]
    assert tree_hash(tree) == before
    assert not (tree / "was_here").exists()


def test_name_in_messages_is_without_what_pip_appends(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / f"built_{'0' * 32}", "built", "1.0")
    made = _Made(tmp_path)
    made.sources.metadata(SourceTree(tree, local=False))
    assert made.messages == [LockProgress(Activity.BUILDS_METADATA, "built")]


def test_build_requirements_static_and_dynamic(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "built", "built", "1.0", pyproject=_NEEDS_HELPER)
    backend = (tree / "backend.py").read_text(encoding="utf-8")
    backend = backend.replace("    return []\n", "    import helper\n    return ['more', 'helper']\n")
    (tree / "backend.py").write_text(backend, encoding="utf-8")
    made = _Made(tmp_path)
    assert made.sources.build_requirements(SourceTree(tree, local=True)) == ("helper", "more")
    assert made.asked == [("helper",), ("helper", "helper", "more")]


def test_metadata_and_build_requirements_are_of_one_build(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "built", "built", "1.0", pyproject=_NEEDS_HELPER)
    made = _Made(tmp_path)
    made.sources.build_requirements(SourceTree(tree, local=True))
    made.sources.metadata(SourceTree(tree, local=True))
    assert made.asked == [("helper",)]


def test_without_an_interpreter_only_what_must_be_built_fails(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "built", "built", "1.0")
    made = _Made(tmp_path, _no_interpreter)
    with pytest.raises(UsageError, match="no Python"):
        made.sources.metadata(SourceTree(tree, local=True))


@pytest.mark.parametrize("name", ["", "my-thing"])
def test_what_the_project_says_that_a_build_needs(tmp_path: Path, name: str) -> None:
    further = {"my-thing": ("pybind11",), "other": ("never",)}
    made = _Made(tmp_path, further=further)
    code = "__import__('pybind11').__name__.split()"
    tree = SourceTree(
        make_tree(tmp_path / f"My_Thing_{'f' * 32}", "my-thing", "1.0", dynamic=code), local=False, name=name
    )
    assert b"Requires-Dist: pybind11\n" in made.sources.metadata(tree)
    assert made.sources.build_requirements(tree) == ("pybind11",)
    literal = SourceTree(make_tree(tmp_path / "my-thing", "my-thing", "1.0", setup=_PLAIN), local=True, name="my-thing")
    assert "pybind11" in made.sources.build_requirements(literal)


def test_build_that_fails(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / f"built_{'f' * 32}", "built", "1.0", dynamic="no_such_name")
    with pytest.raises(NoSolutionError, match="no_such_name") as caught:
        _Made(tmp_path).sources.metadata(SourceTree(tree, local=False))
    assert caught.value.where == "built"
    assert caught.value.exit_code == 4
    assert "`build-requirements: {built: [package]}`" in (caught.value.hint or "")


def test_local_tree_whose_build_fails(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "built", "built", "1.0", dynamic="no_such_name")
    with pytest.raises(InputError, match="no_such_name") as caught:
        _Made(tmp_path).sources.metadata(SourceTree(tree, local=True))
    assert caught.value.where == str(tree)
    assert (caught.value.hint or "").startswith("correct its setup.py or pyproject.toml; ")


def test_import_that_the_image_satisfies_is_given_to_the_build(tmp_path: Path) -> None:
    # No setuptools here: a stand-in for it is the first thing that the script lacks.
    tree = tmp_path / "old"
    tree.mkdir()
    (tree / "setup.py").write_text("import numpy\nraise SystemExit('stop')\n", encoding="utf-8")
    made = _Made(tmp_path)
    with pytest.raises(InputError):
        made.sources.metadata(SourceTree(tree, local=True))
    assert made.asked[0] == ("setuptools >= 40.8.0",)


def test_pkg_info_is_trusted_in_sdists_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = make_metadata("plain", "1.0", requires=["of-pkg-info"], metadata_version="2.2")
    for name in ("sdist", "local", "checkout", "checkout/sub"):
        make_tree(tmp_path / name, "plain", "1.0", setup=_PLAIN)
        (tmp_path / name / "PKG-INFO").write_text(text, encoding="utf-8")
    made = _Made(tmp_path)
    monkeypatch.setattr(git, "check_out", lambda *_arguments, **_options: git.CheckedOut("0" * 40, ()))
    checkout = made.sources.check_out("git+https://example.org/a.git@main#subdirectory=sub", tmp_path / "checkout")
    assert (checkout.url, checkout.commit, checkout.subdirectory) == ("https://example.org/a.git", "0" * 40, "sub")
    for path, local, expected in (
        ("sdist", False, b"of-pkg-info"),
        ("local", True, b"a"),
        ("checkout", False, b"a"),
        ("checkout/sub", False, b"a"),
    ):
        content = made.sources.metadata(SourceTree(tmp_path / path, local=local))
        assert b"Requires-Dist: " + expected + b"\n" in content, path


@pytest.mark.parametrize(
    ("line", "commit"),
    [
        ("git+https://example.org/a.git@main", "1" * 40),
        ("git+https://t0ken@example.org/a.git@main#egg=a", "1" * 40),
        ("git+https://example.org/a.git", "2" * 40),
        ("git+https://example.org/a.git@main#subdirectory=sub", "9" * 40),
        ("git+https://example.org/a.git@v1", "9" * 40),
        ("git+https://example.org/b.git@main", "9" * 40),
        ("git+https://example.org/gone.git@main", "9" * 40),
    ],
)
def test_a_locked_commit_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, commit: str) -> None:
    def _check_out(repository: git.Repository, directory: Path, *, environment: object) -> git.CheckedOut:
        del directory, environment
        if repository.reference == "3" * 40:
            raise InputError("no such commit")
        return git.CheckedOut(repository.reference if repository.reference.isdecimal() else "9" * 40, ())

    monkeypatch.setattr(git, "check_out", _check_out)
    commits = {
        ("https://example.org/a.git", "main", ""): "1" * 40,
        ("https://example.org/a.git", "", ""): "2" * 40,
        ("https://example.org/gone.git", "main", ""): "3" * 40,
    }
    (tmp_path / "out").mkdir()
    checkout = _Made(tmp_path, commits=commits).sources.check_out(line, tmp_path / "out")
    assert checkout.commit == commit
    assert checkout.reference in line


def test_an_sdist_is_built_once_for_its_build_requirements(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "built", "built", "1.0", requires=["a"], pyproject=_NEEDS_HELPER)
    archive = "a" * 64
    first = _Made(tmp_path)
    assert first.sources.kept_metadata(archive, "built") is None
    content = first.sources.metadata(SourceTree(tree, local=False, name="built", archive=archive))
    scratch = tmp_path / "scratch"
    shutil.rmtree(scratch)
    shutil.rmtree(tree)
    again = _Made(tmp_path, _no_interpreter)
    assert again.sources.kept_metadata(archive, "built") == content
    assert again.sources.build_requirements(SourceTree(Path(), local=False, name="built", archive=archive)) == (
        "helper",
    )
    assert (again.asked, again.messages) == ([], [])
    assert _Made(tmp_path).sources.kept_metadata("b" * 64, "built") is None
    assert _Made(tmp_path, further={"built": ("more",)}).sources.kept_metadata(archive, "built") is None
    later = _Made(tmp_path)
    later.today = "tuesday"
    assert later.sources.kept_metadata(archive, "built") is None


def test_a_literal_sdist_is_read_once(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "plain", "plain", "1.0", setup=_PLAIN)
    content = _Made(tmp_path).sources.metadata(SourceTree(tree, local=False, name="plain", archive="a" * 64))
    later = _Made(tmp_path, _no_interpreter)
    later.today = "tuesday"  # nothing was built, so it does not matter with what
    assert later.sources.kept_metadata("a" * 64, "plain") == content


def test_what_the_image_had_a_say_in_serves_such_an_image_only(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "old", "old", "1.0")
    course = BuildUsage([("setuptools",), ("setuptools", "numpy==1.18.2")], {"numpy": "1.18.2"})
    _Made(tmp_path).builds.keep("source", b"Name: old\n", ("setuptools",), course)
    assert _Made(tmp_path).builds.known("source") is not None
    assert _Made(tmp_path, installed={"numpy": "1.19.0"}).builds.known("source") is None
    assert _Made(tmp_path, installed={}).builds.known("source") is None
    assert tree.is_dir()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"metadata": 1}]', "[[]]"])
def test_a_damaged_answer_is_none(tmp_path: Path, text: str) -> None:
    made = _Made(tmp_path)
    made.builds.keep("source", b"Name: a\n", ("b",))
    (path,) = (tmp_path / "kept").rglob("*.json")
    whole = json.loads(path.read_text(encoding="utf-8"))
    made = _Made(tmp_path)
    path.write_text(text, encoding="utf-8")
    assert made.builds.known("source") is None
    for key in whole[0]:
        path.write_text(json.dumps([{**whole[0], key: 7}]), encoding="utf-8")
        assert made.builds.known("source") is None, key
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert made.builds.known("source") is not None


def test_builds_share_an_environment_and_leave_nothing_in_it(tmp_path: Path) -> None:
    left = "__import__('pathlib').Path.home().joinpath('left')"
    made = _Made(tmp_path)
    for name, code in (("one", f"[{left}.mkdir(exist_ok=True)][1:]"), ("two", f"[1 / (not {left}.exists())][1:]")):
        tree = make_tree(tmp_path / name, name, "1.0", dynamic=code)
        made.sources.metadata(SourceTree(tree, local=True))
    assert len(list((tmp_path / "scratch").glob("build-*"))) == 1


def test_threads_look_for_the_interpreter_once(tmp_path: Path) -> None:
    begun, found = Event(), Event()
    searches = list[int]()

    def interpreter() -> Path:
        searches.append(len(searches))
        begun.set()
        found.wait(10)
        return Path(sys.executable)

    made = _Made(tmp_path, interpreter)
    trees = [make_tree(tmp_path / name, name, "1.0", dynamic="[]") for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        coming = [pool.submit(made.builds.build, tree, (), "", ahead=True) for tree in trees]
        assert begun.wait(10)
        found.set()
        assert [b"Name: one" in coming[0].result()[0], b"Name: two" in coming[1].result()[0]] == [True, True]
    assert searches == [0]


def test_a_build_of_a_commit_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "check_out", lambda *_arguments, **_options: git.CheckedOut("0" * 40, ()))
    for interpreter in (lambda: Path(sys.executable), _no_interpreter):
        made = _Made(tmp_path, interpreter)
        directory = make_tree(tmp_path / "checkout", "built", "1.0", requires=["a"], dynamic="[]")
        made.sources.check_out("git+https://example.org/a.git@main", directory)
        assert b"Requires-Dist: a\n" in made.sources.metadata(SourceTree(directory, local=False, name="built"))
        shutil.rmtree(directory)


@pytest.mark.parametrize("local", [True, False])
def test_a_build_that_lacks_what_the_image_has(tmp_path: Path, local: bool) -> None:  # noqa: FBT001 - a parameter
    tree = make_tree(tmp_path / "needs", "needs", "1.0", dynamic="__import__('numpy_of_the_image')")
    made = _Made(tmp_path, installed={"numpy-of-the-image": "1.0"})
    with pytest.raises((InputError, NoSolutionError)) as caught:
        made.sources.metadata(SourceTree(tree, local=local))
    assert "No module named 'numpy_of_the_image'" in caught.value.what
    assert caught.value.hint == (
        "to build it with the numpy-of-the-image of the image, write `no-build-isolation: [needs]` into cortexlock.yaml"
    )
