"""Repositories that are made of objects: nothing else of what was fetched or bundled counts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError
from cortexlock.pip.sources import git
from cortexlock.pip.sources.git import Repository
from cortexlock.pip.sources.git_repository import make, stored_packs
from tests.pip.sources.test_git import run

ENVIRONMENT = {"PATH": os.environ["PATH"]}


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, git.CheckedOut]:
    """A checkout of two commits, the first one tagged."""
    work = tmp_path / "work"
    work.mkdir()
    run(work, "init", "-q", "-b", "main")
    (work / "setup.py").write_text("# one")
    run(work, "add", ".")
    run(work, "commit", "-qm", "one")
    run(work, "tag", "v1")
    (work / "setup.py").write_text("# two")
    run(work, "commit", "-qam", "two")
    environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
    return tmp_path / "kept", git.check_out(Repository(work.as_uri()), tmp_path / "kept", environment=environment)


def _promisor(checkout: Path, mark: Path) -> None:
    with (checkout / ".git" / "config").open("a") as file:
        file.write(f'[remote "o"]\n\turl = {checkout.as_uri()}\n\tpromisor = true\n\tuploadpack = "touch {mark}; x"\n')
        file.write("[extensions]\n\tpartialClone = o\n")


def _monitor(checkout: Path, mark: Path) -> None:
    with (checkout / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\tfsmonitor = touch {mark}\n\tsshCommand = touch {mark}\n")


def _hook(checkout: Path, mark: Path) -> None:
    hook = checkout / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)


def _filter(checkout: Path, mark: Path) -> None:
    (checkout / ".git" / "info").mkdir(exist_ok=True)
    (checkout / ".git" / "info" / "attributes").write_text("* filter=x\n")
    with (checkout / ".git" / "config").open("a") as file:
        file.write(f'[filter "x"]\n\tsmudge = touch {mark}\n\tclean = touch {mark}\n')


def _tag(checkout: Path, _mark: Path) -> None:
    run(checkout, "tag", "v99")


def _move(checkout: Path, _mark: Path) -> None:
    run(checkout, "tag", "-f", "v1", "HEAD")


def _graft(checkout: Path, _mark: Path) -> None:
    (checkout / ".git" / "shallow").write_text(run(checkout, "rev-parse", "HEAD") + "\n")


def _file(checkout: Path, _mark: Path) -> None:
    (checkout / "setup.py").write_text("# evil")


@pytest.mark.parametrize("tamper", [_promisor, _monitor, _hook, _filter, _tag, _move, _graft, _file])
def test_nothing_but_objects_counts(
    kept: tuple[Path, git.CheckedOut], tamper: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    place, found = kept
    mark = tmp_path / "MARK"
    tamper(place, mark)
    mark.unlink(missing_ok=True)
    fresh = tmp_path / "fresh"
    make(stored_packs(place), fresh, found.commit, found.tags, ENVIRONMENT)
    assert (fresh / "setup.py").read_text() == "# two"
    assert run(fresh, "describe", "--tags", "--long") == f"v1-1-g{found.commit[:7]}"
    assert run(fresh, "tag") == "v1"
    assert not mark.exists()
    assert not (fresh / ".git" / "hooks").exists()


def _git_file(place: Path) -> None:
    (place / ".git").rename(place.parent / "elsewhere")
    (place / ".git").write_text("gitdir: ../elsewhere\n")


def _git_link(place: Path) -> None:
    (place / ".git").rename(place.parent / "elsewhere")
    (place / ".git").symlink_to("../elsewhere")


def _no_objects(place: Path) -> None:
    for path in (place / ".git" / "objects" / "pack").iterdir():
        path.unlink()


def _damaged(place: Path) -> None:
    (path,) = (place / ".git" / "objects" / "pack").glob("*.pack")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


@pytest.mark.parametrize("tamper", [_git_file, _git_link, _no_objects, _damaged])
def test_objects_that_are_not_there_or_damaged(
    kept: tuple[Path, git.CheckedOut], tamper: Callable[[Path], None], tmp_path: Path
) -> None:
    place, found = kept
    tamper(place)
    with pytest.raises(IntegrityError):
        make(stored_packs(place), tmp_path / "fresh", found.commit, found.tags, ENVIRONMENT)


@pytest.mark.parametrize("tag", ["v1=" + "0" * 40, "-d=" + "1" * 40, "a..b={}", "v1", "../x={}"])
def test_a_tag_that_is_none(kept: tuple[Path, git.CheckedOut], tag: str, tmp_path: Path) -> None:
    place, found = kept
    with pytest.raises(IntegrityError, match="tag"):
        make(stored_packs(place), tmp_path / "fresh", found.commit, [tag.format(found.commit)], ENVIRONMENT)


@pytest.mark.parametrize("start", [b"", b"PACK\0\0\0\2\0\0\0\1"])
def test_a_huge_file_that_is_no_pack_is_not_copied(
    kept: tuple[Path, git.CheckedOut], start: bytes, tmp_path: Path
) -> None:
    place, found = kept
    (path,) = stored_packs(place)
    path.chmod(0o644)
    with path.open("wb") as file:
        file.write(start)
        file.truncate(1 << 40)
    fresh = tmp_path / "fresh"
    with pytest.raises(IntegrityError):
        make(stored_packs(place), fresh, found.commit, found.tags, ENVIRONMENT)
    assert not list(fresh.rglob("*.pack"))
