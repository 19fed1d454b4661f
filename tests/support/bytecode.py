"""Test modules are rewritten and compiled once for all workers, not once by each of them."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).parents[1]


def import_share(arguments: Iterable[str]) -> None:
    """Import this worker's share of all test modules, where all are to be run.

    pytest rewrites the assertions of each module that has no byte code yet, and collecting takes twice as long then.
    All workers collect all modules, in the same order and at the same time, so that each would do it.

    Args:
        arguments: What pytest is to run.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    everything = any(Path(argument).resolve() in {TESTS, TESTS.parent} for argument in arguments)
    if not worker.isdecimal() or count == 1 or sys.dont_write_bytecode or not everything:
        return
    for path in sorted(TESTS.rglob("test_*.py"))[int(worker) % count :: count]:
        # What fails or warns here is collected without, and fails there.
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("error")
            importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))
