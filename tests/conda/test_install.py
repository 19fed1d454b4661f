"""Locked packages are linked into an environment, and nothing else is touched."""

from __future__ import annotations

import io
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import archive, prefix_records
from cortexlock.conda import prefix as environment
from cortexlock.conda.install import LinkPlace, check_readable, link
from cortexlock.errors import DifferenceError, IntegrityError, StepError
from tests.support import conda_packages
from tests.support.conda_packages import PLACEHOLDER, Member, Package

TOOL = Package("tool", files={"bin/tool": f"#!{PLACEHOLDER}/bin/sh\n", "share/tool.txt": "1"}, prefixed=["bin/tool"])
NEWER = Package("tool", "2.0", files={"share/tool.txt": "2", "share/more.txt": "2"}, suffix=".conda")
OTHER = Package("other", files={"share/other.txt": "other"})


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a file of the user's."""
    directory = tmp_path / "my prefix"
    (directory / "share").mkdir(parents=True)
    (directory / "share" / "mine.txt").write_text("mine")
    return directory


def _link(prefix: Path, *packages: Package, remove: tuple[str, ...] = ()) -> tuple[str, ...]:
    work = prefix.parent / "work"
    work.mkdir(exist_ok=True)
    archives = [conda_packages.write(prefix.parent / "archives", package) for package in packages]
    linked = link(archives, LinkPlace(prefix, work, os.environ), remove=remove)
    assert list(work.iterdir()) == []
    return linked


def _files(prefix: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(prefix)): path.read_bytes()
        for path in sorted(prefix.rglob("*"))
        if path.is_file() and path.name != "history"
    }


def test_packages_are_linked_and_recorded(prefix: Path) -> None:
    assert _link(prefix, TOOL, OTHER) == ("other", "tool")
    files = _files(prefix)
    assert set(files) == {
        "bin/tool",
        "conda-meta/other-1.0-0.json",
        "conda-meta/tool-1.0-0.json",
        "share/mine.txt",
        "share/other.txt",
        "share/tool.txt",
    }
    assert PLACEHOLDER.encode() not in files["bin/tool"]
    record = json.loads(files["conda-meta/tool-1.0-0.json"])
    assert record["channel"] == (prefix.parent / "archives").as_uri()
    assert record["url"] == (prefix.parent / "archives" / TOOL.file).as_uri()
    assert str(prefix.parent / "work") not in files["conda-meta/tool-1.0-0.json"].decode()
    found = environment.installed(prefix)["tool"]
    locked, _ = conda_packages.write(prefix.parent / "archives", TOOL)
    assert (found.version, found.build, found.sha256) == ("1.0", "0", locked.sha256)


def test_an_archive_whose_members_begin_with_a_dot_is_linked(prefix: Path) -> None:
    _, path = conda_packages.write(prefix.parent / "archives", OTHER)
    dotted = io.BytesIO()
    with tarfile.open(path) as before, tarfile.open(fileobj=dotted, mode="w:bz2") as after:
        for member in before:
            content = before.extractfile(member)
            member.name = f"./{member.name}"
            after.addfile(member, content)
    path.write_bytes(dotted.getvalue())
    package = conda_packages.locked(OTHER, dotted.getvalue())
    assert archive.verify(path, package).files == ("share/other.txt",)
    assert link([(package, path)], LinkPlace(prefix, prefix.parent, os.environ)) == ("other",)
    assert (prefix / "share" / "other.txt").read_text() == "other"
    assert environment.installed(prefix)["other"].sha256 == package.sha256


def test_a_second_time_changes_nothing(prefix: Path) -> None:
    _link(prefix, TOOL, OTHER)
    before = {path: path.stat().st_mtime_ns for path in sorted(prefix.rglob("*"))}
    assert _link(prefix, TOOL, OTHER) == ()
    assert {path: path.stat().st_mtime_ns for path in sorted(prefix.rglob("*"))} == before


