"""Wheels of locked sources: unpacked safely, built once per set of inputs, refused if they are another package."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, IntegrityError, StepError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.package import BuildRequirement, FromDirectory, PipPackage
from cortexlock.pip.prefix.distributions import read_prefix
from cortexlock.pip.sources import git
from cortexlock.replay.steps.build import Workshop, build
from cortexlock.replay.supply.checkouts import source_of
from tests.support.environments import make_venv
from tests.support.full_project import repository as make_repository
from tests.support.replay import locked, tree_of
from tests.support.wheels import make_sdist, make_tree, make_wheel


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def shop(tmp_path: Path, said: list[str]) -> Workshop:
    project = tmp_path / "project"
    project.mkdir()
    prefix = read_prefix(make_venv(tmp_path / "prefix"), {})
    return Workshop(prefix, project, tmp_path / "cache", {}, {}, os.environ, said.append)


def _with(shop: Workshop, *files: Path) -> Workshop:
    return replace(shop, files={hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files})


def _content(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


def test_an_sdist_becomes_a_wheel(shop: Workshop, tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path, "demo", "1.0", modules={"demo.py": "x = 1\n"})
    found = build(locked(sdist), [], _with(shop, sdist))
    assert (found.name, found.version) == ("demo", "1.0")
    assert found.sha256 == hashlib.sha256(found.path.read_bytes()).hexdigest()
    assert _content(found.path, "demo.py") == "x = 1\n"
    assert not list((shop.cache / "builds").iterdir())


def test_the_same_inputs_are_built_once(shop: Workshop, tmp_path: Path, said: list[str]) -> None:
    make_tree(tmp_path / "tree", "demo", "1.0")
    backend = tmp_path / "tree" / "backend.py"
    backend.write_text("print('building')\n" + backend.read_text())
    sdist = tmp_path / "demo-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.add(tmp_path / "tree", "demo-1.0")
    shop = _with(shop, sdist)
    first = build(locked(sdist), [], shop)
    assert said == ["building"]
    assert build(locked(sdist), [], shop) == first
    assert said == ["building"]
    first.path.write_bytes(b"tampered")
    build(locked(sdist), [], shop)
    assert said == ["building"] * 2
    assert zipfile.is_zipfile(first.path)


def test_only_its_own_build_requirements_are_there(shop: Workshop, tmp_path: Path) -> None:
    found_names = "' '.join(name for name in ('tool', 'other') if importlib.util.find_spec(name))"
    code = f"import importlib.util\nopen('found.txt', 'w').write({found_names})\n"
    make_tree(shop.project / "pkg", "demo", "1.0", modules={"demo.py": "", "found.txt": ""})
    backend = shop.project / "pkg" / "backend.py"
    backend.write_text(code + backend.read_text())
    tool, other = make_wheel(tmp_path, "tool", "1.0"), make_wheel(tmp_path, "other", "1.0")
    package = PipPackage("demo", "1.0", sha256=tree_hash(shop.project / "pkg"), source=FromDirectory("pkg"))
    requirements = [BuildRequirement(locked(tool), ("demo",)), BuildRequirement(locked(other), ("another",))]
    found = build(package, requirements, _with(shop, tool, other))
    assert _content(found.path, "found.txt") == "tool"
    assert _content(build(package, [], shop).path, "found.txt") == ""


_NEEDS = '[build-system]\nrequires = ["{}"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def test_what_a_build_needs_is_built_in_turn(shop: Workshop, tmp_path: Path) -> None:
    deep = make_sdist(tmp_path, "deep", "2.0", modules={"deep.py": "said = 'from the depth'"})
    tool = make_sdist(
        tmp_path, "tool", "1.0", pyproject=_NEEDS.format("deep"), modules={"tool.py": "", "said.txt": ""},
        dynamic="open('said.txt', 'w').write(__import__('deep').said) and []",
    )  # fmt: skip
    demo = make_sdist(
        tmp_path, "demo", "1.0", pyproject=_NEEDS.format("tool"), modules={"demo.py": "", "found.txt": ""},
        dynamic="open('found.txt', 'w').write(__import__('pkgutil').get_data('tool', 'said.txt').decode()) and []",
    )  # fmt: skip
    requirements = [BuildRequirement(locked(tool), ("demo",)), BuildRequirement(locked(deep), ("tool==1.0",))]
    found = build(locked(demo), requirements, _with(shop, demo, tool, deep))
    assert _content(found.path, "found.txt") == "from the depth"


def test_a_lockfile_whose_builds_need_each_other_is_refused(shop: Workshop, tmp_path: Path) -> None:
    demo, tool = make_sdist(tmp_path, "demo", "1.0"), make_sdist(tmp_path, "tool", "1.0")
    requirements = [BuildRequirement(locked(tool), ("demo", "tool==1.0"))]
    with pytest.raises(StepError, match=r"tool==1\.0 needs tool==1\.0"):
        build(locked(demo), requirements, _with(shop, demo, tool))


def test_a_tree_is_not_written_to(shop: Workshop) -> None:
    make_tree(shop.project / "pkg", "demo", "1.0")
    backend = shop.project / "pkg" / "backend.py"
    backend.write_text("open('litter', 'w')\n" + backend.read_text())
    before = tree_of(shop.project)
    build(PipPackage("demo", "1.0", sha256=tree_hash(shop.project / "pkg"), source=FromDirectory("pkg")), [], shop)
    assert tree_of(shop.project) == before


def test_a_tree_that_changed_under_way_is_refused(shop: Workshop) -> None:
    make_tree(shop.project / "pkg", "demo", "1.0")
    with pytest.raises(DifferenceError, match="`pkg`"):
        build(PipPackage("demo", "1.0", sha256="0" * 64, source=FromDirectory("pkg")), [], shop)


@pytest.mark.parametrize(("name", "version"), [("demo", "2.0"), ("other", "1.0")])
def test_a_build_of_another_package_is_refused(shop: Workshop, tmp_path: Path, name: str, version: str) -> None:
    sdist = make_sdist(tmp_path, "demo", "1.0")
    with pytest.raises(StepError, match=r"gave demo 1\.0") as caught:
        build(replace(locked(sdist), name=name, version=version), [], _with(shop, sdist))
    assert caught.value.where == f"{name} {version}"


def test_another_interpreter_is_another_build(shop: Workshop, tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path, "demo", "1.0")
    shop = _with(shop, sdist)
    build(locked(sdist), [], shop)
    fake = tmp_path / "other" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    fake.write_text(f'#!/bin/sh\ncase "$*" in *libc_ver*) echo other;; *) exec {sys.executable} "$@";; esac\n')
    fake.chmod(0o755)
    build(locked(sdist), [], replace(shop, prefix=replace(shop.prefix, root=tmp_path / "other")))
    assert len(list((shop.cache / "built").iterdir())) == 2


_EVIL = """
import os, zipfile
good = build_wheel
def build_wheel(directory, *arguments, **more):
    name = good(directory, *arguments, **more)
    with zipfile.ZipFile(os.path.join(directory, name), "a") as archive:
        archive.writestr("../../evil.py", "")
    return name
