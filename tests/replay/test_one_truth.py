"""`install` and `verify` never disagree: the same facts, words and verdict, whatever happened to the prefix."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.comparison_report import lines_of
from cortexlock.cli.replay_words import words
from cortexlock.errors import DifferenceError, IntegrityError, UsageError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import Conflict
from cortexlock.replay.prefix.problem import Comparison
from cortexlock.replay.verify import verify_prefix
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, locked, make_case, tree_of
from tests.support.wheels import make_sdist, make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    """Return a captured image that has `kept`, and a lockfile that adds `demo`."""
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.closure = "captured"
    case.pre_install(make_wheel(wheelhouse, "kept", "1.0", modules={"kept/__init__.py": "", "kept/a.py": "a = 1\n"}))
    case.pre_installed.append(PreInstalled("pip", "kept", "1.0"))
    case.add(make_wheel(wheelhouse, "demo", "1.0", modules={"demo/__init__.py": "", "demo/a.py": "a = 1\n"}))
    return case


def _site(case: Case) -> Path:
    return next(case.prefix.glob("lib/python*/site-packages"))


def _verify(case: Case) -> Comparison:
    """Compare, and check that the last replay has said the same, note for note."""
    found = verify_prefix(case.lockfile, case.prefix, {})
    assert case.done is not None
    assert found == case.done.comparison
    return found


def _compiled(case: Case, name: str) -> Path:
    path = _site(case) / name / "__pycache__" / "a.cpython-36.pyc"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(16))
    return path


def test_byte_code_is_nobody_s_difference(case: Case) -> None:
    """Of the image, of what is locked; with a hash in RECORD, altered, gone, added."""
    listed = _compiled(case, "kept")
    record = _site(case) / "kept-1.0.dist-info" / "RECORD"
    digest = base64.urlsafe_b64encode(hashlib.sha256(listed.read_bytes()).digest()).rstrip(b"=").decode()
    record.write_text(f"{record.read_text()}kept/__pycache__/a.cpython-36.pyc,sha256={digest},16\n")
    listed.write_bytes(b"other")
    case.install()
    assert not _verify(case).differs
    listed.unlink()
    _compiled(case, "demo")
    case.install()
    assert case.said("nothing to do")
    assert not _verify(case).differs


def _user_package(case: Case, wheelhouse: Path) -> None:
    case.pre_install(make_wheel(wheelhouse, "mine", "1.0", requires=["absent"]))


def _module(case: Case, _wheelhouse: Path) -> None:
    (_site(case) / "x.py").write_text("x = 1\n")


def _pth(case: Case, _wheelhouse: Path) -> None:
    (_site(case) / "x.pth").write_text("import os\n")


def _inside(case: Case, _wheelhouse: Path) -> None:
    (_site(case) / "kept" / "more.py").write_text("x = 1\n")


def _link(case: Case, _wheelhouse: Path) -> None:
    (_site(case) / "linked").symlink_to("/")


STRANGERS = [_user_package, _module, _pth, _inside, _link]


@pytest.mark.parametrize("strange", STRANGERS)
def test_what_is_strange_is_a_difference_until_it_is_allowed_or_removed(
    case: Case, wheelhouse: Path, strange: Callable[[Case, Path], None]
) -> None:
    case.install()
    before = tree_of(case.prefix)
    strange(case, wheelhouse)
    case.install()
    assert _verify(case).of("extra")
    case.install(allow_drift=True)
    found = _verify(case)
    assert not found.differs
    assert {each.part for each in found.allowed} >= {"extra"}
    case.install()  # what was allowed stays so, and is still named
    assert _verify(case).allowed == found.allowed
    case.install(exact=True)
    found = _verify(case)
    assert (found.differs, found.allowed) == (False, ())
    after = tree_of(case.prefix)
    assert {path for path in before if "receipt" not in path} == {path for path in after if "receipt" not in path}
    case.install(exact=True)
    assert case.said("nothing to do")


def test_what_was_allowed_is_a_difference_again_once_it_is_another(case: Case, wheelhouse: Path) -> None:
    case.install()
    _pth(case, wheelhouse)
    case.install(allow_drift=True)
    (_site(case) / "x.pth").write_text("import sys\n")
    case.install()
    assert lines_of(_verify(case).of("extra")) == ("x.pth in site-packages is of no package",)


def test_strangers_in_a_captured_image_at_the_first_replay(case: Case, wheelhouse: Path) -> None:
    _user_package(case, wheelhouse)
    case.install()
    assert lines_of(_verify(case).of("extra")) == ("pip mine 1.0",)
    case.install(exact=True)
    assert not _verify(case).differs
    assert installed(case.prefix) == {"demo": "1.0", "kept": "1.0"}


def test_a_bare_environment_in_place_of_the_image(case: Case, wheelhouse: Path) -> None:
    case.conflicts.append(Conflict("never", "1", "never", ""))
    case.packages.clear()
    case.add(make_wheel(wheelhouse, "on-top", "1.0", requires=["kept"]))
    shutil.rmtree(_site(case) / "kept")
    shutil.rmtree(_site(case) / "kept-1.0.dist-info")
    with pytest.raises(DifferenceError, match=r"pip kept: not there, the image has 1\.0"):
        case.install()
    case.install(allow_drift=True)
    found = _verify(case)
    assert lines_of(found.allowed) == (
        "on-top 1.0 requires kept, it is not there",
        "pip kept: not there, the image has 1.0",
    )
    assert not found.differs
    case.install()
    assert _verify(case) == found


def test_another_python_is_a_difference_for_both(case: Case) -> None:
    case.install()
    lockfile = replace(case.lockfile, python="3.6.9")
    found = verify_prefix(lockfile, case.prefix, {})
    (line,) = lines_of([each for each in found.problems if each.kind == "python"])
    with pytest.raises(DifferenceError) as caught:
        case.install(lockfile=lockfile)
    assert caught.value.what == line


def _repacked(wheel: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Rewrite the members of a wheel; None leaves one out."""
    with zipfile.ZipFile(wheel) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            changed = change(name, content)
            if changed is not None:
                archive.writestr(name, changed)
    return wheel