def test_another_version_replaces_the_one_that_is_there(prefix: Path) -> None:
    _link(prefix, TOOL, OTHER)
    assert _link(prefix, NEWER, OTHER) == ("tool",)
    files = _files(prefix)
    assert files["share/tool.txt"] == b"2"
    assert "bin/tool" not in files
    assert "conda-meta/tool-1.0-0.json" not in files
    assert files["share/other.txt"] == b"other"
    assert files["share/mine.txt"] == b"mine"


def test_another_archive_of_the_same_build_replaces_it(prefix: Path) -> None:
    _link(prefix, TOOL)
    rebuilt = Package("tool", files={"share/tool.txt": "rebuilt"})
    assert _link(prefix, rebuilt) == ("tool",)
    assert _files(prefix)["share/tool.txt"] == b"rebuilt"


def test_what_is_there_and_not_in_the_list_stays(prefix: Path) -> None:
    _link(prefix, OTHER)
    before = _files(prefix)
    _link(prefix, TOOL)
    after = _files(prefix)
    assert {path: after[path] for path in before} == before


def test_packages_are_removed_by_name(prefix: Path) -> None:
    _link(prefix, TOOL, OTHER)
    assert _link(prefix, OTHER, remove=("tool", "absent")) == ()
    assert set(environment.installed(prefix)) == {"other"}
    assert "share/tool.txt" not in _files(prefix)


def test_a_link_that_was_cut_short_is_completed(prefix: Path) -> None:
    _link(prefix, TOOL, OTHER)
    (prefix / "conda-meta" / "tool-1.0-0.json").unlink()  # files are linked before the record is written
    assert _link(prefix, TOOL, OTHER) == ("tool",)
    assert environment.verify(prefix, [conda_packages.write(prefix.parent / "archives", TOOL)[0]]) == ()


def test_link_scripts_do_not_run(prefix: Path) -> None:
    script = f"#!/bin/sh\ntouch {prefix.parent}/ran\n"
    scripts = {f"bin/.tool-{when}.sh": script for when in ("pre-link", "post-link", "pre-unlink")}
    _link(prefix, Package("tool", files=scripts))
    _link(prefix, remove=("tool",))
    assert not (prefix.parent / "ran").exists()


def _with_script(when: str, text: str) -> Package:
    return Package("tool", index={"build_number": 4}, files={f"bin/.tool-{when}.sh": text, "share/tool.txt": "1"})


def test_a_link_script_runs_as_conda_runs_it(prefix: Path) -> None:
    text = 'echo "$PWD|$PREFIX|$PKG_NAME|$PKG_VERSION|$PKG_BUILDNUM|${PATH%%:*}" > "$PREFIX/said"\n'
    tool = conda_packages.write(prefix.parent / "archives", _with_script("post-link", text))
    link([tool], LinkPlace(prefix, prefix.parent, os.environ), scripts=True)
    root = prefix.resolve()
    assert (prefix / "said").read_text() == f"{root}/bin|{root}|tool|1.0|4|{root}/bin\n"
    assert environment.installed(prefix)["tool"].sha256 == tool[0].sha256


def test_a_link_script_that_fails_is_an_error_with_its_output_and_runs_again(prefix: Path) -> None:
    text = 'echo "out of order"; test -e "$PREFIX/share/ready" || exit 3\n'
    archives = [
        conda_packages.write(prefix.parent / "archives", each) for each in (_with_script("post-link", text), OTHER)
    ]

    def tried() -> tuple[str, ...]:
        return link(archives, LinkPlace(prefix, prefix.parent, os.environ), scripts=True)

    with pytest.raises(StepError, match=r"bin/\.tool-post-link\.sh ended with code 3:\nout of order") as caught:
        tried()
    assert "--allow-link-scripts" in str(caught.value.hint)
    (prefix / "share" / "ready").touch()
    assert tried() == ("tool",)
    assert tried() == ()


def test_a_script_that_fails_before_its_package_is_unlinked_leaves_all_as_it_was(prefix: Path) -> None:
    _link(prefix, _with_script("pre-unlink", "exit 1\n"))
    before = _files(prefix)
    with pytest.raises(StepError, match=r"bin/\.tool-pre-unlink\.sh ended with code 1"):
        link([], LinkPlace(prefix, prefix.parent, os.environ), remove=["tool"], scripts=True)
    assert _files(prefix) == before


