"""A replay with a conda step: archives from a channel, linked over what pip had installed, then what pip adds."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock import process
from cortexlock.cli.replay_words import words
from cortexlock.conda import history
from cortexlock.conda import install as conda_install
from cortexlock.conda.install import LinkPlace, link
from cortexlock.errors import DifferenceError, IntegrityError, NetworkError, StepError, UsageError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import CondaPackage, Pin, Replaced
from cortexlock.model.predictor import CondaRecord
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.install import plan
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from cortexlock.replay.steps import conda as conda_step
from tests.support.conda_packages import Package, archive, locked, write, write_channel
from tests.support.image import installed, write_conda_records
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_wheel

VERSION = ".".join(map(str, sys.version_info[:3]))
SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


_INFO = ("METADATA", "RECORD", "INSTALLER")


def _python_package(name: str, version: str, **files: str) -> Package:
    """Return a conda package with a Python distribution."""
    stem = f"{SITE}/{name}-{version}.dist-info"
    return Package(
        name,
        version,
        files={
            f"{SITE}/{name}.py": f'__version__ = "{version}"\nBY = "conda"\n',
            f"{stem}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{stem}/RECORD": "".join(
                f"{path},,\n" for path in (f"{name}.py", *(f"{stem[len(SITE) + 1 :]}/{x}" for x in _INFO))
            ),
            f"{stem}/INSTALLER": "conda\n",
            **files,
        },
    )


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    """Return a project whose conda step replaces a distribution of pip's, and whose pip step adds another."""
    case = make_case(tmp_path, index_url=index_server.simple_url)
    (case.directory / "conda-packages.txt").write_text("demo=2.0\nlibdemo\n")
    write_conda_records(case.prefix, [CondaRecord("python", VERSION)])
    (case.prefix / SITE / "conda_own.py").write_text("")
    case.pre_install(make_wheel(wheelhouse, "demo", "1.0", modules={"demo.py": "", "demo_old.py": ""}))
    case.pre_installed += [PreInstalled("conda", "python", VERSION), PreInstalled("pip", "demo", "1.0")]
    packages = [_python_package("demo", "2.0"), Package("libdemo", files={"lib/libdemo.so": "binary"}, suffix=".conda")]
    write_channel(case.directory / "channel", packages)
    case.conda += [locked(package, archive(package)) for package in packages]
    case.conda[0] = replace(
        case.conda[0], action="change", replaces=(Replaced("pip", "1.0"),), distributions=(Pin("demo", "2.0"),)
    )
    case.conda.append(CondaPackage("python", VERSION, action="keep"))
    case.add(make_wheel(wheelhouse, "added", "1.0"))
    return case


def _touched(case: Case) -> dict[str, bytes]:
    return {name: content for name, content in tree_of(case.prefix).items() if name != LOCK_NAME}


def test_conda_replaces_what_pip_had_installed_and_one_copy_is_left(case: Case) -> None:
    receipt = case.install()
    assert installed(case.prefix) == {"added": "1.0", "demo": "2.0"}
    assert case.run("import demo, added; print(demo.__version__, demo.BY)") == "2.0 conda"
    assert not (case.prefix / SITE / "demo_old.py").exists()
    assert (case.prefix / "lib" / "libdemo.so").read_text() == "binary"
    assert case.said("removing demo 1.0")
    assert receipt.steps == ("conda", "pip")
    assert receipt.installed["conda"] == {"demo": "2.0", "libdemo": "1.0", "python": VERSION}
    before = tree_of(case.prefix)
    case.install()
    assert case.said("nothing to do")
    assert tree_of(case.prefix) == before


@pytest.mark.parametrize("allowed", [False, True])
def test_link_scripts_are_listed_and_run_only_if_allowed(case: Case, *, allowed: bool) -> None:
    script = "bin/.libdemo-post-link.sh"
    package = Package("libdemo", files={script: 'echo ran "$PKG_NAME" > "$PREFIX/ran"\n'}, suffix=".conda")
    write_channel(case.directory / "channel", [_python_package("demo", "2.0"), package])
    case.conda = [locked(package, archive(package)) if each.name == "libdemo" else each for each in case.conda]
    case.install(allow_link_scripts=allowed)
    assert case.said(f"link scripts of the conda package libdemo are {'run' if allowed else 'not run'}")
    assert case.said(script)
    ran = case.prefix / "ran"
    assert (ran.read_text() if ran.exists() else "") == ("ran libdemo\n" if allowed else "")