"""


def test_a_build_of_an_unsafe_wheel_is_refused(shop: Workshop) -> None:
    make_tree(shop.project / "pkg", "demo", "1.0")
    backend = shop.project / "pkg" / "backend.py"
    backend.write_text(backend.read_text() + _EVIL)
    package = PipPackage("demo", "1.0", sha256=tree_hash(shop.project / "pkg"), source=FromDirectory("pkg"))
    for _ in range(2):
        with pytest.raises(IntegrityError, match="leads out"):
            build(package, [], shop)


@pytest.mark.parametrize("directory", ["builds", "built"])
def test_a_cache_that_cannot_be_written_is_said(directory: str, shop: Workshop, tmp_path: Path) -> None:
    shop.cache.mkdir()
    (shop.cache / directory).write_text("in the way")
    sdist = make_sdist(tmp_path, "demo", "1.0")
    with pytest.raises(StepError, match=r"the cache cannot be written: (File exists|Not a directory)") as caught:
        build(locked(sdist), [], _with(shop, sdist))
    assert "--cache-dir" in str(caught.value.hint)


def test_a_disk_that_is_full_is_not_the_archives_fault(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    sdist = make_sdist(tmp_path, "demo", "1.0")
    with pytest.raises(StepError, match="the cache cannot be written: No space left on device"):
        build(locked(sdist), [], _with(shop, sdist))


def test_what_a_bundle_calls_built_is_not_taken(shop: Workshop, tmp_path: Path) -> None:
    make_tree(shop.project / "pkg", "demo", "1.0")
    package = PipPackage("demo", "1.0", sha256=tree_hash(shop.project / "pkg"), source=FromDirectory("pkg"))
    honest = build(package, [], shop)
    other = replace(shop, cache=tmp_path / "other")
    assert build(package, [], other).path != honest.path
    other = replace(shop, cache=tmp_path / "third", built=(shop.cache / "built",))
    assert build(package, [], other).path == honest.path


@pytest.mark.parametrize("what", ["sdist", "requirement"])
@pytest.mark.parametrize("gone", [False, True])
def test_what_was_changed_after_it_was_verified_is_refused(
    shop: Workshop, tmp_path: Path, what: str, *, gone: bool
) -> None:
    sdist, tool = make_sdist(tmp_path, "demo", "1.0"), make_wheel(tmp_path, "tool", "1.0")
    package, requirement = locked(sdist), BuildRequirement(locked(tool), ("demo",))
    shop = _with(shop, sdist, tool)
    changed = {"sdist": sdist, "requirement": tool}[what]
    changed.unlink()
    if not gone:
        changed.write_bytes(b"evil")
    with pytest.raises(IntegrityError, match="changed after it was verified") as caught:
        build(package, [requirement], shop)
    assert caught.value.where == changed.name


@pytest.mark.parametrize("editable", [False, True])
def test_a_checkout_that_was_changed_is_refused(shop: Workshop, tmp_path: Path, *, editable: bool) -> None:
    package = make_repository(tmp_path / "repository")
    place = tmp_path / "checkout"
    source = source_of(package)
    git.check_out(git.Repository(source.url, source.commit), place, environment=shop.environment)
    shop = replace(shop, checkouts={"fromgit": place})
    build(package, [], shop)
    (pack,) = (place / ".git" / "objects" / "pack").glob("*.pack")
    pack.unlink()
    with pytest.raises(IntegrityError, match="changed after it was verified"):
        build(replace(package, source=replace(source, editable=editable), version="1.0.0"), [], shop)
    assert not (shop.prefix.root / "src" / "fromgit").exists()


def test_the_paths_that_a_build_sees_are_the_same_each_time(shop: Workshop, tmp_path: Path) -> None:
    """Compilers write them into what they make."""
    seen = "import backend, os, sys\nfrom backend import *\n"
    seen += "backend.MODULES.append('seen.py')\n"
    seen += "open('seen.py', 'w').write(repr([os.getcwd(), sys.prefix, os.environ['TMPDIR'], os.environ['HOME']]))\n"
    system = '[build-system]\nrequires = []\nbuild-backend = "curious"\nbackend-path = ["."]\n'
    sdist = make_sdist(tmp_path, "demo", "1.0", modules={"curious.py": seen}, pyproject=system)
    found = []
    for left in (False, True):
        wheel = build(locked(sdist), [], _with(shop, sdist)).path
        found.append(_content(wheel, "seen.py"))
        shutil.rmtree(wheel.parent)
        if left:
            continue
        key = wheel.parent.name[:12]  # what a process leaves that is killed
        (shop.cache / "builds" / key / "build").mkdir(parents=True)
    assert found[0] == found[1]
    assert str(shop.cache) in found[0]
    assert not list((shop.cache / "builds").iterdir())