def test_records_say_what_conda_writes_into_them(prefix: Path) -> None:
    archives = [conda_packages.write(prefix.parent / "archives", each) for each in (TOOL, OTHER)]
    unhashed = [(replace(package, md5=""), path) for package, path in archives]
    link(unhashed, LinkPlace(prefix, prefix.parent, os.environ), specs=["main::tool[version='>=1']"])
    for (package, path), asked in zip(archives, ("main::tool[version='>=1']", "None"), strict=True):
        record = json.loads((prefix / "conda-meta" / f"{package.name}-1.0-0.json").read_bytes())
        assert {key: record[key] for key in ("fn", "md5", "sha256", "size", "requested_spec")} == {
            "fn": package.file,
            "md5": package.md5,
            "sha256": package.sha256,
            "size": package.size,
            "requested_spec": asked,
        }
        assert record["url"] == path.as_uri()
        assert record["url"] == f"{record['channel']}/{record['fn']}"


def test_another_archive_than_the_verified_one_fails(prefix: Path) -> None:
    locked, path = conda_packages.write(prefix.parent / "archives", TOOL)
    path.write_bytes(conda_packages.archive(NEWER))
    (prefix.parent / "work").mkdir()
    with pytest.raises(StepError, match=r"conda step: conda packages could not be linked \(exit code 1\)"):
        link([(locked, path)], LinkPlace(prefix, prefix.parent / "work", os.environ))
    assert "conda-meta" not in {path.name for path in prefix.iterdir()}


