"""Extras of what the image has, which its file does not tell of: the index does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cortexlock.model.predictor import Distribution
from tests.support.resolution import resolve, versions
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.index_server import IndexServer

LIB = Distribution("lib", "1.0", ("six",))
IMAGE = (LIB, Distribution("six", "1.15.0"))


@pytest.fixture(autouse=True)
def _wheels(wheelhouse: Path) -> None:
    for name, version, requires in [
        ("app", "1.0", ["lib[fast]"]),
        ("numpy", "1.18.2", []),
        ("six", "1.15.0", []),
    ]:
        make_wheel(wheelhouse, name, version, requires=requires)
    make_wheel(wheelhouse, "lib", "1.0", requires=["six"], extras={"fast": ["numpy>=1"], "slow": ["old"]})
    make_wheel(wheelhouse, "lib", "2.0", requires=["six"])


def test_what_an_extra_asks_for_comes_from_the_index(tmp_path: Path, index_server: IndexServer) -> None:
    for number, text in enumerate(("lib[fast]\n", "app\n")):
        solution = resolve(tmp_path / str(number), text, index_url=index_server.simple_url, installed=IMAGE)
        assert versions(solution) == {"numpy": "1.18.2", **({"app": "1.0"} if text == "app\n" else {})}
        assert solution.findings.unknown_extras == ()
        (lib,) = (one for one in solution.installed if one.name == "lib")
        assert (lib.version, lib.extras) == ("1.0", ("fast",))


def test_what_nobody_knows_stays_unknown(tmp_path: Path, index_server: IndexServer) -> None:
    own = (replace(LIB, on_index=False), IMAGE[1])
    gone = (replace(LIB, version="1.5"), IMAGE[1])
    for number, (text, image) in enumerate([("lib[other]\n", IMAGE), ("lib[fast]\n", own), ("lib[fast]\n", gone)]):
        solution = resolve(tmp_path / str(number), text, index_url=index_server.simple_url, installed=image)
        assert versions(solution) == {}
        assert len(solution.findings.unknown_extras) == 1