@pytest.mark.parametrize(
    "record",
    [
        lambda text: text.replace("demo/a.py,sha256=", "demo/a.py,sha256=AAAA"),
        lambda text: text.replace("demo/a.py,sha256=", "demo/a.py,md5="),
        lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("demo/a.py")) + "\n",
        lambda text: f"{text}demo/not_there.py,sha256={'A' * 43},1\n",
    ],
    ids=["wrong", "unknown", "not listed", "listed and not there"],
)
def test_a_published_record_that_is_wrong(case: Case, wheelhouse: Path, record: Callable[[str], str]) -> None:
    """What the wheel holds is right, and what is altered later is found."""
    case.packages.clear()
    wheel = make_wheel(wheelhouse, "demo", "1.0", modules={"demo/__init__.py": "", "demo/a.py": "a = 1\n"})
    case.add(_repacked(wheel, lambda name, body: record(body.decode()).encode() if name.endswith("/RECORD") else body))
    case.install()
    assert _verify(case).problems == ()
    case.install()
    assert case.said("nothing to do")
    (_site(case) / "demo" / "a.py").write_text("a = 2\n")
    assert verify_prefix(case.lockfile, case.prefix, {}).differs
    case.install()
    found = _verify(case)
    assert (_site(case) / "demo" / "a.py").read_text() == "a = 1\n" or found.differs


def test_a_record_of_the_image_that_is_wrong(case: Case) -> None:
    record = _site(case) / "kept-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace("kept/a.py,sha256=", "kept/a.py,sha256=AAAA"))
    case.install()
    assert not _verify(case).differs
    (_site(case) / "kept" / "a.py").write_text("altered\n")
    case.install()
    assert lines_of(_verify(case).problems) == ("pip kept: kept/a.py differs",)


def test_a_package_that_leaves_the_lock_is_not_spoken_of_any_more(case: Case, wheelhouse: Path) -> None:
    case.add(make_wheel(wheelhouse, "rich", "1.0"))
    case.install()
    case.packages = [each for each in case.packages if each.name != "rich"]
    case.install()
    assert case.said("removing rich 1.0")
    assert not [event for event in case.events if event.kind == "note" and "rich" in words(event.fact)]
    assert not _verify(case).differs