def test_a_link_script_that_fails_ends_the_replay_with_its_output(case: Case) -> None:
    text = 'echo "no licence"; test -e "$PREFIX/licence" || exit 3\n'
    package = Package("libdemo", files={"bin/.libdemo-post-link.sh": text})
    write_channel(case.directory / "channel", [_python_package("demo", "2.0"), package])
    case.conda = [locked(package, archive(package)) if each.name == "libdemo" else each for each in case.conda]
    for _ in range(2):
        with pytest.raises(StepError, match=r"(?s)libdemo-post-link\.sh ended with code 3:\nno licence"):
            case.install(allow_link_scripts=True)
    (case.prefix / "licence").touch()
    assert case.install(allow_link_scripts=True).state == "completed"
    case.install(allow_link_scripts=True)
    assert case.said("nothing to do")


def test_a_conda_package_that_leaves_the_lock_is_removed(case: Case) -> None:
    case.install()
    case.conda = [each for each in case.conda if each.name != "libdemo"]
    planned = plan(case.project, case.lockfile, case.options())
    assert (planned.stale_conda, planned.is_done) == (("libdemo",), False)
    receipt = case.install()
    assert case.said("removing libdemo 1.0, which the lockfile has no more")
    assert not (case.prefix / "lib" / "libdemo.so").exists()
    assert set(receipt.conda) == {"demo"}
    assert "# remove specs: ['libdemo']" in (case.prefix / "conda-meta" / "history").read_text()
    case.install()
    assert case.said("nothing to do")


def test_a_conda_package_that_leaves_the_lock_and_is_needed_stays(case: Case) -> None:
    record = next((case.prefix / "conda-meta").glob("python-*.json"))
    record.write_text(json.dumps({**json.loads(record.read_text()), "depends": ["libdemo >=1"]}))
    case.install()
    case.conda = [each for each in case.conda if each.name != "libdemo"]
    case.install()
    assert not case.said("removing libdemo")
    assert (case.prefix / "lib" / "libdemo.so").exists()
    case.install()
    assert case.said("nothing to do")


def test_of_what_pip_had_installed_over_conda_one_copy_is_left(case: Case, wheelhouse: Path, tmp_path: Path) -> None:
    before = write(tmp_path / "archives", _python_package("demo", "1.5"))
    link([before], LinkPlace(case.prefix, tmp_path, os.environ))
    case.pre_install(make_wheel(wheelhouse, "demo", "1.5", modules={"demo.py": "", "demo_pip.py": ""}))
    stem = case.prefix / SITE / "demo-1.5.dist-info"
    (stem / "REQUESTED").touch()  # of a newer pip
    with (stem / "RECORD").open("a") as record:
        record.write("demo-1.5.dist-info/REQUESTED,,\n")
    case.pre_installed[1] = PreInstalled("pip", "demo", "1.5")
    case.pre_installed.append(PreInstalled("conda", "demo", "1.5"))
    case.conda[0] = replace(case.conda[0], replaces=(Replaced("conda", "1.5"),))
    case.install()
    assert case.said("removing pip's copy of demo 1.5, which conda changes")
    assert sorted(path.name for path in (case.prefix / SITE).glob("demo*")) == ["demo-2.0.dist-info", "demo.py"]
    assert case.run("import demo; print(demo.BY)") == "conda"
    case.install()
    assert case.said("nothing to do")


def test_a_channel_on_the_network_is_downloaded(case: Case) -> None:
    from tests.support.file_server import ChannelServer  # noqa: PLC0415 - of this test only

    with ChannelServer(case.directory / "channel") as server:
        case.conda = [replace(each, channel=server.url) if each.file else each for each in case.conda]
        case.install()
        assert len(server.asked_for("demo-2.0-0.tar.bz2")) == 1
    assert installed(case.prefix)["demo"] == "2.0"


