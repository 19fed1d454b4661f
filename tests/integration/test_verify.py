"""`cortexlock verify`: each thing that can be wrong with a prefix is found, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.full_project import SITE, install_arguments, make_full_case, run
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.template import Template
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow


@pytest.fixture
def case(template: Template) -> Case:
    """Return a project that is installed."""
    return template.case(_install)


def _install(case: Case) -> None:
    done = run(*install_arguments(case))
    assert done.returncode == 0, done.stderr


def _verify(case: Case) -> tuple[int, dict[str, Any]]:
    done = run("verify", case.directory, "--prefix", case.prefix, "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_prefix_as_locked(case: Case) -> None:
    before = tree_of(case.prefix)
    code, found = _verify(case)
    assert code == 0
    assert not any(found[key] for key in ("locked", "image", "extra", "conflicts", "notes"))
    assert found["differs"] is False
    done = run("verify", case.directory, "--prefix", case.prefix)
    assert done.stdout == f"{case.prefix}: as locked\n"
    assert tree_of(case.prefix) == before


def _write(path: str, text: str) -> Callable[[Path], object]:
    return lambda prefix: (prefix / path).write_text(text)


def _unlink(path: str) -> Callable[[Path], object]:
    return lambda prefix: (prefix / path).unlink()


_METADATA = "Metadata-Version: 2.1\nName: wheel\nVersion: 1.1\n"


@pytest.mark.parametrize(
    ("damage", "kind", "text"),
    [
        (_write(f"{SITE}/wheel_a.py", "a = 2\n"), "locked", "pip wheel: wheel_a.py differs"),
        (_unlink(f"{SITE}/wheel_b.py"), "locked", "pip wheel: wheel_b.py is missing"),
        (_write(f"{SITE}/wheel-1.0.dist-info/METADATA", _METADATA), "image", ""),
        (_write("lib/libdemo.so", "x"), "locked", "conda libdemo: lib/libdemo.so was changed"),
        (_unlink("share/demo.txt"), "locked", "conda libdemo: share/demo.txt is missing"),
        (_unlink("conda-meta/pydemo-1.0-0.json"), "locked", "conda pydemo 1.0 is not installed"),
    ],
)
def test_damage(case: Case, damage: Callable[[Path], object], kind: str, text: str) -> None:
    damage(case.prefix)
    code, found = _verify(case)
    assert code == 1
    assert found["differs"] is True
    if text:
        assert found[kind] == [text]
    else:  # `wheel` is one of those that install: of which version it is does not matter, but here it was locked
        assert found["locked"] == ["pip wheel: 1.1 is installed, 1.0 is locked"]


def test_what_nobody_locked(case: Case, wheelhouse: Path) -> None:
    case.pre_install(make_wheel(wheelhouse, "extra", "1.0", requires=["wheel>=2", "gone"]))
    code, found = _verify(case)
    assert code == 1
    assert found["extra"] == ["pip extra 1.0"]
    assert found["conflicts"] == [
        "extra 1.0 requires gone, it is not there",
        "extra 1.0 requires wheel>=2, 1.0 is there",
    ]
    text = run("verify", case.directory, "--prefix", case.prefix).stdout
    assert f"{case.prefix}: differs\n  neither in the image nor locked:\n    pip extra 1.0\n" in text


def test_what_was_there_at_the_replay_is_a_note(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    case.pre_install(make_wheel(wheelhouse, "before", "1.0"))
    code, found = _verify(case)
    assert code == 1
    assert found["extra"] == ["pip before 1.0"]
    assert found["notes"] == ["no replay left a receipt here"]
    assert run(*install_arguments(case)).returncode == 0
    code, found = _verify(case)
    assert code == 0
    assert found["notes"] == ["there beside image and lockfile: pip before 1.0"]


def test_a_file_of_the_image_that_was_altered(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    from cortexlock.model.lockfile import PreInstalled  # noqa: PLC0415 - of this test only
    from tests.support.full_project import write_lockfile  # noqa: PLC0415 - of this test only

    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    case.pre_install(make_wheel(wheelhouse, "kept", "1.0"))
    case.pre_installed += [PreInstalled("pip", "kept", "1.0"), PreInstalled("pip", "gone", "1.0")]
    write_lockfile(case)
    (case.prefix / SITE / "kept.py").write_text("altered")
    code, found = _verify(case)
    assert code == 1
    assert found["image"] == ["pip gone: not there, the image has 1.0", "pip kept: kept.py differs"]


@pytest.mark.interpreter
def test_another_python_is_not_run(tmp_path: Path, wheelhouse: Path, index_server: IndexServer, python36: Path) -> None:
    from tests.support.full_project import write_lockfile  # noqa: PLC0415 - of this test only

    case = make_case(tmp_path, index_url=index_server.simple_url, python=python36, version="3.6.9")
    case.add(make_wheel(wheelhouse, "demo", "1.0"))
    write_lockfile(case)
    assert run(*install_arguments(case)).returncode == 0
    python = case.prefix / "bin" / "python"
    python.unlink()
    python.write_text(f"#!/bin/sh\necho run > {tmp_path}/run\nexit 1\n")
    python.chmod(0o755)
    code, found = _verify(case)
    assert (code, found["locked"], found["image"], found["conflicts"]) == (0, [], [], [])
    assert not (tmp_path / "run").exists()
