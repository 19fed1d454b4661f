"""Commits are checked out into the cache, verified by their trees, and built from copies."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.replay_words import words
from cortexlock.errors import IntegrityError, NetworkError, StepError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.package import FromGit, FromIndex, PipPackage
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.supply.checkouts import check_out, keep, source_of
from tests.support.image import installed
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_tree


def _git(directory: Path, *arguments: str) -> str:
    people = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", **people}
    command = ["/usr/bin/env", "git", *arguments]
    return subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = make_tree(tmp_path / "repository", "demo", "1.0", modules={"demo.py": "__version__ = '1.0'\n"})
    _git(directory, "init", "-q", "-b", "main")
    _git(directory, "add", "-f", ".")
    _git(directory, "commit", "-qm", "one")
    return directory


@pytest.fixture
def package(repository: Path) -> PipPackage:
    commit = _git(repository, "rev-parse", "HEAD")
    sha256 = tree_hash(repository, checkout=True)
    return PipPackage("demo", "1.0", sha256=sha256, source=FromGit(repository.as_uri(), commit))


@pytest.fixture
def case(tmp_path: Path, package: PipPackage) -> Case:
    case = make_case(tmp_path)
    case.packages.append(package)
    return case


def _check_out(package: PipPackage, cache: Path, requirements: str = "") -> tuple[Path, list[str]]:
    events: list[ReplayEvent] = []
    environment = {"PATH": os.environ["PATH"], "HOME": str(cache)}
    found = check_out([package], cache, requirements=requirements, environment=environment, on_event=events.append)
    return found["demo"], [words(event.fact) for event in events]


def test_a_commit_is_checked_out_once(package: PipPackage, repository: Path, tmp_path: Path) -> None:
    place, said = _check_out(package, tmp_path / "cache")
    assert said == ["checking out demo 1.0"]
    assert (place / "demo.py").read_text() == (repository / "demo.py").read_text()
    (repository / "demo.py").write_text("moved on")
    _git(repository, "commit", "-qam", "two")
    assert _check_out(package, tmp_path / "cache") == (place, [])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_checkout_of_another_owner_is_no_damage(case: Case, package: PipPackage, repository: Path) -> None:
    """Who fetches and who installs are two users: git's own guard against that does not stand in the way."""
    _check_out(package, case.cache)
    shutil.rmtree(repository)
    for path in (case.cache, *case.cache.rglob("*")):
        os.chown(path, 1000, 1000, follow_symlinks=False)
    case.install()
    assert installed(case.prefix) == {"demo": "1.0"}


def test_a_tampered_checkout_is_fetched_again(package: PipPackage, tmp_path: Path) -> None:
    place, _ = _check_out(package, tmp_path / "cache")
    (place / "demo.py").write_text("evil")
    assert _check_out(package, tmp_path / "cache") == (place, [])  # of what is kept, the objects count
    (pack,) = (place / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-30])
    again, said = _check_out(package, tmp_path / "cache")
    assert said
    assert (again / "demo.py").read_text() == "__version__ = '1.0'\n"


def test_one_that_another_process_has_just_put_there_is_used(package: PipPackage, tmp_path: Path) -> None:
    place, _ = _check_out(package, tmp_path / "cache")

    def fill(directory: Path) -> None:
        raise AssertionError(directory)

    keep(package, place, {"PATH": os.environ["PATH"]}, fill)
    assert (place / "demo.py").is_file()


def test_another_tree_is_an_integrity_error(package: PipPackage, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError) as caught:
        _check_out(replace(package, sha256="0" * 64), tmp_path / "cache")
    assert caught.value.where == "demo 1.0"
    assert not list((tmp_path / "cache" / "git").iterdir())


def test_a_repository_that_is_gone_is_a_network_error_without_its_token(package: PipPackage, tmp_path: Path) -> None:
    gone = replace(package, source=replace(source_of(package), url="http://127.0.0.1:9/demo.git"))
    requirements = "other\ngit+http://user:s3cr3t@127.0.0.1:9/demo.git@main#egg=demo\n"
    with pytest.raises(NetworkError) as caught:
        _check_out(gone, tmp_path / "cache", requirements)
    assert "s3cr3t" not in str(caught.value)


def test_what_is_not_from_git_is_passed_over(tmp_path: Path) -> None:
    package = PipPackage("demo", "1.0", file="demo-1.0.tar.gz", sha256="0" * 64, source=FromIndex("default"))
    assert check_out([package], tmp_path, requirements="", environment={}, on_event=print) == {}


def test_a_commit_is_built_and_installed(case: Case) -> None:
    case.install()
    assert installed(case.prefix) == {"demo": "1.0"}
    case.install()
    assert case.said("nothing to do")


def test_a_project_in_a_subdirectory_is_built(case: Case, repository: Path) -> None:
    make_tree(repository / "deep" / "inner", "inner", "2.0")
    _git(repository, "add", "-f", ".")
    _git(repository, "commit", "-qm", "inner")
    commit, sha256 = _git(repository, "rev-parse", "HEAD"), tree_hash(repository, checkout=True)
    inner = PipPackage(
        "inner", "2.0", sha256=sha256, source=FromGit(repository.as_uri(), commit, subdirectory="deep/inner")
    )
    case.packages = [inner]
    case.install()
    assert installed(case.prefix) == {"inner": "2.0"}


def test_an_editable_checkout_lies_in_the_prefix(case: Case, package: PipPackage) -> None:
    case.packages = [replace(package, source=replace(source_of(package), editable=True))]
    case.install()
    assert case.run("import demo; print(demo.__file__)") == str(case.prefix / "src" / "demo" / "demo.py")
    before = tree_of(case.cache)
    (case.prefix / "src" / "demo" / "demo.py").write_text("edited")
    assert tree_of(case.cache) == before


def test_nothing_is_touched_if_a_commit_cannot_be_had(case: Case, package: PipPackage) -> None:
    case.script = "touch touched\n"
    case.packages = [replace(package, source=replace(source_of(package), url="http://127.0.0.1:9/demo.git"))]
    with pytest.raises(NetworkError):
        case.install()
    assert not (case.directory / "touched").exists()


def test_a_cache_that_cannot_be_written_is_said(package: PipPackage, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "git").write_text("in the way")
    with pytest.raises(StepError, match=r"the cache cannot be written: (File exists|Not a directory)"):
        _check_out(package, tmp_path / "cache")


def test_a_build_has_what_is_locked_whatever_was_done_to_the_checkout(case: Case, repository: Path) -> None:
    backend = repository / "backend.py"
    text = "import subprocess\nprint('described', subprocess.check_output(['git', 'describe', '--tags', '--long']))\n"
    backend.write_text(text + backend.read_text())
    _git(repository, "add", "-f", ".")
    _git(repository, "commit", "-qm", "asks git")
    commit, sha256 = _git(repository, "rev-parse", "HEAD"), tree_hash(repository, checkout=True)
    source = FromGit(repository.as_uri(), commit, tags=(f"v1.0={commit}",))
    case.packages = [PipPackage("demo", "1.0", sha256=sha256, source=source)]
    _git(repository, "tag", "v9")
    place, _ = _check_out(case.packages[0], case.cache)
    _git(place, "tag", "v99")
    (place / "demo.py").write_text("evil")
    (place / ".git" / "config").write_text("[core]\n\tfsmonitor = touch MARK\n")
    case.install()
    assert case.said(f"v1.0-0-g{commit[:7]}")
    assert case.run("import demo; print(demo.__version__)") == "1.0"
