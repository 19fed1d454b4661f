"""The whole replay in a small environment of the interpreter that runs the tests, against an index on loopback."""

from __future__ import annotations

import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.comparison_report import lines_of
from cortexlock.cli.replay_words import words
from cortexlock.errors import DifferenceError, IntegrityError, NetworkError, StepError, UsageError
from cortexlock.lockfile.document import to_document
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import PipPackage
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay import install
from cortexlock.replay.install import plan
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from cortexlock.replay.prefix.receipt import read_receipt, write_receipt
from tests.support.environments import make_venv
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_sdist, make_tree, make_wheel


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer) -> Case:
    return make_case(tmp_path, index_url=index_server.simple_url)


@pytest.fixture
def demo(case: Case, wheelhouse: Path) -> Path:
    wheel = make_wheel(wheelhouse, "demo", "1.0", requires=["other>=2"], entry_points={"demo": "demo:main"})
    case.add(wheel)
    case.add(make_wheel(wheelhouse, "other", "2.1"))
    return wheel


def _touched(case: Case) -> dict[str, bytes]:
    """Return what is in the prefix, but for the lock."""
    return {name: content for name, content in tree_of(case.prefix).items() if name != LOCK_NAME}


def _renew(case: Case) -> None:
    """Start again with an empty prefix."""
    shutil.rmtree(case.prefix)
    make_venv(case.prefix)


def test_wheels_are_installed_as_locked(case: Case, demo: Path) -> None:
    receipt = case.install()
    assert installed(case.prefix) == {"demo": "1.0", "other": "2.1"}
    assert case.run("import demo, other; print(demo.__version__, other.__version__)") == "1.0 2.1"
    assert (case.prefix / "bin" / "demo").is_file()
    assert receipt.state == "completed"
    assert receipt.content_hash == to_document(case.lockfile)["content-hash"]
    assert receipt.installed == {"conda": {}, "pip": {"demo": "1.0", "other": "2.1"}}
    assert read_receipt(case.prefix) == receipt


def test_no_installed_file_is_a_hard_link_or_tells_the_machine(case: Case, demo: Path) -> None:
    case.install()
    for name, content in tree_of(case.prefix).items():
        assert (case.prefix / name).stat().st_nlink == 1
        assert str(case.cache).encode() not in content, name
    site = next(case.prefix.glob("lib/python3*/site-packages"))
    assert not list(site.glob("*/direct_url.json"))
    assert not list(site.glob("*/uv_cache.json"))


def test_two_replays_give_the_same_bytes(case: Case, demo: Path) -> None:
    case.install()
    first = _touched(case)
    _renew(case)
    case.install()
    second = _touched(case)
    assert second == first


def test_a_second_replay_does_nothing(case: Case, demo: Path, index_server: IndexServer) -> None:
    first = case.install()
    before = tree_of(case.prefix)
    asked = len(index_server.requests)
    assert plan(case.project, case.lockfile, case.options()).is_done
    assert case.install() == first
    assert case.said("nothing to do")
    assert not [event for event in case.events if event.kind == "command"]
    assert tree_of(case.prefix) == before
    assert len(index_server.requests) == asked


def test_a_damaged_file_is_set_right_by_the_next_replay(case: Case, demo: Path) -> None:
    case.install()
    site = next(case.prefix.glob("lib/python3*/site-packages"))
    (site / "demo.py").write_text("broken")
    planned = plan(case.project, case.lockfile, case.options())
    assert [package.name for step in planned.steps for package in step.pip] == ["demo"]
    case.install()
    assert case.run("import demo; print(demo.__version__)") == "1.0"


def test_a_cached_file_serves_another_prefix_without_the_index(
    case: Case, demo: Path, tmp_path: Path, index_server: IndexServer
) -> None:
    case.install()
    asked = len(index_server.requests)
    (tmp_path / "second").mkdir()
    other = make_case(tmp_path / "second", index_url=case.index_url)
    other.cache = case.cache
    other.packages = case.packages
    other.install()
    assert installed(other.prefix) == {"demo": "1.0", "other": "2.1"}
    assert len(index_server.requests) == asked


def test_a_tampered_cache_entry_is_fetched_again(case: Case, demo: Path, index_server: IndexServer) -> None:
    case.install()
    entry = next(case.cache.rglob(demo.name))
    entry.write_bytes(entry.read_bytes() + b"x")
    _renew(case)
    case.install()
    assert entry.read_bytes() == demo.read_bytes()
    assert len(index_server.asked_for(demo.name)) == 2