def test_an_abort_of_the_child_is_a_message(prefix: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'memory allocation failed' >&2\nkill -ABRT $$\n")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(StepError, match=r"\(exit code -6\):\nmemory allocation failed"):
        _link(prefix, TOOL)


def test_a_package_of_a_named_channel_is_recorded_with_its_address(prefix: Path) -> None:
    content = conda_packages.archive(TOOL)
    path = prefix.parent / TOOL.file
    path.write_bytes(content)
    locked = conda_packages.locked(TOOL, content, channel="conda-forge")
    (prefix.parent / "work").mkdir()
    link([(locked, path)], LinkPlace(prefix, prefix.parent / "work", os.environ))
    record = json.loads((prefix / "conda-meta" / "tool-1.0-0.json").read_text())
    assert record["url"].endswith(f"/conda-forge/linux-64/{TOOL.file}")
    assert record["channel"] == record["url"].removesuffix(f"/{TOOL.file}")


@pytest.mark.parametrize(
    ("name", "channel", "place"),
    [("tool", "defaults", "/pkgs/main/"), ("r-base", "defaults", "/pkgs/r/"), ("tool", "./channel", "/my/channel/")],
)
def test_the_address_is_that_of_the_channel_and_not_of_a_cache(
    prefix: Path, name: str, channel: str, place: str
) -> None:
    package = Package(name)
    content = conda_packages.archive(package)
    path = prefix.parent / "0123abcd"
    path.write_bytes(content)
    locked = conda_packages.locked(package, content, channel=channel)
    (prefix.parent / "work").mkdir()
    link([(locked, path)], LinkPlace(prefix, prefix.parent / "work", os.environ), project=Path("/my"))
    record = json.loads((prefix / "conda-meta" / f"{name}-1.0-0.json").read_text())
    assert record["url"].endswith(f"{place}linux-64/{package.file}")


def test_a_history_has_what_was_asked_for_and_a_second_time_changes_nothing(prefix: Path) -> None:
    work = prefix.parent / "work"
    work.mkdir()
    archives = [conda_packages.write(prefix.parent / "archives", TOOL)]
    for _ in range(2):
        link(archives, LinkPlace(prefix, work, os.environ), specs=["tool"], damaged={"tool"})
        assert (prefix / "conda-meta" / "history").read_text() == (
            "==> 2020-01-26 00:53:20 <==\n# cmd: cortexlock install\n+./channel/linux-64::tool-1.0-0\n"
            "# update specs: ['tool']\n"
        )


@pytest.mark.parametrize("wrong", [{"fn": None}, {"build_number": "x"}, {"version": "1..0"}, {"depends": 5}])
def test_a_record_that_the_linker_cannot_read_is_named(prefix: Path, wrong: dict[str, object]) -> None:
    """Found by itself, before anything is touched, and where it comes to be so in between."""
    check_readable(prefix, {}, {})
    _link(prefix, TOOL)
    check_readable(prefix, os.environ, {})
    path = prefix / "conda-meta" / "tool-1.0-0.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **wrong}))
    files = _files(prefix)
    with pytest.raises(DifferenceError, match="the record cannot be read: ") as caught:
        check_readable(prefix, os.environ, {})
    assert caught.value.where == str(path)
    with pytest.raises(DifferenceError, match="the record cannot be read: "):
        _link(prefix, OTHER)
    assert _files(prefix) == files


@pytest.mark.parametrize("timestamp", [-(10**12), 253_402_300_799, 10**15])
def test_an_archive_that_the_linker_cannot_read_is_named(prefix: Path, timestamp: int) -> None:
    package = Package("tool", files={"share/tool.txt": ""}, timestamp=timestamp)
    locked, path = conda_packages.write(prefix.parent / "archives", package)
    listing = archive.verify(path, locked)
    with pytest.raises(IntegrityError, match=r"info/index\.json cannot be read by what links it: ") as told:
        check_readable(prefix, os.environ, {locked.file: listing})
    assert told.value.where == "tool-1.0-0.tar.bz2"


def test_a_history_that_is_a_link_to_nothing(prefix: Path) -> None:
    path = prefix / "conda-meta" / "history"
    path.parent.mkdir()
    path.symlink_to(prefix.parent / "outside")
    with pytest.raises(DifferenceError, match="leads nowhere") as caught:
        check_readable(prefix, os.environ, {})
    assert caught.value.where == str(path)


def test_nothing_to_do_starts_nothing(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent")
    assert link([], LinkPlace(prefix, prefix.parent, {})) == ()


def test_a_package_whose_hash_nobody_recorded_is_linked_anew(prefix: Path) -> None:
    _link(prefix, TOOL)
    record = prefix / "conda-meta" / "tool-1.0-0.json"
    content = json.loads(record.read_text())
    del content["sha256"], content["md5"]
    record.write_text(json.dumps(content))
    assert _link(prefix, TOOL) == ("tool",)
    assert isinstance(environment.installed(prefix)["tool"], environment.InstalledPackage)


def test_modules_of_the_project_are_not_taken_for_ours(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "rattler", "cortexlock"):
        (prefix.parent / f"{name}.py").write_text("raise SystemExit('the project has the say')\n")
    monkeypatch.chdir(prefix.parent)
    assert _link(prefix, TOOL) == ("tool",)


def test_files_of_two_packages_are_told(prefix: Path) -> None:
    first = Package("first", files={"share/common.txt": "first", "share/first.txt": "first"})
    second = Package("second", files={"share/common.txt": "second"})
    _link(prefix, first, second)
    assert environment.clobbered(prefix_records.read(prefix).values()) == (("second", "share/common.txt"),)
    assert _files(prefix)["share/common.txt"] == b"first"
    locked = [conda_packages.write(prefix.parent / "archives", package)[0] for package in (first, second)]
    assert environment.verify(prefix, locked) == ()


def test_links_are_right_where_they_lead_to_the_environments_path_too(prefix: Path) -> None:
    links = {"bin/t": Member(tarfile.SYMTYPE, "tool"), "share/t.txt": Member(tarfile.SYMTYPE, "tool.txt")}
    package = Package("tool", files={**dict(TOOL.files), **links}, prefixed=["bin/tool"])
    _link(prefix, package)
    locked, _ = conda_packages.write(prefix.parent / "archives", package)
    assert environment.verify(prefix, [locked]) == ()
    for name in links:
        (prefix / name).unlink()
        (prefix / name).symlink_to("/etc/hostname")
    assert environment.verify(prefix, [locked]) == ("tool: bin/t was changed", "tool: share/t.txt was changed")
