"""Build environments of one resolution: shared, and made ahead where it is certain that they will be needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cortexlock.pip.sources import shared_environments
from cortexlock.pip.sources.builds_ahead import BuildsAhead
from cortexlock.pip.sources.errands import Errands
from cortexlock.pip.sources.hook_servers import HookServers
from cortexlock.pip.sources.shared_environments import SharedEnvironments, asks_for_wheel


@pytest.mark.parametrize(
    ("files", "asks"),
    [
        (["setuptools-47.1.1-py3-none-any.whl"], True),
        (["a-1.0-py3-none-any.whl", "setuptools-70.0.0-py3-none-any.whl"], True),
        (["setuptools-70.1.0-py3-none-any.whl"], False),
        (["setuptools-47.1.1-py3-none-any.whl", "wheel-0.34.2-py2.py3-none-any.whl"], False),
        (["wheel-0.34.2-py2.py3-none-any.whl"], False),
        (["odd.whl"], False),
        ([], False),
    ],
)
def test_a_setuptools_that_cannot_make_wheels_asks_for_wheel(files: list[str], asks: bool) -> None:  # noqa: FBT001 - a parameter
    assert asks_for_wheel([Path("somewhere", file) for file in files]) == asks


class _Environment:
    """In place of a build environment, which takes programs to make."""

    made: list[tuple[str, ...]]
    loaded: Event

    def __init__(self, _python: Path, directory: Path, _environment: object, *, name: str, hooks: object) -> None:
        del hooks
        self.wheels: tuple[str, ...] = ()
        self._root = directory / name

    def __enter__(self) -> None:
        self._root.mkdir()

    def adopt(self) -> None:
        assert self._root.is_dir()

    def install(self, wheels: Sequence[Path]) -> None:
        self.wheels = tuple(path.name.partition("-")[0] for path in wheels)
        self.made.append(self.wheels)

    def load(self, backend: str) -> None:
        assert backend == "setuptools.build_meta"
        self.loaded.set()

    def another(self) -> _Environment:
        return self


def _wheels(texts: Sequence[str]) -> list[Path]:
    found = [Path(f"{text.split()[0]}-47.1.1-py3-none-any.whl") for text in texts]
    for each in found:
        each.write_text(each.name)
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """What environments were made with."""
    monkeypatch.chdir(tmp_path)
    _Environment.made, _Environment.loaded = [], Event()
    monkeypatch.setattr(shared_environments, "BuildEnvironment", _Environment)
    return _Environment.made


def _get(environments: SharedEnvironments, *texts: str, by_default: bool = False) -> Any:  # noqa: ANN401 - a stand-in
    return environments.get(Path("python3.6"), texts, by_default=by_default)


def test_what_setuptools_will_ask_for_is_made_beside(made: list[tuple[str, ...]], tmp_path: Path) -> None:
    with BuildsAhead(Errands()) as ahead:
        environments = SharedEnvironments(_wheels, tmp_path, {}, hooks=None, ahead=ahead)
        _get(environments, "setuptools", by_default=True)
        assert _Environment.loaded.wait(10)
        assert sorted(made) == [("setuptools",), ("setuptools", "wheel")]
        assert _get(environments, "setuptools", "wheel").wheels == ("setuptools", "wheel")
        _get(environments, "setuptools", by_default=True)
    assert len(made) == len(set(made))


def test_nothing_is_made_for_a_tree_that_says_what_it_needs(made: list[tuple[str, ...]], tmp_path: Path) -> None:
    with BuildsAhead(Errands()) as ahead:
        _get(SharedEnvironments(_wheels, tmp_path, {}, hooks=None, ahead=ahead), "setuptools")
    assert made == [("setuptools",)]
    _get(SharedEnvironments(_wheels, tmp_path, {}, hooks=None, ahead=None), "wheel", by_default=True)
    assert made == [("setuptools",), ("wheel",)]


def test_what_one_process_of_a_command_has_made_the_others_take(made: list[tuple[str, ...]], tmp_path: Path) -> None:
    with HookServers(tmp_path) as one, HookServers(tmp_path) as another:
        for hooks in (one, another, one):
            _get(SharedEnvironments(_wheels, tmp_path / "none", {}, hooks=hooks, ahead=None), "setuptools", "wheel")
    assert made == [("setuptools", "wheel")]
    with HookServers() as elsewhere:
        _get(SharedEnvironments(_wheels, tmp_path / "none", {}, hooks=elsewhere, ahead=None), "setuptools", "wheel")
    assert len(made) == 2


def test_what_a_process_that_was_killed_has_left_is_made_anew(made: list[tuple[str, ...]], tmp_path: Path) -> None:
    _get(SharedEnvironments(_wheels, tmp_path, {}, hooks=None, ahead=None), "setuptools")
    (whole,) = tmp_path.glob("build-*/whole")
    whole.unlink()
    (whole.parent / "half").touch()
    _get(SharedEnvironments(_wheels, tmp_path, {}, hooks=None, ahead=None), "setuptools")
    assert len(made) == 2
    assert [path.name for path in whole.parent.iterdir()] == ["whole"]


def test_what_fails_beside_is_the_builds_to_say(made: list[tuple[str, ...]], tmp_path: Path) -> None:
    def wheels(texts: Sequence[str]) -> list[Path]:
        if "wheel" in texts:
            raise OSError("gone")
        return _wheels(texts)

    with BuildsAhead(Errands()) as ahead:
        environments = SharedEnvironments(wheels, tmp_path, {}, hooks=None, ahead=ahead)
        _get(environments, "setuptools", by_default=True)
        with pytest.raises(OSError, match="gone"):
            _get(environments, "setuptools", "wheel")
    assert made == [("setuptools",)]
