"""A prefix against image and lockfile: what differs, and what is a note."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.model.lockfile import CondaStep, PipStep, PreInstalled
from cortexlock.model.package import CondaPackage, Conflict
from cortexlock.model.predictor import CondaRecord
from cortexlock.replay.verifying import Report, verify_prefix
from tests.support.image import write_conda_records
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.add(make_wheel(wheelhouse, "demo", "1.0", requires=["gone>=1; python_version >= '3'", "else; extra == 'x'"]))
    case.pre_install(make_wheel(wheelhouse, "kept", "1.0"))
    case.pre_installed.append(PreInstalled("pip", "kept", "1.0"))
    return case


def _verify(case: Case) -> Report:
    return verify_prefix(case.lockfile, case.prefix, {})


def test_before_and_after(case: Case) -> None:
    report = _verify(case)
    assert report.locked == ("pip demo: 1.0 is not installed",)
    assert (report.image, report.extra, report.conflicts) == ((), (), ())
    assert report.notes == ("no replay left a receipt here",)
    case.install()
    assert _verify(case) == Report(conflicts=("demo 1.0 requires gone>=1, it is not there",))


def test_a_conflict_that_is_locked_is_a_note(case: Case) -> None:
    case.install()
    lockfile = case.lockfile
    step = lockfile.steps[0]
    assert isinstance(step, PipStep)
    step = replace(step, conflicts=(Conflict("demo", "1.0", "gone>=1", ""),))
    report = verify_prefix(replace(lockfile, steps=(step,)), case.prefix, {})
    assert report.conflicts == ()
    assert "demo 1.0 requires gone>=1, it is not there; the lockfile says so" in report.notes
    assert "the last replay here was of another lockfile" in report.notes


def test_what_the_script_removes_is_a_note(case: Case) -> None:
    case.script = f"rm -r {case.prefix}/lib/python*/site-packages/kept*\n"
    case.install()
    report = _verify(case)
    assert report.image == ()
    assert report.notes == ("pip kept: not there, the image has 1.0; the replay left it so",)


def test_another_version_of_the_image(case: Case, wheelhouse: Path) -> None:
    case.install()
    case.pre_install(make_wheel(wheelhouse, "kept", "1.1"))
    report = _verify(case)
    assert report.image == ("pip kept: 1.1, the image has 1.0",)
    assert report.differs


def test_a_replay_that_ended_half_way(case: Case) -> None:
    def end(event: object) -> None:
        if "installed" in str(event):
            raise KeyboardInterrupt

    case.on_event = end
    with pytest.raises(KeyboardInterrupt):
        case.install()
    assert _verify(case).locked[0].startswith("a replay of this lockfile was ended half-way")


def test_packages_of_conda(case: Case) -> None:
    case.install()
    write_conda_records(case.prefix, [CondaRecord("python", case.python), CondaRecord("openssl", "1.1")])
    case.pre_installed += [PreInstalled("conda", "python", case.python), PreInstalled("conda", "zlib", "1.2")]
    report = _verify(case)
    assert report.image == ("conda zlib: not there, the image has 1.2",)
    assert report.extra == ()
    assert "there beside image and lockfile: conda openssl 1.1" in report.notes
    locked = CondaStep("conda-packages.txt", (CondaPackage("lib", "1.0", file="lib.conda", sha256="a" * 64),))
    captured = replace(case.lockfile.predictor, closure="captured")
    lockfile = replace(case.lockfile, steps=(locked, *case.lockfile.steps), predictor=captured)
    report = verify_prefix(lockfile, case.prefix, {})
    assert report.locked == ("conda lib 1.0 is not installed",)
    assert report.extra == ("conda openssl 1.1",)
