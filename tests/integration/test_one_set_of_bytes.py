"""One set of bytes, whatever the machine, its settings and its caches are like."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.index, pytest.mark.interpreter]

_LINES = ("flask", "boto3", "requests[socks]>=2", "pyyaml<6", "termcolor", "absl-py")
"""The last two have no wheels of that date: they are built, by Python 3.6."""

_SCRIPT = """
import os, sys
from pathlib import Path
from unittest.mock import patch
from cortexlock.inputs import project_directory
from cortexlock.lock import lock as locking
from cortexlock.lock.locked import LockOptions
from cortexlock.pip.internals.ahead import Forecast
from tests.support.locking import in_process

def main():
    directory, cache, processors, ahead = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(processors)])
    options = LockOptions(conda=None, python=None, cache=Path(cache), environment=dict(os.environ))
    project = project_directory.read(Path(directory))
    if ahead == "True":
        locking.lock(project, options, on_event=lambda event: None)
    else:
        with patch.object(locking, "side_by_side", in_process), patch.object(Forecast, "begin", lambda *_: None):
            locking.lock(project, options, on_event=lambda event: None)

if __name__ == "__main__":
    main()
"""


def test_one_set_of_bytes(tmp_path: Path) -> None:
    script = tmp_path / "lock.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    written = []
    for number in range(10):
        project = tmp_path / f"place-{number}" / "project"
        project.mkdir(parents=True)
        (project / "cortexlock.yaml").write_text(
            'predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nexclude-newer: "2020-06-01"\n',
            encoding="utf-8",
        )
        lines = random.Random(number).sample(_LINES, len(_LINES))  # noqa: S311 - an order, no secret
        (project / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        is_cold, is_ahead, processors = number in {0, 3, 7}, number not in {3, 4}, 1 + number % 2
        locale = ("C", "C.UTF-8")[number // 2 % 2]
        variables = {
            "PYTHONHASHSEED": str(number),
            "TZ": ("UTC", "Asia/Kathmandu")[number // 3 % 2],
            "LC_ALL": locale,
            "LANG": locale,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        subprocess.run(
            [
                sys.executable,
                script,
                os.path.relpath(project, tmp_path) if number % 3 else project,
                tmp_path / (f"cache-{number}" if is_cold else "cache"),
                str(processors),
                str(is_ahead),
            ],
            env={**os.environ, **variables},
            cwd=tmp_path if number % 3 else project,
            check=True,
        )
        written.append((project / "cortexlock.cpu.yaml").read_bytes())
    # The hash of the requirements file is that of its lines, in their order, and that of the content is over it.
    of_lines = re.compile(rb"^(content-hash:|  - \{file: requirements\.txt,).*\n", re.MULTILINE)
    bare = {of_lines.sub(b"", each) for each in written}
    assert len(bare) == 1
    assert b"termcolor" in written[0]