def test_wrong_bytes_from_the_index_are_refused_and_nothing_is_touched(
    case: Case, demo: Path, index_server: IndexServer
) -> None:
    before = _touched(case)
    index_server.fail(demo.name, "wrong-bytes")
    with pytest.raises(IntegrityError) as caught:
        case.install()
    assert caught.value.where == f"demo 1.0 ({demo.name})"
    assert "index `default`" in caught.value.what
    assert _touched(case) == before
    assert not list(case.cache.rglob(demo.name))


@pytest.mark.parametrize("kind", ["not-found", "error", "truncated"])
def test_an_index_that_fails_is_a_network_error_and_nothing_is_touched(
    case: Case, demo: Path, index_server: IndexServer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "BACKOFF", 0)
    before = _touched(case)
    index_server.fail(demo.name, kind)  # type: ignore[arg-type]  # of the kinds above
    with pytest.raises(NetworkError) as caught:
        case.install()
    assert caught.value.where == f"demo 1.0 ({demo.name})"
    assert "index `default`" in caught.value.what
    assert _touched(case) == before


def test_a_download_that_breaks_off_is_tried_again(case: Case, demo: Path, index_server: IndexServer) -> None:
    index_server.fail(demo.name, "truncated", times=1)
    case.install()
    assert installed(case.prefix)["demo"] == "1.0"


def test_credentials_of_the_index_reach_it_and_no_message(
    case: Case, demo: Path, wheelhouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "BACKOFF", 0)
    with IndexServer(wheelhouse, auth=("user", "s3cr3t")) as server:
        case.index_url = server.with_auth(server.simple_url)
        server.fail(demo.name, "error", times=4)
        with pytest.raises(NetworkError) as caught:
            case.install()
        assert "s3cr3t" not in str(caught.value)
        case.install()
    assert installed(case.prefix)["demo"] == "1.0"
    for root in (case.prefix, case.cache):
        assert not [name for name, content in tree_of(root).items() if b"s3cr3t" in content]
    assert not any("s3cr3t" in words(event.fact) for event in case.events)


def test_a_stale_lockfile_is_refused(case: Case, demo: Path) -> None:
    lockfile = case.lockfile
    (case.directory / "requirements.txt").write_text("demo\nmore\n")
    with pytest.raises(DifferenceError, match=r"(?s)stale.*requirements\.txt"):
        case.install(lockfile=lockfile)


def test_all_drift_is_listed_in_one_error(case: Case, demo: Path, wheelhouse: Path) -> None:
    case.pre_installed += [PreInstalled("pip", name, "1.0") for name in ("absent", "present", "setuptools")]
    present = make_wheel(wheelhouse, "present", "2.0")
    extra = make_wheel(wheelhouse, "extra", "1.0")
    case.pre_install(present, extra)
    before = _touched(case)
    with pytest.raises(DifferenceError) as caught:
        case.install()
    assert "pip absent: not there, the image has 1.0" in caught.value.what
    assert "pip present: 2.0, the image has 1.0" in caught.value.what
    assert "setuptools" not in caught.value.what
    assert "--allow-drift" in (caught.value.hint or "")
    assert _touched(case) == before
    case.install(allow_drift=True)
    assert case.differences() == ()
    assert case.done is not None
    assert lines_of(case.done.comparison.allowed) == (
        "pip extra 1.0",
        "pip absent: not there, the image has 1.0",
        "pip present: 2.0, the image has 1.0",
    )
    assert installed(case.prefix)["demo"] == "1.0"


def test_what_the_replay_changes_is_no_drift_afterwards(case: Case, wheelhouse: Path) -> None:
    old = make_wheel(wheelhouse, "demo", "0.9")
    case.pre_installed.append(PreInstalled("pip", "demo", "0.9"))
    case.pre_install(old)
    case.add(make_wheel(wheelhouse, "demo", "1.0"), instead_of="0.9")
    case.install()
    assert installed(case.prefix) == {"demo": "1.0"}
    case.install()
    assert case.said("nothing to do")


def test_drift_after_a_completed_replay_is_found(case: Case, demo: Path, wheelhouse: Path) -> None:
    kept = make_wheel(wheelhouse, "kept", "1.0")
    case.pre_installed.append(PreInstalled("pip", "kept", "1.0"))
    case.pre_install(kept)
    case.install()
    case.pre_install(make_wheel(wheelhouse, "kept", "3.0"))
    with pytest.raises(DifferenceError, match=r"pip kept: 3\.0, the image has 1\.0"):
        case.install()


