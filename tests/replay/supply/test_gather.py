"""What a plan needs is gathered, or named where it cannot be had."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError, NetworkError
from cortexlock.model.package import BuildRequirement
from cortexlock.replay.plan import everything
from cortexlock.replay.supply.cache import Cache
from cortexlock.replay.supply.gather import Gathered, gather
from tests.support.index_server import IndexServer
from tests.support.replay import Case, locked, make_case
from tests.support.wheels import make_sdist, make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.add(make_wheel(wheelhouse, "demo", "1.0"))
    return case


def _gather(case: Case, *, offline: bool = False, also: tuple[Path, ...] = ()) -> Gathered:
    options = replace(case.options(), offline=offline)
    cache = Cache(case.cache, also)
    lockfile = case.lockfile
    return gather(case.project, lockfile, everything(lockfile), options, cache, on_event=case.events.append, backoff=0)


def test_offline_takes_what_is_there(case: Case, tmp_path: Path, index_server: IndexServer) -> None:
    found = _gather(case)
    asked = len(index_server.requests)
    assert _gather(case, offline=True).files == found.files
    first, case.cache = case.cache, tmp_path / "other"
    assert _gather(case, offline=True, also=(first,)).files == found.files
    assert len(index_server.requests) == asked
    assert [artifact.name for artifact in found.artifacts] == ["demo"]


def test_offline_says_what_is_missing_or_wrong(case: Case) -> None:
    with pytest.raises(NetworkError, match="not on this machine") as missing:
        _gather(case, offline=True)
    assert missing.value.where == "demo 1.0 (demo-1.0-py3-none-any.whl)"
    assert "fetch --output" in str(missing.value.hint)
    next(iter(_gather(case).files.values())).write_bytes(b"evil")
    with pytest.raises(IntegrityError, match="not as locked"):
        _gather(case, offline=True)


def test_a_variable_with_a_token_need_not_be_set_offline(case: Case) -> None:
    _gather(case)
    (case.directory / "requirements.txt").write_text("--index-url https://${TOKEN}@example.org/simple\ndemo\n")
    case.index_url = None
    assert _gather(case, offline=True).files


@pytest.mark.parametrize("build", [False, True])
def test_a_wheel_that_would_write_outside_is_refused(case: Case, wheelhouse: Path, *, build: bool) -> None:
    path = make_wheel(wheelhouse, "evil", "1.0")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../../evil.py", "")
    if build:
        case.add(make_sdist(wheelhouse, "built", "1.0"))
        case.build_requirements.append(BuildRequirement(locked(path), ("built",)))
    else:
        case.add(path)
    with pytest.raises(IntegrityError, match="leads out"):
        _gather(case)