def test_a_local_archive_that_was_replaced_is_refused_and_nothing_is_touched(case: Case) -> None:
    before = _touched(case)
    path = case.directory / "channel" / "linux-64" / "demo-2.0-0.tar.bz2"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match=r"channel `\./channel`"):
        case.install()
    assert _touched(case) == before


def test_a_local_archive_that_is_gone_is_a_network_error(case: Case) -> None:
    (case.directory / "channel" / "linux-64" / "demo-2.0-0.tar.bz2").unlink()
    with pytest.raises(NetworkError, match=r"channel `\./channel`"):
        case.install()


def test_an_unsafe_archive_is_refused_and_nothing_is_touched(case: Case) -> None:
    evil = Package("libevil", files={"../../evil": "x"})
    write_channel(case.directory / "channel", [evil])
    case.conda.append(locked(evil, archive(evil)))
    for package in (
        _python_package("demo", "2.0"),
        Package("libdemo", files={"lib/libdemo.so": "binary"}, suffix=".conda"),
    ):
        (case.directory / "channel" / "linux-64" / package.file).write_bytes(archive(package))
    before = _touched(case)
    with pytest.raises(IntegrityError):
        case.install()
    assert _touched(case) == before
    assert not (case.prefix.parent / "evil").exists()


@pytest.mark.parametrize("what", ["conda-meta", "conda-meta/history", "link"])
def test_records_that_would_be_written_elsewhere_are_refused_and_nothing_is_touched(case: Case, what: str) -> None:
    outside = case.prefix.parent / "outside"
    (case.prefix / "conda-meta" / "history").unlink()
    if what == "conda-meta":
        shutil.move(case.prefix / what, outside)
        (case.prefix / what).symlink_to(outside)
    elif what == "link":
        (case.prefix / "conda-meta" / "history").symlink_to(outside)
    else:
        (case.prefix / what).mkdir()
    before = _touched(case), tree_of(outside)
    with pytest.raises(DifferenceError, match="conda-meta"):
        case.install()
    assert (_touched(case), tree_of(outside)) == before
    assert outside.exists() is (what == "conda-meta")


def test_a_prefix_without_conda_is_refused(case: Case) -> None:
    for path in (case.prefix / "conda-meta").iterdir():
        path.unlink()
    (case.prefix / "conda-meta").rmdir()
    with pytest.raises(UsageError, match="no conda environment"):
        case.install()


def test_another_version_of_a_pre_installed_conda_package_is_drift(case: Case) -> None:
    case.pre_installed.append(PreInstalled("conda", "openssl", "1.1.1"))
    write_conda_records(case.prefix, [CondaRecord("openssl", "3.0")])
    with pytest.raises(DifferenceError, match=r"conda openssl: 3\.0, the image has 1\.1\.1"):
        case.install()


def test_pip_over_conda_is_verified_as_pip_leaves_it(case: Case, wheelhouse: Path) -> None:
    case.add(make_wheel(wheelhouse, "demo", "3.0"), instead_of="2.0")
    case.install()
    assert installed(case.prefix)["demo"] == "3.0"
    case.install()
    assert case.said("nothing to do")


def test_a_replay_that_ended_in_the_conda_step_is_completed(case: Case) -> None:
    def end(event: ReplayEvent) -> None:
        if "linked" in words(event.fact):
            raise KeyboardInterrupt

    case.on_event = end
    with pytest.raises(KeyboardInterrupt):
        case.install()
    case.on_event = None
    case.install()
    assert installed(case.prefix) == {"added": "1.0", "demo": "2.0"}


class _KilledError(BaseException):
    """Stands for SIGKILL: nothing of ours handles it."""


_UNDESCRIBED = """
import os
from cortexlock.conda import linker
linker._describe = lambda *_, **__: os._exit(9)
linker.main()
"""