def test_a_script_runs_first_in_the_project_with_the_prefix_s_programs(case: Case, demo: Path) -> None:
    case.script = "echo from $PWD with $(command -v python)\npython -c 'import demo' || touch not-yet\n"
    case.install()
    assert case.said(f"from {case.directory} with {case.prefix / 'bin' / 'python'}")
    assert (case.directory / "not-yet").exists()
    case.install()
    assert case.said("nothing to do")


def test_a_failing_script_ends_the_replay_with_its_output(case: Case, demo: Path) -> None:
    case.script = "echo before\nfalse\necho after\n"
    with pytest.raises(StepError, match="before") as caught:
        case.install()
    assert "after" not in caught.value.what
    assert caught.value.where == "script.sh"
    assert installed(case.prefix) == {}


def test_a_script_that_takes_away_what_is_kept_ends_the_replay(case: Case, demo: Path, wheelhouse: Path) -> None:
    kept = make_wheel(wheelhouse, "kept", "1.0")
    case.packages.append(PipPackage("kept", "1.0", action="keep"))
    case.pre_installed.append(PreInstalled("pip", "kept", "1.0"))
    case.pre_install(kept)
    case.script = f"rm -r {case.prefix}/lib/python*/site-packages/kept*\n"
    with pytest.raises(DifferenceError, match=r"(?s)keeps of the image:.*pip kept 1\.0: not there any more"):
        case.install()
    assert case.said("script.sh: pip kept 1.0 removed")
    assert installed(case.prefix) == {}


@pytest.mark.parametrize(("release", "sources"), [("0.17.1", False), ("0.18.0", True), ("own", False)])
def test_the_script_sees_the_project_s_variables(case: Case, demo: Path, release: str, *, sources: bool) -> None:
    case.script = "echo said ${SAID-nothing}\n"
    (case.directory / ".env").write_text("SAID=hello\n")
    lockfile = case.lockfile
    case.install(lockfile=replace(lockfile, predictor=replace(lockfile.predictor, cortex_version=release)))
    assert case.said("said hello" if sources else "said nothing")


def test_a_replay_that_ended_half_way_is_completed(case: Case, demo: Path) -> None:
    case.script = "echo run >> runs\n"

    def end(event: ReplayEvent) -> None:
        if event.step == "pip":
            raise KeyboardInterrupt

    case.on_event = end
    with pytest.raises(KeyboardInterrupt):
        case.install()
    receipt = read_receipt(case.prefix)
    assert receipt is not None
    assert (receipt.state, receipt.steps) == ("started", ("script",))
    case.on_event = None
    assert case.install().state == "completed"
    assert case.said("half-way")
    assert (case.directory / "runs").read_text() == "run\n"
    assert installed(case.prefix) == {"demo": "1.0", "other": "2.1"}


def test_a_script_that_has_run_is_not_run_again_for_another_lockfile(case: Case, demo: Path, wheelhouse: Path) -> None:
    case.script = "echo run >> runs\n"
    ran = case.install().script
    case.add(make_wheel(wheelhouse, "more", "1.0"))
    assert case.install().script == ran
    assert case.said("script.sh has run here before")
    assert installed(case.prefix)["more"] == "1.0"
    other = replace(case.lockfile, predictor=replace(case.lockfile.predictor, image="python-predictor-gpu"))
    case.install(lockfile=other)
    assert case.said("the last replay here was for python-predictor-cpu on cpu")
    assert (case.directory / "runs").read_text() == "run\n"
    case.script = "echo other >> runs\n"
    case.install()
    assert (case.directory / "runs").read_text() == "run\nother\n"


def test_an_sdist_is_built_once_with_its_locked_build_requirements(
    case: Case, wheelhouse: Path, index_server: IndexServer
) -> None:
    package = case.add(make_sdist(wheelhouse, "demo", "1.0", modules={"demo.py": "__version__ = '1.0'\n"}))
    case.install()
    assert case.run("import demo; print(demo.__version__)") == "1.0"
    assert case.said("building demo 1.0")
    assert read_receipt(case.prefix).pip == {"demo": package.sha256}  # type: ignore[union-attr]  # written above
    case.install()
    assert case.said("nothing to do")


