"""Indexes that ask for credentials: these come from the environment, and get nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.index_server import IndexServer
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of a server on loopback
HEAD = "predictor: python\ncortex-version: 0.35.0\nplatforms: [cpu]\n"


def lock(project: Path, cache: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Lock a project by the command."""
    command = [sys.executable, "-m", "cortexlock", "lock", "--verbose", "--cache-dir", str(cache), str(project)]
    return subprocess.run(command, env={**os.environ, **variables}, check=False, capture_output=True, text=True)


def holders(directory: Path) -> list[str]:
    """Return the files below a directory that the token stands in."""
    return [str(path) for path in directory.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize("where", ["index-url", "indexes", "requirements.txt"])
def test_a_token_is_used_and_kept_nowhere(tmp_path: Path, where: str) -> None:
    private, public, project, cache = (tmp_path / name for name in ("private", "public", "project", "cache"))
    make_wheel(private, "internal-thing", "1.0", requires=["other-thing"])
    make_wheel(private if where == "index-url" else public, "other-thing", "2.0")
    project.mkdir()
    with IndexServer(private, auth=("me", TOKEN)) as inside, IndexServer(public) as outside:
        url = f"http://me:${{INTERNAL_TOKEN}}@{inside.host}/simple/"
        (project / "requirements.txt").write_text("internal-thing\n", encoding="utf-8")
        if where == "index-url":
            text = f"{HEAD}index-url: {url}\n"
        elif where == "indexes":
            text = f'{HEAD}index-url: {outside.simple_url}\nindexes:\n  - {{name: internal, url: "{url}"}}\n'
        else:
            text = f"{HEAD}index-url: {outside.simple_url}\n"
            lines = f"--extra-index-url {url}\ninternal-thing\n"
            (project / "requirements.txt").write_text(lines, encoding="utf-8")
        (project / "cortexlock.yaml").write_text(text, encoding="utf-8")
        refused = lock(project, cache, {"INTERNAL_TOKEN": f"{TOKEN}-of-yesterday"})
        done = lock(project, cache, {"INTERNAL_TOKEN": TOKEN})
    assert refused.returncode == 5
    assert done.returncode == 0, done.stderr
    written = (project / "cortexlock.cpu.yaml").read_text(encoding="utf-8")
    aliases = {"index-url": "default", "indexes": "internal", "requirements.txt": "extra-1"}
    (line,) = (line for line in written.splitlines() if "name: internal-thing" in line)
    assert f"index: {aliases[where]}, " in line
    assert "127.0.0.1" not in written
    for output in (refused.stdout, refused.stderr, done.stdout, done.stderr):
        assert TOKEN not in output
    assert holders(tmp_path) == []
