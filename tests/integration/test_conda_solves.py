"""conda 4.7.12's own answers are what is decided here; everything in one process, for each costs a second to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conda_solves import compare, read

DATA = Path(__file__).parent / "data"
TABLES = sorted((DATA / "conda-4.7.12").glob("*.jsonl"))


def test_small_channels_and_real_records_are_solved_as_conda_4_7_12_solves_them() -> None:
    # A process of its own: conda keeps its configuration in globals.
    command = [sys.executable, "-m", "tests.integration.conda_solves", *map(str, TABLES), "--repodata", str(DATA)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stdout.splitlines() == [
        "solves-real.jsonl: 8 of 8 the same",
        "solves-small.jsonl: 12 of 12 the same",
        "solves-two-channels.jsonl: 10 of 10 the same",
    ], done.stderr


@pytest.mark.parametrize("http", [False, True])
def test_a_whole_lock_decides_the_same_from_a_directory_and_over_http(http: bool) -> None:  # noqa: FBT001 - a parameter of the test
    (case,) = (case for case in read(DATA / "conda-4.7.12" / "solves-real.jsonl") if case.name == "s11")
    assert compare(case, DATA, http=http, whole=True) == ""
