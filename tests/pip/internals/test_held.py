"""What is frozen, and the image's own constraints: they hold, and who asks for something else is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cortexlock.errors import InputError, NoSolutionError
from cortexlock.model.predictor import Distribution
from cortexlock.pip.resolution.values import Held
from tests.support.resolution import package, resolve, versions
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.index_server import IndexServer

IMAGE = (Distribution("numpy", "1.18.2"), Distribution("torch", "1.4.0+cu92", ("numpy",), on_index=False))
FROZEN = (Held("numpy", "numpy==1.18.2", frozen=True), Held("torch", "torch==1.4.0+cu92", frozen=True))


@pytest.fixture(autouse=True)
def _wheels(wheelhouse: Path) -> None:
    for name, version, requires in [
        ("frame", "1.0", ["numpy>=1.17"]),
        ("frame", "2.0", ["numpy>=1.20"]),
        ("app", "1.0", ["frame>=2; python_version > '3'", "missing; extra == 'x'"]),
        ("numpy", "1.18.2", []),
        ("numpy", "1.21.0", []),
        ("torch", "1.5.0", ["numpy"]),
        ("six", "1.15.0", []),
        ("six", "1.16.0", []),
    ]:
        make_wheel(wheelhouse, name, version, requires=requires)


def _solve(tmp_path: Path, server: IndexServer, text: str, *held: Held) -> dict[str, str]:
    return versions(resolve(tmp_path / "project", text, index_url=server.simple_url, installed=IMAGE, held=held))


def test_what_is_frozen_decides_what_is_chosen(tmp_path: Path, index_server: IndexServer) -> None:
    assert _solve(tmp_path, index_server, "frame\n") == {"frame": "2.0", "numpy": "1.21.0"}
    assert _solve(tmp_path, index_server, "frame\n", *FROZEN) == {"frame": "1.0"}


def test_what_is_not_on_the_index_is_kept(tmp_path: Path, index_server: IndexServer) -> None:
    solution = resolve(tmp_path / "project", "torch\n", index_url=index_server.simple_url, installed=IMAGE, held=FROZEN)
    assert (package(solution, "torch").action, package(solution, "torch").version) == ("keep", "1.4.0+cu92")


def test_the_path_of_what_asks_for_a_change(tmp_path: Path, index_server: IndexServer) -> None:
    with pytest.raises(NoSolutionError) as caught:
        _solve(tmp_path, index_server, "six\napp\n", *FROZEN)
    assert caught.value.what == (
        "what is frozen would change:\n"
        "  numpy 1.18.2 -> 1.21.0: requirements.txt:2 asks for app, app 1.0 requires frame>=2, "
        "frame 2.0 requires numpy>=1.20"
    )
    assert caught.value.where == "requirements.txt:2"
    with pytest.raises(NoSolutionError, match=r"torch 1\.4\.0\+cu92 -> 1\.5\.0: requirements\.txt:1 asks for torch=="):
        _solve(tmp_path, index_server, "torch==1.5.0\n", *FROZEN)


def test_constraints_of_the_image(tmp_path: Path, index_server: IndexServer) -> None:
    constraint = Held("six", "six<1.16; python_version < '4'", frozen=False)
    other = Held("numpy", "numpy==1; python_version > '4'", frozen=False)
    assert _solve(tmp_path, index_server, "six\n", constraint, other) == {"six": "1.15.0"}
    assert _solve(tmp_path, index_server, "frame\n", constraint, other) == {"frame": "2.0", "numpy": "1.21.0"}
    with pytest.raises(NoSolutionError) as caught:
        _solve(tmp_path, index_server, "six>=1.16\n", constraint, other)
    assert "  six 1.16.0 (the image has the constraint six<1.16" in caught.value.what
    assert "constraints" in (caught.value.hint or "")
    with pytest.raises(NoSolutionError, match=r"numpy 1\.18\.2 -> 1\.21\.0 \(the image has the constraint numpy<"):
        _solve(tmp_path, index_server, "frame>=2\n", Held("numpy", "numpy<1.20", frozen=False))


def test_an_image_that_breaks_its_own_constraint(tmp_path: Path, index_server: IndexServer) -> None:
    constraint = Held("numpy", "numpy>=1.20", frozen=False)
    with pytest.raises(NoSolutionError) as caught:
        _solve(tmp_path, index_server, "numpy\n", *FROZEN, constraint)
    assert caught.value.what == "numpy 1.18.2 is frozen, and the image has the constraint numpy>=1.20"


def test_what_has_no_solution_anyway(tmp_path: Path, index_server: IndexServer) -> None:
    with pytest.raises(NoSolutionError, match=r"no version satisfies six>=2"):
        _solve(tmp_path, index_server, "six>=2\n", *FROZEN)
    with pytest.raises(InputError, match="`a b` is no requirement"):
        _solve(tmp_path, index_server, "six\n", Held("a", "a b", frozen=False))
