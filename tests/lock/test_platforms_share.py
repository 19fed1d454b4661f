"""Platforms of one lock with empty caches: each page and each METADATA is fetched once."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pytest

from cortexlock.inputs import project_directory
from cortexlock.lock.lock import lock
from cortexlock.lock.locked import LockOptions
from cortexlock.pip.queries import resolve
from tests.support import locking
from tests.support.index_server import IndexServer
from tests.support.wheels import make_wheel


@pytest.mark.slow
def test_platforms_with_empty_caches_share_what_they_fetch(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    for name, needed in (("a", ["b", "c"]), ("b", ["c"]), ("c", []), ("d", [])):
        make_wheel(wheels, name, "1.0", requires=needed)
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("a\nd\n")
    with IndexServer(wheels, metadata=False) as server:
        server.delay = 0.1
        (project / "cortexlock.yaml").write_text(
            "predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu, cuda]\nindex-url: " + server.simple_url + "\n"
        )
        options = LockOptions(
            conda=None, python=None, cache=tmp_path / "cache", environment=dict(os.environ), since=time.time()
        )
        locked = lock(project_directory.read(project), options, on_event=lambda _: None)
        asked = Counter(request.path for request in server.requests)
    assert [each.lockfile.label for each in locked] == ["cpu", "cuda"]
    assert all(each.changed for each in locked)
    assert {f"/simple/{name}/" for name in "abcd"} <= set(asked)
    assert set(asked.values()) == {1}, asked


def test_platforms_whose_images_are_the_same_for_pip_are_resolved_once(
    tmp_path: Path, index_server: IndexServer, wheelhouse: Path
) -> None:
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "a", version)
    files: dict[str, list[bytes]] = {}
    for name, said in (("all", [["cpu", "cuda", "inf"]]), ("each", [["cpu"], ["cuda"], ["inf"]])):
        project = tmp_path / name
        project.mkdir()
        (project / "requirements.txt").write_text("a\n")
        for platforms in said:
            text = f"predictor: python\ncortex-version: 0.31.0\nindex-url: {index_server.simple_url}\n"
            (project / "cortexlock.yaml").write_text(f"{text}platforms: {platforms}\n")
            with patch.object(resolve, "solve", wraps=resolve.solve) as solve:
                locked = locking.lock(project)
            assert [each.platform for each in locked] == platforms
            assert solve.call_count == 1
        files[name] = [path.read_bytes() for path in sorted(project.glob("cortexlock.*.yaml"))]
    assert len(set(files["all"])) == 3
    assert files["all"] == files["each"]


def test_platforms_of_which_one_has_other_versions_locked_are_resolved_each(
    tmp_path: Path, index_server: IndexServer, wheelhouse: Path
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("a\n")
    text = f"predictor: python\ncortex-version: 0.31.0\nindex-url: {index_server.simple_url}\n"
    (project / "cortexlock.yaml").write_text(f"{text}platforms: [cpu]\n")
    locking.lock(project)
    make_wheel(wheelhouse, "a", "2.0")
    (project / "cortexlock.yaml").write_text(f"{text}platforms: [cpu, cuda, inf]\n")
    locked = {each.platform: each.lockfile.final_distributions()["a"].version for each in locking.lock(project)}
    assert locked == {"cpu": "1.0", "cuda": "2.0", "inf": "2.0"}
