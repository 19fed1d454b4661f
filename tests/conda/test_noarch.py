"""Packages of pure Python move to another Python."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cortexlock import process
from cortexlock.conda import noarch
from cortexlock.conda import prefix as environment
from cortexlock.model.package import CondaPackage

SITE = "lib/python3.6/site-packages"
COMMAND = b"#!/env/bin/python3.6\nimport tool\n"


def _prefix(directory: Path, kind: str = "python") -> Path:
    """Make an environment with a package as conda 4.7 records it, compiled files among its paths."""
    files = {
        f"{SITE}/tool/__init__.py": b"here = __file__\n",
        f"{SITE}/tool/__pycache__/__init__.cpython-36.pyc": b"compiled",
        f"{SITE}/tool-1.0.dist-info/METADATA": b"Name: tool\n",
        "bin/tool": COMMAND,
        "bin/plain": COMMAND,
        "share/tool/data": b"data",
    }
    paths: list[dict[str, Any]] = []
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if name.startswith("bin/") else 0o644)
        entry = {"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest()}
        if name == "bin/tool":
            entry["path_type"] = "unix_python_entry_point"
        if name.endswith(".pyc"):
            entry = {"_path": name, "path_type": "pyc_file"}
        paths.append(entry)
    record = {"name": "tool", "version": "1.0", "build": "py_0", "noarch": kind, "files": list(files)}
    record["paths_data"] = {"paths": paths, "paths_version": 1}  # type: ignore[assignment]  # of a JSON document
    (directory / "conda-meta").mkdir()
    (directory / "conda-meta" / "tool-1.0-py_0.json").write_text(json.dumps(record))
    return directory


def _as_conda_records(prefix: Path) -> None:
    """Give the entries the paths of the archive, as conda 4.7.12 and 24.7.1 do."""
    path = prefix / "conda-meta" / "tool-1.0-py_0.json"
    record = json.loads(path.read_bytes())
    for entry in record["paths_data"]["paths"]:
        if entry["path_type"] == "hardlink":
            entry["_path"] = entry["_path"].replace(f"{SITE}/", "site-packages/").replace("bin/", "python-scripts/")
    path.write_text(json.dumps(record))


def _files(prefix: Path) -> dict[str, bytes]:
    found = (path for path in prefix.rglob("*") if path.is_file() and path.parent.name != "conda-meta")
    return {path.relative_to(prefix).as_posix(): path.read_bytes() for path in found}


def test_what_conda_itself_has_linked_is_as_locked_and_moves(tmp_path: Path) -> None:
    prefix = _prefix(tmp_path)
    _as_conda_records(prefix)
    package = CondaPackage("tool", "1.0", "py_0", file="tool-1.0-py_0.tar.bz2")
    assert environment.verify(prefix, [package]) == ()
    (prefix / SITE / "tool" / "__init__.py").write_text("other")
    (prefix / "bin" / "plain").unlink()
    assert environment.verify(prefix, [package]) == (
        f"tool: {SITE}/tool/__init__.py was changed",
        "tool: bin/plain is missing",
    )
    assert noarch.relink(prefix, "3.8", but=()) == ("tool",)
    assert (prefix / "lib/python3.8/site-packages/tool/__init__.py").read_text() == "other"
    assert not any(path.is_file() for path in (prefix / SITE).rglob("*"))


def test_files_move_and_commands_start_the_new_python(tmp_path: Path) -> None:
    prefix = _prefix(tmp_path)
    os.link(prefix / "bin/tool", tmp_path / "linked-elsewhere")
    assert noarch.relink(prefix, "3.8", but=()) == ("tool",)
    assert (tmp_path / "linked-elsewhere").read_bytes() == COMMAND
    (tmp_path / "linked-elsewhere").unlink()
    expected = {
        "lib/python3.8/site-packages/tool/__init__.py": b"here = __file__\n",
        "lib/python3.8/site-packages/tool-1.0.dist-info/METADATA": b"Name: tool\n",
        "bin/tool": COMMAND.replace(b"3.6", b"3.8"),
        "bin/plain": COMMAND,
        "share/tool/data": b"data",
    }
    assert _files(prefix) == expected
    assert not (prefix / SITE / "tool").exists()
    assert (prefix / "bin/tool").stat().st_mode & 0o777 == 0o755
    record = json.loads((prefix / "conda-meta" / "tool-1.0-py_0.json").read_text())
    assert set(record["files"]) == set(expected)
    for entry in record["paths_data"]["paths"]:
        assert entry["sha256"] == hashlib.sha256(expected[entry["_path"]]).hexdigest()
    assert noarch.relink(prefix, "3.8", but=()) == ()


def test_what_is_replaced_or_not_of_pure_python_stays(tmp_path: Path) -> None:
    prefix = _prefix(tmp_path / "a")
    before = _files(prefix)
    assert noarch.relink(prefix, "3.8", but={"tool"}) == ()
    assert noarch.relink(prefix, "3.6", but=()) == ()
    generic = _prefix(tmp_path / "b", "generic")
    assert noarch.relink(generic, "3.8", but=()) == ()
    assert _files(prefix) == _files(generic) == before


def test_a_move_that_was_killed_is_completed(tmp_path: Path) -> None:
    prefix = _prefix(tmp_path)
    record = (prefix / "conda-meta" / "tool-1.0-py_0.json").read_bytes()
    half = prefix / "lib/python3.8/site-packages/tool/__init__.py"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"hal")
    assert noarch.relink(prefix, "3.8", but=()) == ("tool",)
    assert half.read_bytes() == b"here = __file__\n"
    assert (prefix / "conda-meta" / "tool-1.0-py_0.json").read_bytes() != record


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#!/env/bin/python3.6\n", "#!/env/bin/python3.10\n"),
        ("#!/my env/bin/python3.6 -E\n", "#!/my env/bin/python3.10 -E\n"),
        ("#!/usr/bin/env python3.6\n", "#!/usr/bin/env python3.10\n"),
        (
            "#!/bin/sh\n'''exec' \"/my env/bin/python3.6\" \"$0\" \"$@\" #'''\n",
            "#!/bin/sh\n'''exec' \"/my env/bin/python3.10\" \"$0\" \"$@\" #'''\n",
        ),
        (
            "#!/bin/sh\n'''exec' /env/bin/python3.6 \"$0\" \"$@\"\n' '''\n",
            "#!/bin/sh\n'''exec' /env/bin/python3.10 \"$0\" \"$@\"\n' '''\n",
        ),
        ("#!/python3.6 env/bin/python3.6\n", "#!/python3.6 env/bin/python3.10\n"),
        (
            f"#!/{'e' * 110}/bin/python3.6\n",
            f"#!/bin/sh\n'''exec' \"/{'e' * 110}/bin/python3.10\" \"$0\" \"$@\" #'''\n",
        ),
        ("#!/env/bin/python\n", "#!/env/bin/python\n"),
    ],
)
def test_whatever_starts_the_old_python_starts_the_new_one(tmp_path: Path, before: str, after: str) -> None:
    prefix = _prefix(tmp_path)
    (prefix / "bin/tool").write_text(f"{before}import tool\n")
    assert noarch.relink(prefix, "3.10", but=()) == ("tool",)
    assert (prefix / "bin/tool").read_text() == f"{after}import tool\n"


@pytest.mark.skipif(os.name != "posix", reason="a script for /bin/sh")
def test_a_moved_command_runs_in_a_prefix_with_a_space(tmp_path: Path) -> None:
    prefix = _prefix(tmp_path / "my env")
    for version in ("3.6", "3.10"):
        (prefix / f"bin/python{version}").write_text(f"#!/bin/sh\necho {version}\n")
        (prefix / f"bin/python{version}").chmod(0o755)
    command = f"#!/bin/sh\n'''exec' \"{prefix}/bin/python3.6\" \"$0\" \"$@\" #'''\nimport tool\n"
    (prefix / "bin/tool").write_text(command)
    noarch.relink(prefix, "3.10", but=())
    assert process.run([prefix / "bin/tool"], env=os.environ).output == "3.10"
