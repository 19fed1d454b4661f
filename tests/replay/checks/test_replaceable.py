"""What cannot be removed is known before anything is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.pip.prefix.distributions import read_prefix
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from cortexlock.replay.prefix.receipt import Receipt, write_receipt
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    """Return a project that changes a pre-installed distribution, and has a script."""
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.pre_install(make_wheel(wheelhouse, "demo", "1.0"))
    case.pre_installed.append(PreInstalled("pip", "demo", "1.0"))
    case.script = "touch touched\n"
    case.add(make_wheel(wheelhouse, "demo", "2.0"), instead_of="1.0")
    return case


def _site(case: Case) -> Path:
    return read_prefix(case.prefix, {}).site


def _without_record(case: Case) -> None:
    (_site(case) / "demo-1.0.dist-info" / "RECORD").unlink()


def _of_distutils(case: Case) -> None:
    metadata = (_site(case) / "demo-1.0.dist-info" / "METADATA").read_text()
    for path in (_site(case) / "demo-1.0.dist-info").iterdir():
        path.unlink()
    (_site(case) / "demo-1.0.dist-info").rmdir()
    (_site(case) / "demo-1.0.egg-info").write_text(metadata)


@pytest.mark.parametrize(
    ("change", "name"), [(_without_record, "demo-1.0.dist-info"), (_of_distutils, "demo-1.0.egg-info")]
)
def test_it_is_refused_with_nothing_touched(case: Case, change: Callable[[Case], None], name: str) -> None:
    change(case)
    before = tree_of(case.prefix)
    with pytest.raises(DifferenceError, match=f"cannot be removed:\n  demo 1.0 \\({name}\\)") as caught:
        case.install()
    assert caught.value.hint is not None
    assert {name: text for name, text in tree_of(case.prefix).items() if name != LOCK_NAME} == before
    assert not (case.directory / "touched").exists()


def test_what_a_killed_replay_left_is_no_obstacle(case: Case) -> None:
    _without_record(case)
    write_receipt(
        Receipt(state="started", content_hash="sha256:other", image="image", platform="cpu", python="3.6.9"),
        case.prefix,
    )
    case.install(allow_drift=True)
    assert installed(case.prefix) == {"demo": "2.0"}


def test_what_is_not_replaced_is_no_obstacle(case: Case, wheelhouse: Path) -> None:
    _of_distutils(case)
    case.packages.clear()
    case.add(make_wheel(wheelhouse, "other", "1.0"))
    case.install()
    assert installed(case.prefix) == {"other": "1.0"}
    assert (_site(case) / "demo-1.0.egg-info").is_file()
