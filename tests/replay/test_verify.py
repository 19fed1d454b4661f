"""A prefix against image and lockfile: what differs, and what is a note."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cortexlock.cli.comparison_report import lines_of, notes_of
from cortexlock.cli.replay_words import words
from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import CondaStep, Lockfile, PreInstalled
from cortexlock.model.package import CondaPackage, Conflict
from cortexlock.model.predictor import CondaRecord
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.verify import verify_prefix
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
    case.conflicts.append(Conflict("demo", "1.0", "gone>=1", ""))
    return case


_NOTE = "demo 1.0 requires gone>=1, it is not there; the lockfile says so"


@dataclass(frozen=True)
class Report:
    """What `verify` finds, in words."""

    locked: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _report(lockfile: Lockfile, prefix: Path) -> Report:
    found = verify_prefix(lockfile, prefix, {})
    return Report(
        lines_of(found.of("locked")),
        lines_of(found.of("image")),
        lines_of(found.of("extra")),
        lines_of(found.of("conflicts")),
        lines_of(found.allowed),
        notes_of(found),
    )


def _verify(case: Case) -> Report:
    return _report(case.lockfile, case.prefix)


def test_before_and_after(case: Case) -> None:
    report = _verify(case)
    assert report.locked == ("pip demo: 1.0 is not installed",)
    assert (report.image, report.extra, report.conflicts) == ((), (), ())
    assert report.notes == ("no replay left a receipt here",)
    case.install()
    assert _verify(case) == Report(notes=(_NOTE,))


def test_a_conflict_that_is_not_locked_is_a_difference(case: Case) -> None:
    case.install()
    case.conflicts.clear()
    report = _verify(case)
    assert report.conflicts == ("demo 1.0 requires gone>=1, it is not there",)
    assert report.notes == ("the last replay here was of another lockfile",)


def test_what_the_script_removes_is_a_note(case: Case) -> None:
    case.script = f"rm -r {case.prefix}/lib/python*/site-packages/kept*\n"
    case.install()
    report = _verify(case)
    assert report.image == ()
    assert report.notes == ("pip kept: not there, the image has 1.0; the replay left it so", _NOTE)


def test_another_version_of_the_image(case: Case, wheelhouse: Path) -> None:
    case.install()
    case.pre_install(make_wheel(wheelhouse, "kept", "1.1"))
    report = _verify(case)
    assert report.image == ("pip kept: 1.1, the image has 1.0",)
    assert verify_prefix(case.lockfile, case.prefix, {}).differs


def test_a_replay_that_ended_half_way(case: Case) -> None:
    def end(event: ReplayEvent) -> None:
        if "installed" in words(event.fact):
            raise KeyboardInterrupt

    case.on_event = end
    with pytest.raises(KeyboardInterrupt):
        case.install()
    assert _verify(case).locked[0].startswith("a replay of this lockfile was ended half-way")


def test_packages_of_conda(case: Case) -> None:
    write_conda_records(case.prefix, [CondaRecord("python", case.python), CondaRecord("openssl", "1.1")])
    case.install()
    case.pre_installed += [PreInstalled("conda", "python", case.python), PreInstalled("conda", "zlib", "1.2")]
    report = _verify(case)
    assert report.image == ("conda zlib: not there, the image has 1.2",)
    assert report.extra == ()
    assert "there beside image and lockfile: conda openssl 1.1" in report.notes
    locked = CondaStep("conda-packages.txt", (CondaPackage("lib", "1.0", file="lib.conda", sha256="a" * 64),))
    captured = replace(case.lockfile.predictor, closure="captured")
    lockfile = replace(case.lockfile, steps=(locked, *case.lockfile.steps), predictor=captured)
    report = _report(lockfile, case.prefix)
    assert report.locked == ("conda lib 1.0 is not installed",)
    assert report.extra == ()  # it was there before the first replay
    write_conda_records(case.prefix, [CondaRecord("zstd", "1.4")])
    assert _report(lockfile, case.prefix).extra == ("conda zstd 1.4",)


def _site(case: Case) -> Path:
    return next(case.prefix.glob("lib/python*/site-packages"))


def _forge(record: Path, name: str, text: str) -> None:
    """Alter a file, and what RECORD says of it."""
    (record.parent.parent / name).write_text(text)
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    lines = [f"{name},sha256={digest},{len(text)}" if line.startswith(name) else line for line in _lines(record)]
    record.write_text("\n".join(lines) + "\n")


def _lines(record: Path) -> list[str]:
    return record.read_text().splitlines()


@pytest.mark.parametrize("how", ["forged", "without a row", "without RECORD"])
def test_a_file_that_is_altered_with_its_record(case: Case, how: str) -> None:
    case.install()
    for name in ("demo", "kept"):
        record = _site(case) / f"{name}-1.0.dist-info" / "RECORD"
        (record.parent.parent / f"{name}.py").write_text("evil")
        if how == "forged":
            _forge(record, f"{name}.py", "evil")
        elif how == "without a row":
            record.write_text("\n".join(line for line in _lines(record) if not line.startswith(f"{name}.py")) + "\n")
        else:
            record.unlink()
    report = _verify(case)
    assert report.locked == ("pip demo: its own list of files was changed since it was installed",)
    assert report.image == ("pip kept: its own list of files was changed since it was installed",)
    if how == "without RECORD":
        with pytest.raises(DifferenceError, match=r"cannot be removed:\n  demo 1\.0"):
            case.install()
        return
    case.install()
    assert "evil" not in (_site(case) / "demo.py").read_text()
    assert _verify(case).locked == ()
    assert _verify(case).image == report.image  # a repair of the one does not hide the other
    case.install(allow_drift=True)
    assert _verify(case).image == ()


def test_files_of_no_package(case: Case) -> None:
    (_site(case) / "before.py").write_text("")
    (_site(case) / "sitecustomize.py").write_text("")
    assert "before.py in site-packages is of no package" in _verify(case).notes
    case.script = f"touch {_site(case)}/by_script.py"
    case.install()
    assert _verify(case).extra == ()
    (_site(case) / "evil.pth").write_text("import os")
    (_site(case) / "sitecustomize.py").write_text("evil")
    expected = (
        "evil.pth in site-packages is of no package",
        "sitecustomize.py in site-packages, which is of no package, was changed",
    )
    assert _verify(case).extra == expected
    (_site(case) / "demo.py").write_text("damage")
    case.install()
    assert _verify(case).extra == expected  # a repair does not make them known
    for number in range(9):
        (_site(case) / f"more{number}.py").write_text("")
    assert _verify(case).extra[-1] == "6 further files in site-packages are of no package"


def test_what_a_user_installs_is_not_known_after_a_repair(case: Case, wheelhouse: Path) -> None:
    case.install()
    case.pre_install(make_wheel(wheelhouse, "mine", "1.0"))
    (_site(case) / "demo.py").write_text("damage")
    case.install()
    assert _verify(case).extra == ("pip mine 1.0",)
    case.install(allow_drift=True)
    assert _verify(case).extra == ()
    assert _verify(case).allowed == ("pip mine 1.0",)
