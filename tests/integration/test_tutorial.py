"""The tutorial as a newcomer types it: each command in a scratch directory, its output where that is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.index

_TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_MARK = "::ended "


def _commands() -> Iterator[tuple[str, str]]:
    """Yield each command with the output that is shown below it, empty where none is."""
    for block in re.findall(r"```console\n(.*?)```", _TUTORIAL.read_text(encoding="utf-8"), re.DOTALL):
        for shown in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = shown.partition("\n")
            yield command, output


def test_each_command_does_what_is_shown(tmp_path: Path) -> None:
    commands = list(_commands())
    assert len(commands) > 15
    script = "".join(f'{command}\necho "{_MARK}$?"\n' for command, _output in commands)
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/usr/bin/env", "bash"],
        input=script,
        cwd=tmp_path,
        env={**os.environ, **identity, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    answers = re.split(rf"^{_MARK}(\d+)\n", done.stdout, flags=re.MULTILINE)
    outputs, codes = answers[0::2], answers[1::2]
    assert len(codes) == len(commands), done.stderr
    for (command, shown), output, code in zip(commands, outputs, codes, strict=False):
        assert code == ("1" if ": stale" in shown else "0"), f"{command}\n{output}{done.stderr}"
        assert not shown or output == shown, command
    said = dict(zip((command for command, _shown in commands), outputs, strict=False))
    assert "| attrs | 23.2.0 | 25.4.0 | requirements.txt |" in said["cortexlock diff --rev HEAD --format markdown"]
    assert "requirements.txt:1: attrs==25" in said["cortexlock why attrs"]
    assert "cortexlock.cpu.yaml" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "attrs==25.4.0" in (tmp_path / "requirements.lock.txt").read_text(encoding="utf-8")
