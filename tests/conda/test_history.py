"""`conda-meta/history` is what conda 4.7 can read, and the same whenever it is written."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path

import pytest

from cortexlock.conda import history
from cortexlock.errors import DifferenceError
from cortexlock.model.package import CondaPackage

# As conda 4.7's `History.parse` and `parse_comment_line` have them.
_SEPARATOR = re.compile(r"==>\s*(.+?)\s*<==")
_COMMAND = re.compile(r"#\s*cmd:\s*(.+)")
_SPECS = re.compile(r"#\s*(\w+)\s*specs:\s*(.+)?")


def _parse(text: str) -> list[tuple[str, set[str], str, list[str]]]:
    """Return date, differences, command and update specs of each revision, as conda 4.7 reads them."""
    found: list[tuple[str, set[str], str, list[str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if separator := _SEPARATOR.match(line):
            found.append((separator[1], set(), "", []))
        elif command := _COMMAND.match(line):
            found[-1] = (*found[-1][:2], command[1], found[-1][3])
        elif (specs := _SPECS.match(line)) and specs[1] == "update":
            found[-1] = (*found[-1][:3], ast.literal_eval(specs[2]))
        else:
            assert line[0] in "+-"
            found[-1][1].add(line)
    return found


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with Python, installed by conda."""
    (tmp_path / "conda-meta").mkdir()
    _record(tmp_path, "python", "3.6.9")
    old = "==> 2020-01-01 00:00:00 <==\n# cmd: conda create python\n+defaults/linux-64::python-3.6.9-0\n"
    (tmp_path / "conda-meta" / "history").write_text(old)
    return tmp_path


def _record(prefix: Path, name: str, version: str, channel: str = "https://example.org/pkgs/main/linux-64") -> None:
    for path in (prefix / "conda-meta").glob(f"{name}-*.json"):
        path.unlink()
    record = {"name": name, "version": version, "build": "0", "subdir": "linux-64", "channel": channel}
    document = json.dumps({**record, "timestamp": 1_590_000_000_000})
    (prefix / "conda-meta" / f"{name}-{version}-0.json").write_text(document)


def _read(prefix: Path) -> str:
    return (prefix / "conda-meta" / "history").read_text()


def test_a_revision_says_what_came_what_went_and_what_was_asked_for(prefix: Path) -> None:
    _record(prefix, "python", "3.7.7")
    _record(prefix, "tool", "1.0")
    linked = [
        CondaPackage("tool", "1.0", "0", channel="./channel"),
        CondaPackage("python", "3.7.7", channel="defaults"),
    ]
    assert history.append(prefix, linked, specs=["python=3.7", "tool"])
    first, second = _parse(_read(prefix))
    assert first[0] == "2020-01-01 00:00:00"
    assert second == (
        "2020-05-20 18:40:00",
        {
            "-defaults/linux-64::python-3.6.9-0",
            "+defaults/linux-64::python-3.7.7-0",
            "+./channel/linux-64::tool-1.0-0",
        },
        "cortexlock install",
        ["python=3.7", "tool"],
    )
    before = _read(prefix)
    assert not history.append(prefix, linked, specs=["tool"])
    assert _read(prefix) == before


def test_an_environment_without_a_history_begins_with_all_it_has(prefix: Path) -> None:
    (prefix / "conda-meta" / "history").unlink()
    _record(prefix, "other", "1", "https://example.org/conda-forge/linux-64")
    _record(prefix, "unknown", "2", "")
    assert history.append(prefix, [])
    ((_, differences, _, specs),) = _parse(_read(prefix))
    assert specs == []
    assert differences == {
        "+defaults/linux-64::python-3.6.9-0",
        "+conda-forge/linux-64::other-1-0",
        "+unknown-2-0",
    }


def test_a_link_in_its_place_is_replaced_and_not_written_through(prefix: Path) -> None:
    outside = prefix / "elsewhere"
    path = prefix / "conda-meta" / "history"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)
    _record(prefix, "tool", "1.0")
    before = outside.read_bytes()
    assert history.append(prefix, [])
    assert outside.read_bytes() == before
    assert not path.is_symlink()
    assert "::tool-1.0-0" in _read(prefix)


def test_a_pipe_in_its_place_is_replaced(prefix: Path) -> None:
    path = prefix / "conda-meta" / "history"
    path.unlink()
    os.mkfifo(path)
    assert history.append(prefix, [])
    assert "::python-3.6.9-0" in _read(prefix)


def test_bytes_that_are_no_text_end_no_replay(prefix: Path) -> None:
    path = prefix / "conda-meta" / "history"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    _record(prefix, "tool", "1.0")
    assert history.append(prefix, [])


@pytest.mark.parametrize("timestamp", [10**30, -1, "soon", 1e308, True, 10**400])
def test_a_time_that_no_year_has_is_none(prefix: Path, timestamp: object) -> None:
    _record(prefix, "tool", "1.0")
    path = prefix / "conda-meta" / "tool-1.0-0.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "timestamp": timestamp}))
    assert history.append(prefix, [])
    assert _parse(_read(prefix))[-1][0] == "1970-01-01 00:00:00"


def test_a_record_that_is_none_is_a_difference(prefix: Path) -> None:
    (prefix / "conda-meta" / "tool-1.0-0.json").write_text("{")
    with pytest.raises(DifferenceError, match="record"):
        history.append(prefix, [])
