"""What is known of a prefix changes by what steps do, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from cortexlock.conda import prefix_records
from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.replay.prefix.file_digests import ABSENT
from cortexlock.replay.prefix.snapshot import Snapshot, after_step, records_of, take
from cortexlock.replay.prefix.state import State

_DEMO = PackageKey("pip", "demo")


def _of(
    pip: dict[str, str],
    records: dict[str, str] | None = None,
    strays: dict[str, str] | None = None,
    files: dict[str, dict[str, str]] | None = None,
) -> Snapshot:
    return Snapshot(
        {"pip": pip},
        {PackageKey.parse(key): digest for key, digest in (records or {}).items()},
        strays or {},
        {PackageKey.parse(key): digests for key, digests in (files or {}).items()},
    )


def test_what_happens_between_replays_is_not_known() -> None:
    known = _of({"kept": "1"}, {"pip kept": "a"}, {})
    there = _of({"kept": "1", "mine": "1"}, {"pip kept": "b", "pip mine": "c"}, {"mine.py": "d"})
    assert after_step(known, there, there) == known
    assert after_step(known, there, there, is_script=True) == known


def test_what_the_script_does_is_known_but_for_what_is_locked() -> None:
    before = _of({"gone": "1", "changed": "1"}, {"pip demo": "a", "pip gone": "a"}, {"gone.py": ""})
    after = _of({"changed": "2", "new": "1"}, {"pip demo": "b", "pip new": "c"}, {"new.py": ""})
    found = after_step(before, before, after, fixed={_DEMO}, is_script=True)
    assert found == _of({"changed": "2", "new": "1"}, {"pip demo": "a", "pip new": "c"}, {"new.py": ""})


def test_what_other_steps_install_is_locked_and_not_known() -> None:
    before = _of({"gone": "1", "changed": "1"})
    after = _of({"changed": "2", "new": "1"}, {"pip new": "c"})
    assert after_step(before, before, after) == _of({"changed": "2"}, {"pip new": "c"})


def test_files_that_are_not_as_listed_are_known_as_steps_leave_them() -> None:
    """What is fixed is as its archive has it, whatever a step did to its files."""
    records = {"pip demo": "a", "pip kept": "a"}
    before = _of({}, records, files={"pip demo": {"x": "1"}, "pip kept": {"y": "1", "z": "1"}})
    after = _of({}, records, files={"pip demo": {"x": "2"}, "pip kept": {"y": "2"}})
    drifted = _of({}, records, files={"pip demo": {"x": "1"}, "pip kept": {"y": "1", "z": "1", "w": "drift"}})
    assert after_step(before, before, after, fixed={_DEMO}) == _of(
        {}, records, files={"pip demo": {"x": "1"}, "pip kept": {"y": "2"}}
    )
    assert after_step(before, drifted, drifted) == before
    installed = {_DEMO: {"x": "of the archive"}}
    assert after_step(before, before, after, fixed={_DEMO}, installed=installed).files[_DEMO] == installed[_DEMO]


def test_a_record_of_conda_is_known_with_where_its_links_lead(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    paths = [{"_path": "link", "path_type": "softlink"}, {"_path": "file", "path_type": "hardlink"}]
    text = json.dumps({"name": "Tool", "version": "1", "paths_data": {"paths": paths}})
    (tmp_path / "conda-meta" / "tool-1-0.json").write_text(text)

    def state() -> State:
        records = prefix_records.read(tmp_path)
        prefix = Prefix(tmp_path, "3.6.9", tmp_path / "site")
        return State(prefix, {}, {}, is_conda=True, conda_files=frozenset(), records=records)

    found = [records_of(state())]
    for target in ("one", "two"):
        (tmp_path / "link").unlink(missing_ok=True)
        (tmp_path / "link").symlink_to(target)
        found.append(records_of(state()))
    (tmp_path / "conda-meta" / "tool-1-0.json").write_text(text + " ")
    found.append(records_of(state()))
    tool = PackageKey("conda", "tool")
    assert [list(each) for each in found] == [[("conda", "tool")]] * 4
    assert len({each[PackageKey("conda", "tool")] for each in found}) == 4
    links = {"file": ABSENT, "link": "link:two"}
    assert take(state()) == Snapshot(state().summary(), found[-1], {}, {tool: links})
