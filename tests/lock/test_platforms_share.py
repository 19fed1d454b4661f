"""Platforms of one lock with empty caches: each page and each METADATA is fetched once."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from cortexlock.inputs import project_directory
from cortexlock.lock.lock import lock
from cortexlock.lock.locked import LockOptions
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
