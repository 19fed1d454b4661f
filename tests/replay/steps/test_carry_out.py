"""Steps follow one another; what the script changes is planned anew, and what nobody asks for any more is removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, StepError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import PipPackage
from cortexlock.replay.install import plan
from cortexlock.replay.prefix.receipt import read_receipt
from cortexlock.replay.verify import verify_prefix
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.add(make_wheel(wheelhouse, "demo", "1.0", modules={"demo.py": "", "shared.py": "x = 1\n"}))
    case.add(make_wheel(wheelhouse, "old", "1.0", modules={"old/__init__.py": "", "shared.py": "x = 1\n"}))
    return case


def _site(case: Case) -> Path:
    return next(case.prefix.glob("lib/python*/site-packages"))


@pytest.mark.parametrize(
    "does", ["rm -r {site}/demo*", "echo evil > {site}/demo.py", "sed -i 1d {site}/demo-1.0.dist-info/RECORD"]
)
def test_what_the_script_did_to_what_is_locked_is_set_right(case: Case, does: str) -> None:
    case.install()
    case.script = does.format(site=_site(case)) + "\n"
    case.install()
    assert installed(case.prefix) == {"demo": "1.0", "old": "1.0"}
    assert (_site(case) / "demo.py").read_text() == ""
    case.install()
    assert case.said("nothing to do")


def test_what_the_lockfile_has_no_more_is_removed(case: Case, wheelhouse: Path) -> None:
    case.install()
    case.pre_install(make_wheel(wheelhouse, "mine", "1.0"))
    case.packages = [each for each in case.packages if each.name != "old"]
    planned = plan(case.project, case.lockfile, case.options())
    assert (planned.stale, planned.is_done) == (("old",), False)
    receipt = case.install()
    assert case.said("removing old 1.0, which the lockfile has no more")
    assert installed(case.prefix) == {"demo": "1.0", "mine": "1.0"}
    assert not (_site(case) / "old").exists()
    assert (_site(case) / "shared.py").is_file()  # it is demo's, too
    assert set(receipt.pip) == {"demo"}


def test_it_is_removed_without_any_step_of_pip_too(case: Case) -> None:
    case.install()
    case.packages.clear()
    case.script = "true\n"
    case.install()
    assert installed(case.prefix) == {}


def test_what_the_image_is_assumed_to_have_and_what_was_replaced_since_stays(case: Case, wheelhouse: Path) -> None:
    case.install()
    case.packages.clear()
    case.pre_installed.append(PreInstalled("pip", "old", "1.0"))
    case.pre_install(make_wheel(wheelhouse, "demo", "2.0"))
    case.install()
    assert installed(case.prefix) == {"demo": "2.0", "old": "1.0"}


def test_what_cannot_be_removed_is_refused_before_anything_is_touched(case: Case) -> None:
    case.install()
    receipt = read_receipt(case.prefix)
    (_site(case) / "old-1.0.dist-info" / "RECORD").unlink()
    case.packages = [each for each in case.packages if each.name != "old"]
    with pytest.raises(DifferenceError, match=r"(?s)cannot be removed:.*old 1\.0"):
        case.install()
    assert read_receipt(case.prefix) == receipt


def test_a_script_that_failed_once_must_still_leave_what_is_kept(case: Case, wheelhouse: Path) -> None:
    case.pre_install(make_wheel(wheelhouse, "kept", "1.0"))
    case.packages.append(PipPackage("kept", "1.0", action="keep"))
    case.pre_installed.append(PreInstalled("pip", "kept", "1.0"))
    case.script = f"rm -rf {_site(case)}/kept*\nfalse\n"
    with pytest.raises(StepError):
        case.install()
    with pytest.raises(DifferenceError, match=r"pip kept: not there, the image has 1\.0"):
        case.install()


def test_what_a_script_did_before_it_failed_is_its_doing(case: Case) -> None:
    again = f"{case.prefix}/again"
    case.script = f"touch {_site(case)}/by_script.py\ntest -e {again} || {{ touch {again}; false; }}\n"
    with pytest.raises(StepError):
        case.install()
    case.install()
    assert verify_prefix(case.lockfile, case.prefix, {}).of("extra") == ()
