"""What is known of a prefix changes by what steps do, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.replay.prefix.snapshot import Snapshot, accepted, after_step, records_of, take
from cortexlock.replay.prefix.state import State
from tests.support.replay import Case, locked
from tests.support.wheels import make_wheel


def _case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache")
    case.packages.append(locked(make_wheel(tmp_path / "wheels", "demo", "1.0")))
    return case


def _of(pip: dict[str, str], records: dict[str, str] | None = None, strays: dict[str, str] | None = None) -> Snapshot:
    keyed = {PackageKey.parse(text): digest for text, digest in (records or {}).items()}
    return Snapshot({"pip": pip}, keyed, strays or {})


def test_what_happens_between_replays_is_not_known(tmp_path: Path) -> None:
    known = _of({"kept": "1"}, {"pip kept": "a"}, {})
    there = _of({"kept": "1", "mine": "1"}, {"pip kept": "b", "pip mine": "c"}, {"mine.py": "d"})
    assert after_step(known, there, there) == known
    assert after_step(known, there, there, script_of=_case(tmp_path).lockfile) == known


def test_what_the_script_does_is_known_but_for_what_is_locked(tmp_path: Path) -> None:
    case = _case(tmp_path)
    before = _of({"gone": "1", "changed": "1"}, {"pip demo": "a", "pip gone": "a"}, {"gone.py": ""})
    after = _of({"changed": "2", "new": "1"}, {"pip demo": "b", "pip new": "c"}, {"new.py": ""})
    found = after_step(before, before, after, script_of=case.lockfile)
    assert found == _of({"changed": "2", "new": "1"}, {"pip demo": "a", "pip new": "c"}, {"new.py": ""})


def test_what_other_steps_install_is_locked_and_not_known() -> None:
    before = _of({"gone": "1", "changed": "1"})
    after = _of({"changed": "2", "new": "1"}, {"pip new": "c"})
    assert after_step(before, before, after) == _of({"changed": "2"}, {"pip new": "c"})


def test_what_is_accepted_is_known_but_for_what_is_locked(tmp_path: Path) -> None:
    lockfile = _case(tmp_path).lockfile
    assert lockfile.installed_keys == {PackageKey("pip", "demo")}
    now = _of({"mine": "1"}, {"pip demo": "b", "pip mine": "c"}, {"mine.py": ""})
    assert accepted(_of({}, {"pip demo": "a"}), now, lockfile) == _of(
        {"mine": "1"}, {"pip demo": "a", "pip mine": "c"}, {"mine.py": ""}
    )


def test_a_record_of_conda_is_known_with_where_its_links_lead(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    paths = [{"_path": "link", "path_type": "softlink"}, {"_path": "file", "path_type": "hardlink"}]
    text = json.dumps({"name": "Tool", "version": "1", "paths_data": {"paths": paths}})
    (tmp_path / "conda-meta" / "tool-1-0.json").write_text(text)
    state = State(Prefix(tmp_path, "3.6.9", tmp_path / "site"), {}, {}, is_conda=True, conda_files=frozenset())
    found = [records_of(state)]
    for target in ("one", "two"):
        (tmp_path / "link").unlink(missing_ok=True)
        (tmp_path / "link").symlink_to(target)
        found.append(records_of(state))
    (tmp_path / "conda-meta" / "tool-1-0.json").write_text(text + " ")
    found.append(records_of(state))
    assert [list(each) for each in found] == [[("conda", "tool")]] * 4
    assert len({each[PackageKey("conda", "tool")] for each in found}) == 4
    assert take(state) == Snapshot(state.summary(), found[-1], {})