@pytest.mark.parametrize("by", ["requirements.txt", "first"])
def test_of_two_wheels_with_one_path_the_later_has_it(case: Case, wheelhouse: Path, by: str) -> None:
    """The later is the one that pip installs later: by name backwards, and after what it requires."""
    case.packages.clear()
    for name in ("first", "second"):
        wheel = make_wheel(wheelhouse, name, "1.0", modules={f"{name}.py": "", "both/x.py": name})
        asked = by if name == "second" else "requirements.txt"
        case.packages.append(replace(locked(wheel), by=(asked,)))
    case.install()
    both = _site(case) / "both" / "x.py"
    assert both.read_text() == "first"
    assert not _verify(case).differs
    assert case.said("which pip installs later")
    both.write_text("second")
    case.install()
    assert both.read_text() == "first"
    case.packages = [each for each in case.packages if each.name != "first"]
    case.install()
    assert both.read_text() == "second"
    assert not _verify(case).differs


_METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"METADATA": _METADATA.replace("demo", "other")}, "other"),
        ({"METADATA": _METADATA.replace("Name: demo\n", "")}, "Name|name"),
        ({"METADATA": _METADATA.replace("1.0", "2.0")}, "2.0"),
        ({"WHEEL": None}, "WHEEL"),
        ({"WHEEL": "Wheel-Version: 9.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}, "9.0|version"),
        ({"entry_points.txt": "[console_scripts]\npython = demo:main\n"}, "python"),
        ({"entry_points.txt": "[console_scripts]\n  odd = demo:main\n  odder = demo:main\n"}, ""),
        ({"METADATA": f"{_METADATA}Requires-Dist: absent>=2\n"}, "absent"),
    ],
)
def test_what_the_installer_refuses_is_found_before_anything_is_touched(
    case: Case, wheelhouse: Path, changed: dict[str, str | None], what: str
) -> None:
    case.packages.clear()
    case.script = "touch ran\n"
    wheel = make_wheel(wheelhouse, "demo", "1.0", entry_points={"old": "demo:main"})

    def change(name: str, body: bytes) -> bytes | None:
        text = changed.get(name.rpartition("/")[2], "")
        return body if text == "" else None if text is None else text.encode()

    case.add(_repacked(wheel, change))
    before = {path for path in tree_of(case.prefix) if ".lock" not in path}
    if not what:  # whether it takes this one differs from one release of the installer to the next
        with suppress(IntegrityError):
            case.install()
            assert not _verify(case).differs
            return
    else:
        with pytest.raises(IntegrityError, match=what) as caught:
            case.install()
        assert "demo" in str(caught.value)
    assert {path for path in tree_of(case.prefix) if ".lock" not in path} == before
    assert not (case.directory / "ran").exists()


def test_an_unsafe_sdist_is_found_before_anything_is_touched(case: Case, wheelhouse: Path) -> None:
    case.packages.clear()
    case.script = "touch ran\n"
    sdist = make_sdist(wheelhouse, "demo", "1.0")
    with tarfile.open(sdist) as archive:
        members = [(member, archive.extractfile(member)) for member in archive]
        escape = tarfile.TarInfo("demo-1.0/escape")
        escape.type, escape.linkname = tarfile.SYMTYPE, str(case.prefix.parent)
        with tarfile.open(wheelhouse / "new.tar.gz", "w:gz") as written:
            for member, content in [*members, (escape, None)]:
                written.addfile(member, content)
    (wheelhouse / "new.tar.gz").replace(sdist)
    case.add(sdist)
    with pytest.raises(IntegrityError, match=r"escape .*leads out"):
        case.install()
    assert not (case.directory / "ran").exists()


def _directory(case: Case) -> None:
    (_site(case) / "demo" / "a.py").mkdir(parents=True)


def _file(case: Case) -> None:
    (_site(case) / "demo").write_text("")


def _outside(case: Case) -> None:
    outside = case.prefix.parent / "outside"
    outside.mkdir()
    (_site(case) / "demo").symlink_to(outside)


@pytest.mark.parametrize("obstacle", [_directory, _file, _outside])
def test_what_is_in_the_way_is_found_before_anything_is_touched(case: Case, obstacle: Callable[[Case], None]) -> None:
    case.script = "touch ran\n"
    obstacle(case)
    with pytest.raises(DifferenceError, match="in the way") as caught:
        case.install()
    assert "demo" in caught.value.what
    assert not (case.directory / "ran").exists()