@pytest.mark.parametrize("moment", ["linked", "described", "noted in the history"])
def test_a_kill_between_the_links_and_the_receipt_leaves_no_trace(
    case: Case, monkeypatch: pytest.MonkeyPatch, moment: str, tmp_path: Path
) -> None:
    """What is linked already looks as locked, and what is recorded of it is not there yet."""

    def killed(*_: object, **__: object) -> None:
        raise _KilledError

    def linked(job: Mapping[str, object], env: Mapping[str, str], keep: Sequence[int]) -> None:
        if "info" in job:  # records are only read
            return
        done = process.run((sys.executable, "-c", _UNDESCRIBED), env=env, text=json.dumps(job), keep=keep)
        assert done.returncode == 9, done.output
        raise _KilledError

    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    case.install()
    whole = tree_of(case.prefix)
    shutil.rmtree(case.prefix)
    shutil.copytree(untouched, case.prefix, symlinks=True)
    with monkeypatch.context() as patched:
        if moment == "linked":
            patched.setattr(conda_install, "_run", linked)
        elif moment == "described":
            patched.setattr(history, "append", killed)
        else:
            patched.setattr(conda_step, "_check_python", killed)
        with pytest.raises(_KilledError):
            case.install()
    case.install()
    found = tree_of(case.prefix)
    assert sorted(path for path in {*whole, *found} if whole.get(path) != found.get(path)) == []


def test_a_damaged_conda_package_is_linked_anew(case: Case) -> None:
    case.install()
    (case.prefix / "lib" / "libdemo.so").write_text("damage")
    (case.prefix / SITE / "demo.py").unlink()
    case.install()
    assert case.said("linked 2 packages")
    assert (case.prefix / "lib" / "libdemo.so").read_text() == "binary"
    assert case.run("import demo; print(demo.BY)") == "conda"
    case.install()
    assert case.said("nothing to do")


def test_a_python_that_is_not_the_one_that_was_linked_is_an_error(case: Case) -> None:
    other = "3.7.7" if sys.version_info[:2] != (3, 7) else "3.8.0"
    package = Package("python", other, files={"share/python.txt": "no interpreter"})
    write_channel(case.directory / "channel2", [package])
    case.conda = [replace(locked(package, archive(package)), channel="./channel2", action="change")]
    case.packages.clear()
    lockfile = replace(case.lockfile, channels=("./channel2",))
    with pytest.raises(StepError, match=rf"package of Python {re.escape(other)} was linked, and the prefix's"):
        case.install(lockfile=lockfile)


def test_files_of_others_that_conda_writes_over_are_told(case: Case, wheelhouse: Path) -> None:
    case.pre_install(make_wheel(wheelhouse, "owner", "1.0", modules={"owner.py": "BY = 'pip'\n", "other.py": ""}))
    case.pre_installed.append(PreInstalled("pip", "owner", "1.0"))
    packages = [
        Package("first", files={f"{SITE}/owner.py": "BY = 'conda'\n", "share/common.txt": "first"}),
        Package("second", files={"share/common.txt": "second"}),
    ]
    write_channel(case.directory / "channel2", packages)
    case.conda += [replace(locked(each, archive(each)), channel="./channel2") for each in packages]
    case.install(lockfile=replace(case.lockfile, channels=("./channel", "./channel2")))
    assert case.said(f"note: owner has files that conda packages have too: {SITE}/owner.py")
    assert case.said("note: share/common.txt of the conda package second was not linked: another conda package has it")
    assert not case.said("other.py")
    assert case.run("import owner; print(owner.BY)") == "conda"


def test_pip_over_a_distribution_whose_files_are_in_another_package(case: Case, wheelhouse: Path) -> None:
    base = replace(_python_package("demo", "2.0", **{"bin/demo-tool": "conda's\n"}), name="demo-base")
    packages = [Package("demo", "2.0"), base, Package("libdemo", files={"lib/libdemo.so": "binary"}, suffix=".conda")]
    write_channel(case.directory / "channel", packages)
    case.conda = [replace(each, sha256="") for each in case.conda if each.name == "python"]
    case.conda += [locked(package, archive(package)) for package in packages]
    case.conda[1] = replace(
        case.conda[1], action="change", replaces=(Replaced("pip", "1.0"),), distributions=(Pin("demo", "2.0"),)
    )
    case.add(make_wheel(wheelhouse, "demo", "3.0"), instead_of="2.0")
    case.install()
    assert installed(case.prefix)["demo"] == "3.0"
    case.install()
    assert case.said("nothing to do")
    (case.prefix / "lib" / "libdemo.so").write_text("damage")
    case.install()
    assert case.said("linked 1 package")
    assert (case.prefix / "lib" / "libdemo.so").read_text() == "binary"
