"""The image's own constraints: where they are found, and what can be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.model.capture_facts import CaptureFact, NoConstraint, UnknownConstraints
from cortexlock.predictors.constraints import constraints_of, is_settings
from cortexlock.predictors.pip_settings import pip_settings


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_what_lines_say() -> None:
    notes: list[CaptureFact] = []
    text = """\
# of the image
Torch==2.3.0a0+6ddf5cf85e.nv24.4 ; python_version < "4"   # why
numpy == 1.24.4 --hash=sha256:00 \\
  --hash=sha256:11

opencv @ https://user:secret@example.org/o.whl?token=secret
-c other.txt
--index-url https://example.org
six
requests[socks]>1
"""
    found = constraints_of([{"file": "/etc/c.txt", "text": text}, {"file": "/gone", "text": None}], notes)
    assert found == ("numpy==1.24.4", 'torch==2.3.0a0+6ddf5cf85e.nv24.4; python_version < "4"')
    assert notes == [
        NoConstraint("/etc/c.txt", "opencv @ https://example.org/o.whl"),
        NoConstraint("/etc/c.txt", "--index-url https://example.org"),
        NoConstraint("/etc/c.txt", "six"),
        NoConstraint("/etc/c.txt", "requests[socks]>1"),
        UnknownConstraints("/gone"),
    ]


def test_where_they_are_found(tmp_path: Path) -> None:
    prefix = tmp_path / "opt" / "venv"
    assert pip_settings(tmp_path, prefix, {}, tmp_path) == {"constraints": [], "variables": []}
    _write(tmp_path / "etc" / "pip" / "constraint.txt", "a==1\n")
    usual = [{"file": "/etc/pip/constraint.txt", "text": "a==1\n"}]
    assert pip_settings(tmp_path, prefix, {}, tmp_path)["constraints"] == usual
    _write(tmp_path / "etc" / "pip.conf", "no section\n")
    _write(prefix / "pip.conf", "[global]\nconstraint = /c.txt\n  https://user:secret@example.org/c.txt\n")
    _write(tmp_path / "etc" / "xdg" / "pip" / "pip.conf", "[global]\nconstraint = /less.txt\n")
    configured = pip_settings(tmp_path, prefix, {}, tmp_path)["constraints"]
    assert configured == [
        {"file": "/c.txt", "text": None},
        {"file": "https://user:secret@example.org/c.txt", "text": None},
    ]
    notes: list[CaptureFact] = []
    constraints_of(configured, notes)
    assert "secret" not in str(notes)
    _write(tmp_path / "c.txt", "b==2\n")
    variables = {
        "PIP_CONSTRAINT": "/c.txt",
        "UV_CONSTRAINT": "file:///c.txt /etc/pip/constraint.txt",
        "PIP_INDEX_URL": "x",
    }
    assert pip_settings(tmp_path, prefix, variables, tmp_path) == {
        "constraints": [{"file": "/c.txt", "text": "b==2\n"}, *usual],
        "variables": ["PIP_INDEX_URL"],
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"constraints": [], "variables": [1]},
        {"constraints": [1], "variables": []},
        {"constraints": [{"file": 1}], "variables": []},
        {"constraints": [{"file": "a", "text": 1}], "variables": []},
    ],
)
def test_what_is_no_configuration_of_pip(value: object) -> None:
    assert not is_settings(value)


def test_of_configuration_files_one_counts_as_pip_has_it(tmp_path: Path) -> None:
    prefix = tmp_path / "opt" / "venv"

    def named(**variables: str) -> list[str]:
        return [each["file"] for each in pip_settings(tmp_path, prefix, variables, tmp_path)["constraints"]]

    _write(tmp_path / "etc" / "pip.conf", "[install]\nconstraint = /i.txt\n[global]\nconstraint = /g.txt\n")
    _write(tmp_path / "root" / ".config" / "pip" / "pip.conf", "[global]\nconstraint = /user.txt\n")
    assert named() == ["/i.txt"]
    _write(tmp_path / "etc" / "pip.conf", "[global]\nconstraint = /g.txt\n")
    assert named() == ["/user.txt"]
    _write(tmp_path / "own.conf", "[list]\nformat = columns\n")
    assert named(PIP_CONFIG_FILE="/own.conf") == ["/g.txt"]
    _write(tmp_path / "own.conf", "[global]\nconstraint = /own.txt\n")
    assert named(PIP_CONFIG_FILE="/own.conf") == ["/own.txt"]
    assert named(PIP_CONFIG_FILE="/dev/null") == []
    assert named(PIP_CONFIG_FILE="/missing") == ["/user.txt"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_read_as_pip_reads_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "etc" / "pip" / "constraint.txt"
    file.parent.mkdir(parents=True)
    file.write_text("numpy<2\n", encoding=encoding)
    assert constraints_of(pip_settings(tmp_path, tmp_path, {}, tmp_path)["constraints"], []) == ("numpy<2",)


def test_relative_paths_start_where_containers_do(tmp_path: Path) -> None:
    _write(tmp_path / "srv" / "app" / "pins", "a==1\n")
    _write(tmp_path / "srv" / "app" / "own.conf", "[global]\nconstraint = ./pins ../b.txt\n")
    _write(tmp_path / "srv" / "b.txt", "b==2\n")

    def texts(**variables: str) -> list[str | None]:
        settings = pip_settings(tmp_path, tmp_path, variables, tmp_path / "srv" / "app")
        return [each["text"] for each in settings["constraints"]]

    assert texts(PIP_CONSTRAINT="pins ../b.txt /srv/b.txt c.txt") == ["a==1\n", "b==2\n", "b==2\n", None]
    assert texts(PIP_CONFIG_FILE="own.conf") == ["a==1\n", "b==2\n"]


def test_files_include_others_each_beside_the_one_that_names_it(tmp_path: Path) -> None:
    first = (
        "-c more/b.txt\n  --constraint=c.txt  # why\n-r /d\n-rb.txt\n--require-hashes\n--requirement missing\na==1\n"
    )
    _write(tmp_path / "etc" / "a.txt", first)
    _write(tmp_path / "etc" / "more" / "b.txt", "-c ../a.txt\n-c https://example.org/x.txt\nb==1\n")
    _write(tmp_path / "etc" / "c.txt", "c==1\n")
    _write(tmp_path / "d", "d==1\n")
    files = pip_settings(tmp_path, tmp_path, {"PIP_CONSTRAINT": "file:///etc/a%2Etxt"}, tmp_path)["constraints"]
    assert [each["file"] for each in files] == [
        "/etc/a.txt",
        "/etc/more/b.txt",
        "https://example.org/x.txt",
        "/etc/c.txt",
        "/d",
        "/etc/b.txt",
        "/etc/missing",
    ]
    notes: list[CaptureFact] = []
    assert constraints_of(files, notes) == ("a==1", "b==1", "c==1", "d==1")
    assert [note for note in notes if isinstance(note, UnknownConstraints)] == [
        UnknownConstraints("https://example.org/x.txt"),
        UnknownConstraints("/etc/b.txt"),
        UnknownConstraints("/etc/missing"),
    ]
    _write(tmp_path / "etc" / "a.txt", "".join(f"-c {number}\n" for number in range(100)))
    files = pip_settings(tmp_path, tmp_path, {"PIP_CONSTRAINT": "/etc/a.txt"}, tmp_path)["constraints"]
    assert len(files) == 64


def test_the_users_own_configuration(tmp_path: Path) -> None:
    _write(tmp_path / "home" / "app" / ".config" / "pip" / "pip.conf", "[global]\nconstraint = /a\n")
    _write(tmp_path / "own" / "pip" / "pip.conf", "[global]\nconstraint = /b\n")
    _write(tmp_path / "site" / "pip" / "pip.conf", "[global]\nconstraint = /c\n")

    def named(**variables: str) -> list[str]:
        return [each["file"] for each in pip_settings(tmp_path, tmp_path, variables, tmp_path)["constraints"]]

    assert named() == []
    assert named(HOME="/home/app") == ["/a"]
    assert named(HOME="/home/app", XDG_CONFIG_HOME="/own") == ["/b"]
    assert named(XDG_CONFIG_DIRS="/none:/site") == ["/c"]