def test_a_local_tree_is_built_of_a_copy(case: Case) -> None:
    make_tree(case.directory / "pkg", "demo", "1.0", modules={"demo.py": "__version__ = 'tree'\n"})
    before = tree_of(case.directory / "pkg")
    case.add_tree("pkg", "demo", "1.0")
    case.install()
    assert case.run("import demo; print(demo.__version__)") == "tree"
    assert tree_of(case.directory / "pkg") == before


def test_a_changed_local_tree_is_refused(case: Case) -> None:
    make_tree(case.directory / "pkg", "demo", "1.0")
    case.add_tree("pkg", "demo", "1.0")
    lockfile = case.lockfile
    (case.directory / "pkg" / "demo.py").write_text("changed = True\n")
    with pytest.raises(DifferenceError, match="pkg"):
        case.install(lockfile=lockfile)


def test_an_editable_tree_is_installed_where_it_is(case: Case) -> None:
    make_tree(case.directory / "pkg", "demo", "1.0", modules={"demo.py": "__version__ = 'first'\n"})
    case.add_tree("pkg", "demo", "1.0", editable=True)
    case.install()
    assert case.run("import demo; print(demo.__file__)") == str(case.directory / "pkg" / "demo.py")


def test_a_build_that_gives_another_version_is_refused(case: Case, wheelhouse: Path) -> None:
    sdist = make_sdist(wheelhouse, "demo", "1.0")
    case.packages.append(replace(case.add(sdist), version="1.1"))
    case.packages.pop(0)
    with pytest.raises(StepError, match=r"gave demo 1\.0"):
        case.install()


def test_another_python_is_refused(case: Case, demo: Path) -> None:
    case.python = "3.6.9"
    with pytest.raises(DifferenceError, match=r"the lockfile is for 3\.6\.9"):
        case.install()


def test_another_patch_level_of_python_is_a_note(case: Case, demo: Path) -> None:
    case.python = f"{sys.version_info[0]}.{sys.version_info[1]}.99"
    case.install()
    assert case.said("note: the prefix has Python")


def test_no_prefix_is_refused(case: Case, demo: Path, tmp_path: Path) -> None:
    for prefix in (tmp_path / "nowhere", tmp_path):
        case.prefix = prefix
        with pytest.raises(UsageError) as caught:
            case.install()
        assert caught.value.where == str(prefix)


def test_two_replays_of_one_prefix_follow_one_another(case: Case, demo: Path) -> None:
    running = threading.Event()
    waiting = threading.Event()

    def slow(event: ReplayEvent) -> None:
        running.set()
        if event.step == "pip":
            assert waiting.wait(20)

    def note(event: ReplayEvent) -> None:
        if "waiting" in words(event.fact):
            waiting.set()

    other = replace(case, events=[], on_event=note)
    case.on_event = slow
    first = threading.Thread(target=case.install)
    first.start()
    assert running.wait(20)
    other.install()
    first.join(20)
    assert other.said("waiting for another replay")
    assert other.said("nothing to do")


def test_a_receipt_of_an_earlier_lockfile_does_not_hide_work(case: Case, demo: Path) -> None:
    receipt = case.install()
    write_receipt(replace(receipt, pip={**receipt.pip, "demo": "0" * 64}), case.prefix)
    planned = plan(case.project, case.lockfile, case.options())
    assert [package.name for step in planned.steps for package in step.pip] == ["demo"]


def test_progress_counts_bytes(case: Case, demo: Path) -> None:
    case.install()
    fetched = [event for event in case.events if event.step == "fetch" and event.kind == "progress"]
    total = sum(package.size for package in case.packages)
    assert fetched[-1].done == fetched[-1].total == total


def test_accepted_drift_is_not_held_against_the_prefix_afterwards(case: Case, demo: Path) -> None:
    case.pre_installed.append(PreInstalled("pip", "image-own", "1.0"))
    case.packages.append(PipPackage("image-own", "1.0", action="keep", by=("demo",)))
    with pytest.raises(DifferenceError, match="image-own: not there"):
        case.install()
    assert case.install(allow_drift=True).state == "completed"
    assert installed(case.prefix) == {"demo": "1.0", "other": "2.1"}


def test_a_directory_that_is_no_environment_is_left_alone(case: Case, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    case.prefix = tmp_path / "other"
    with pytest.raises(UsageError, match="no Python environment"):
        case.install()
    assert list((tmp_path / "other").iterdir()) == []
