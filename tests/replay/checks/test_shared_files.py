"""Files that two packages have are told before anything is touched; what stays is not overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.replay_words import words
from cortexlock.conda.archive import Listing
from cortexlock.conda.prefix import InstalledPackage
from cortexlock.errors import IntegrityError
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.package import CondaPackage, Pin
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.replay.checks.shared_files import foreseen
from cortexlock.replay.plan import Plan, PlannedStep
from cortexlock.replay.prefix.state import State

SITE = "lib/python3.6/site-packages"
NEW = CondaPackage("new", "1.0", file="new-1.0-0.conda", sha256="a")
OTHER = CondaPackage("other", "1.0", file="other-1.0-0.conda", sha256="b")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A prefix with the conda package `old` and the distribution `web` of pip's."""
    (tmp_path / "conda-meta").mkdir()
    entries = [{"_path": name} for name in ("share/old.txt", "bin/old")]
    record = {"name": "old", "version": "1.0", "paths_data": {"paths": entries}}
    (tmp_path / "conda-meta" / "old-1.0-0.json").write_text(json.dumps(record))
    metadata = tmp_path / SITE / "web-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "RECORD").write_text("web.py,,\n../../../bin/web,,\nweb-1.0.dist-info/RECORD,,\n")
    web = InstalledDistribution("web", "1.0", tmp_path / SITE, metadata)
    packages = {"old": InstalledPackage(name="old", version="1.0")}
    prefix = Prefix(tmp_path, "3.6.9", tmp_path / SITE)
    return State(prefix, {"web": (web,)}, packages, is_conda=True, conda_files=frozenset())


def _foreseen(state: State, listings: dict[str, Listing], *packages: CondaPackage) -> tuple[str, ...]:
    step = CondaStep("list", (*packages, CondaPackage("gone", "1", action="keep")))
    found = foreseen(_plan(PlannedStep(step, conda=packages)), listings, state, python="3.6.9")
    return tuple(map(words, found))


def _plan(step: PlannedStep) -> Plan:
    return Plan(steps=(step,), content_hash="")


def test_nothing_in_common_says_nothing(state: State) -> None:
    assert _foreseen(state, {"new": Listing(files=("share/new.txt",)), "other": Listing()}, NEW, OTHER) == ()


def test_a_file_of_two_packages_is_noted(state: State) -> None:
    listings = {"new": Listing(files=("share/a", "share/b")), "other": Listing(files=("share/a", "share/b", "share/c"))}
    assert _foreseen(state, listings, OTHER, NEW) == (
        "share/a and 1 more file of the conda package other is of the conda package new, too",
    )


@pytest.mark.parametrize(
    ("listing", "file"),
    [
        (Listing(files=(f"{SITE}/web.py",)), f"{SITE}/web.py"),
        (Listing(files=("site-packages/web.py",), pure=True), f"{SITE}/web.py"),
        (Listing(files=("python-scripts/web",), pure=True), "bin/web"),
        (Listing(commands=("web",), pure=True), "bin/web"),
    ],
)
def test_a_file_of_pips_is_noted_unless_it_is_replaced(state: State, listing: Listing, file: str) -> None:
    (note,) = _foreseen(state, {"new": listing}, NEW)
    assert note == f"{file} of the conda package new is of web, which pip installed, too"
    replacing = CondaPackage("new", "1.0", file=NEW.file, sha256="a", distributions=(Pin("web", "2.0"),))
    assert _foreseen(state, {"new": listing}, replacing) == ()


def test_a_file_of_a_package_that_stays_is_not_overwritten(state: State) -> None:
    listings = {"new": Listing(files=("bin/old", "share/old.txt"))}
    with pytest.raises(IntegrityError, match="new has bin/old and 1 more file of old"):
        _foreseen(state, listings, NEW)
    replaced = CondaPackage("old", "2.0", file="old-2.0-0.conda", sha256="c")
    assert _foreseen(state, {**listings, "old": Listing()}, NEW, replaced) == ()
    # The same where a killed replay has linked it already.
    step = CondaStep("list", (NEW, replaced))
    assert foreseen(_plan(PlannedStep(step, conda=(NEW,))), listings, state, python="3.6.9") == ()