@pytest.mark.parametrize("is_link", [True, False])
def test_what_is_in_the_way_of_a_command_is_found_before_anything_is_touched(
    case: Case, wheelhouse: Path, *, is_link: bool
) -> None:
    """No member of the archive tells of it: installers make it."""
    case.packages.clear()
    case.script = "touch ran\n"
    case.add(make_wheel(wheelhouse, "demo", "1.0", entry_points={"tool": "demo:main"}))
    outside = case.prefix.parent / "outside"
    if is_link:
        shutil.move(case.prefix / "bin", outside)
        (case.prefix / "bin").symlink_to(outside)
    else:
        (case.prefix / "bin" / "tool").mkdir()
    with pytest.raises(DifferenceError, match=r"bin.*and (bin/tool|a file of that name) is to be written"):
        case.install()
    assert not (case.directory / "ran").exists()
    assert not (outside / "tool").exists()


@pytest.mark.parametrize("place", ["demo", "share"])
def test_what_cannot_be_written_is_found_before_anything_is_touched(
    case: Case, wheelhouse: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.packages.clear()
    case.script = "touch ran\n"
    case.add(make_wheel(wheelhouse, "demo", "1.0", modules={"demo/a.py": ""}, data={"data/share/x": "x"}))
    directory = _site(case) / "demo" if place == "demo" else case.prefix / "share"
    directory.mkdir(exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != directory)
    with pytest.raises(UsageError, match=f"cannot be written: .*{place}"):
        case.install()
    assert not (case.directory / "ran").exists()


def test_byte_code_of_another_user_is_found_before_anything_is_touched(
    case: Case, wheelhouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No list has it, and the installer removes its directory with that of the package."""
    case.install()
    case.packages.clear()
    case.script = "touch ran\n"
    case.add(make_wheel(wheelhouse, "demo", "2.0", modules={"demo/a.py": ""}))
    compiled = _compiled(case, "demo").parent
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != compiled)
    with pytest.raises(UsageError, match=r"cannot be written: .*demo/__pycache__"):
        case.install()
    assert not (case.directory / "ran").exists()


def test_a_file_of_another_user_in_a_sticky_directory_is_found_before_anything_is_touched(
    case: Case, wheelhouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.packages.clear()
    case.script = "touch ran\n"
    case.add(make_wheel(wheelhouse, "demo", "1.0", modules={"demo/a.py": ""}))
    (_site(case) / "demo").mkdir()
    (_site(case) / "demo" / "a.py").write_text("another user's")
    (_site(case) / "demo").chmod(0o1777)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UsageError, match=r"cannot be written: .*demo/a\.py"):
        case.install()
    assert not (case.directory / "ran").exists()


def test_a_prefix_with_odd_characters_in_its_path(case: Case, tmp_path: Path) -> None:
    from tests.support.environments import make_venv  # noqa: PLC0415 - of this test only

    case.pre_installed.clear()
    case.prefix = make_venv(tmp_path / "a#b %41?c&'d")
    case.install()
    assert not _verify(case).differs
    assert case.run("import demo.a; print(demo.a.a)") == "1"


@pytest.mark.parametrize("at", ["demo/a.py", "demo-1.0.dist-info/RECORD", "demo-1.0.dist-info/METADATA"])
def test_what_is_altered_is_told_by_verify_and_set_right_by_install(case: Case, at: str) -> None:
    case.install()
    (_site(case) / at).write_text("altered\n")
    assert verify_prefix(case.lockfile, case.prefix, {}).of("locked")
    case.install()
    assert not _verify(case).differs


@pytest.mark.parametrize("listed", ["../../../../outside/secret", "{outside}/secret", "linked/secret"])
def test_a_record_that_leads_out_of_the_prefix_is_not_acted_upon(case: Case, listed: str) -> None:
    case.install()
    outside = case.prefix.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text("precious")
    (_site(case) / "linked").symlink_to(outside)
    record = _site(case) / "demo-1.0.dist-info" / "RECORD"
    record.write_text(f"{record.read_text()}{listed.format(outside=outside)},,\n")
    with pytest.raises(IntegrityError, match="outside the prefix"):
        case.install()
    assert (outside / "secret").read_text() == "precious"


@pytest.mark.parametrize(("name", "version"), [("devil", "1.0"), ("demo", "2.0")])
def test_a_file_of_another_distribution_is_found_before_anything_is_touched(
    case: Case, name: str, version: str
) -> None:
    case.install()  # whoever asks the index for a file of `devil` finds none: it is in the cache
    case.script = "touch ran\n"
    case.packages[-1] = replace(case.packages[-1], name=name, version=version)
    with pytest.raises(IntegrityError, match=r"demo-1\.0-py3-none-any\.whl is of demo 1\.0"):
        case.install()
    assert not (case.directory / "ran").exists()
