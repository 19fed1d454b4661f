"""Files of a prefix are damaged at random: an error with its exit code or a verdict, never a traceback, never a wait.

`CORTEXLOCK_MUTATIONS=10000 pytest tests/integration/test_prefix_mutations.py` is the long run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from cortexlock.errors import CortexlockError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage
from cortexlock.model.predictor import CondaRecord
from cortexlock.replay.install import plan
from cortexlock.replay.verify import verify_prefix
from tests.support.image import write_conda_records
from tests.support.index_server import IndexServer
from tests.support.mutations import damaged, in_time
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_wheel

_SEED = 20261128
_COUNT = int(os.environ.get("CORTEXLOCK_MUTATIONS", "150"))


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    modules = {"demo/__init__.py": "", "demo/a.py": "a = 1\n"}
    case.add(make_wheel(wheelhouse, "demo", "1.0", modules=modules, entry_points={"demo": "demo.a:x"}))
    case.install()
    write_conda_records(case.prefix, [CondaRecord("python", case.python), CondaRecord("libdemo", "1.0")])
    case.conda.append(CondaPackage("libdemo", "1.0", action="keep"))
    (case.directory / "conda-packages.txt").write_text("libdemo\n")
    return case


def _verdict(case: Case, lockfile: Lockfile) -> str:
    """Return what `verify` and the plan of `install` come to: nothing but an error of ours may leave them."""
    with in_time():
        try:
            differs = verify_prefix(lockfile, case.prefix, {}).differs
        except CortexlockError as error:
            verified = f"error {error.exit_code}"
        else:
            verified = "differs" if differs else "as locked"
        try:
            planned = plan(case.project, lockfile, case.options(allow_drift=True))
        except CortexlockError as error:
            return f"{verified}, error {error.exit_code}"
        # What is as locked to the one has nothing to do for the other.
        assert planned.is_done or verified != "as locked"
        return f"{verified}, {'done' if planned.is_done else 'to do'}"


def test_whatever_a_file_of_the_prefix_holds(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    site = next(case.prefix.glob("lib/python*/site-packages"))
    lockfile = case.lockfile
    outside = case.prefix.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text("precious")
    files = [
        case.prefix / "cortexlock-receipt.json",
        case.prefix / "pyvenv.cfg",
        *sorted((case.prefix / "conda-meta").glob("*.json")),
        *sorted(site.glob("demo-1.0.dist-info/*")),
        site / "demo" / "a.py",
        case.prefix / "bin" / "demo",
    ]
    chosen = random.Random(_SEED)  # noqa: S311 - damage, not secrets
    before = tree_of(case.prefix)
    found: dict[str, int] = {}
    for number in range(_COUNT):
        path = chosen.choice(files)
        with damaged(path, chosen, outside=outside):
            try:
                verdict = _verdict(case, lockfile)
            except Exception as error:
                error.add_note(f"mutation {number} of {path}") if hasattr(error, "add_note") else None
                raise
        found[verdict] = found.get(verdict, 0) + 1
    assert tree_of(case.prefix) == before
    assert tree_of(outside) == {"secret": b"precious"}
    assert sum(count for verdict, count in found.items() if verdict.startswith("as locked")) < _COUNT / 2
    with capsys.disabled():
        print(
            f"\nseed {_SEED}, {_COUNT} mutations:",
            *(f"{count} {what}" for what, count in sorted(found.items())),
            sep="\n  ",
        )
