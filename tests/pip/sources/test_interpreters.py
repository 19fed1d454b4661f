"""An interpreter of the target's version on this machine; scripts stand for interpreters."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from cortexlock.errors import UsageError
from cortexlock.pip.sources.interpreters import find, find_or_make


def _fake(path: Path, answer: str = "cpython 3.6", code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {shlex.quote(answer)}\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _find(environment: dict[str, str], chosen: Path | None = None) -> Path:
    return find("3.6", chosen=chosen, environment={"HOME": "/nowhere", **environment})


def test_chosen_one_is_taken(tmp_path: Path) -> None:
    chosen = _fake(tmp_path / "mine")
    assert _find({}, chosen) == chosen


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("cpython 3.7", 0, "it is Python 3.7; the image has Python 3.6"),
        ("cpython 3.6", 1, "it does not run, or is no CPython"),
        ("pypy 3.6", 0, "it does not run, or is no CPython"),
        ("", 0, "it does not run, or is no CPython"),
    ],
)
def test_chosen_one_must_be_right(tmp_path: Path, answer: str, code: int, said: str) -> None:
    right = _fake(tmp_path / "bin" / "python3.6")
    wrong = _fake(tmp_path / "mine", answer, code)
    with pytest.raises(UsageError) as caught:
        _find({"PATH": str(right.parent)}, wrong)
    assert said in caught.value.what
    assert caught.value.where == str(wrong)


def test_chosen_one_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not run"):
        _find({}, tmp_path / "nothing")


def test_chosen_one_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello\n", encoding="utf-8")
    with pytest.raises(UsageError, match="does not run"):
        _find({}, tmp_path / "text")


def test_search_path_goes_first_and_what_does_not_run_is_passed_over(tmp_path: Path) -> None:
    _fake(tmp_path / "shims" / "python3.6", "", 127)  # as pyenv's shims do without a version set
    _fake(tmp_path / "pypy" / "python3.6", "pypy 3.6")
    (tmp_path / "directory" / "python3.6").mkdir(parents=True)
    right = _fake(tmp_path / "bin" / "python3.6")
    _fake(tmp_path / "later" / "python3.6")
    names = ("missing", "directory", "shims", "pypy", "bin", "later")
    path = ":".join(["", *(str(tmp_path / name) for name in names)])
    assert _find({"PATH": path, "PYENV_ROOT": str(tmp_path)}) == right


def test_a_script_on_the_search_path_comes_last(tmp_path: Path) -> None:
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    shim = _fake(tmp_path / "shims" / f"python{minor}", f"cpython {minor}")
    environment = {"HOME": str(tmp_path), "PATH": str(shim.parent)}
    assert find(minor, chosen=None, environment=environment) == shim
    itself = tmp_path / ".pyenv" / "versions" / f"{minor}.1" / "bin" / shim.name
    itself.parent.mkdir(parents=True)
    itself.symlink_to(sys.executable)
    assert find(minor, chosen=None, environment=environment) == itself


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        (".pyenv/versions/3.6.15/bin", None),
        ("pyenv/versions/3.6.15/bin", "PYENV_ROOT=pyenv"),
        (".local/share/uv/python/cpython-3.6.15-linux/bin", None),
        ("uv/cpython-3.6.15-linux/bin", "UV_PYTHON_INSTALL_DIR=uv"),
        (".conda/envs/old/bin", None),
        ("miniconda3/envs/old/bin", None),
        ("miniforge3/envs/old/bin", None),
        ("somewhere/conda/bin", "CONDA_PREFIX=somewhere/conda"),
    ],
)
def test_places_where_interpreters_are_kept(tmp_path: Path, place: str, variable: str | None) -> None:
    right = _fake(tmp_path / place / "python3.6")
    environment = {"HOME": str(tmp_path)}
    if variable:
        name, _, value = variable.partition("=")
        environment[name] = str(tmp_path / value)
    assert _find(environment) == right


def test_newest_patch_release_of_several(tmp_path: Path) -> None:
    for version in ("3.6.9", "3.6.15", "3.6.8"):
        _fake(tmp_path / ".pyenv" / "versions" / version / "bin" / "python3.6")
    _fake(tmp_path / ".pyenv" / "versions" / "3.61.0" / "bin" / "python3.61", "cpython 3.61")
    assert _find({"HOME": str(tmp_path)}).parts[-3] == "3.6.15"


def test_without_any_the_user_learns_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no Python 3\.6 on this machine") as caught:
        _find({"HOME": str(tmp_path)})
    assert "--python" in (caught.value.hint or "")
    assert caught.value.exit_code == 2


def _refuse() -> NoReturn:
    raise UsageError("there is none from ./channel either (it is gone)")


def test_one_is_made_only_where_there_is_none(tmp_path: Path) -> None:
    made = _fake(tmp_path / "made")
    there = _fake(tmp_path / "bin" / "python3.6")
    without, with_one = {"HOME": str(tmp_path)}, {"HOME": str(tmp_path), "PATH": str(there.parent)}
    assert find_or_make("3.6", chosen=None, environment=without, make=lambda: made) == made
    assert find_or_make("3.6", chosen=None, environment=with_one, make=_refuse) == there
    with pytest.raises(UsageError, match=r"does not run"):
        find_or_make("3.6", chosen=tmp_path / "nothing", environment=without, make=lambda: made)


def test_one_that_was_made_must_be_right(tmp_path: Path) -> None:
    made = _fake(tmp_path / "made", "cpython 3.7")
    with pytest.raises(UsageError, match=r"it is Python 3\.7"):
        find_or_make("3.6", chosen=None, environment={"HOME": str(tmp_path)}, make=lambda: made)


@pytest.mark.parametrize("make", [None, lambda: None, _refuse])
def test_why_none_was_made(tmp_path: Path, make: Callable[[], Path | None] | None) -> None:
    with pytest.raises(UsageError, match=r"no Python 3\.6 on this machine") as caught:
        find_or_make("3.6", chosen=None, environment={"HOME": str(tmp_path)}, make=make)
    assert ("none from ./channel either" in caught.value.what) == (make is _refuse)
    assert "--python" in (caught.value.hint or "")


def test_interpreter_sees_nothing_of_the_users_variables(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text('#!/bin/sh\necho cpython "3.6$PYTHONPATH$SECRET"\n', encoding="utf-8")
    path.chmod(0o755)
    assert _find({"PYTHONPATH": "x", "SECRET": "y", "PATH": "/bin:/usr/bin"}, path) == path


@pytest.mark.interpreter
def test_real_python36(python36: Path) -> None:
    assert _find({}, python36) == python36
