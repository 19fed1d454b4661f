"""conda-lock as a library: what it is given, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.conda import conda_lock_package, condalock
from cortexlock.conda.condalock import Chosen
from cortexlock.conda.failure import CondaFailedError
from cortexlock.inputs.conda_list import parse_line
from cortexlock.model.target import VirtualPackage

# Says how it was called and with which variables, then answers with three packages and a virtual one.
SCRIPT = """\
#!/bin/sh
printf '%s\\n' "$@" > "$CORTEXLOCK_TEST_LOG"
env >> "$CORTEXLOCK_TEST_LOG"
cat <<'END'
some noise {"actions": {"FETCH": [
 {"name": "tool", "version": "1.0", "url": "https://example.org/c/noarch/tool-1.0-0.conda", "md5": "ab",
  "depends": ["__glibc", "other"]},
 {"name": "other", "version": "1", "url": "https://example.org/c/noarch/other-1-0.conda", "sha256": "cd"},
 {"name": "third", "version": "1", "url": "https://example.org/c/noarch/third-1-0.conda"},
 {"name": "__glibc", "version": "2.27", "url": "file:///virtual/linux-64/x", "depends": []}
], "LINK": []}}
END
"""


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """An executable that answers always alike."""
    path = tmp_path / "conda"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


def _solve(conda: Path, tmp_path: Path, *lines: str) -> tuple[Chosen, ...]:
    workspace = tmp_path / "workspace"
    workspace.mkdir(parents=True)
    return condalock.solve(
        conda,
        [parse_line(text, name="list", line=1) for text in lines],
        channels=["https://example.org/c", "defaults"],
        subdir="linux-64",
        virtual_packages=[VirtualPackage("__archspec", "1", "x86_64"), VirtualPackage("__glibc", "2.27")],
        variables={"CORTEXLOCK_TEST_LOG": str(tmp_path / "log"), "CONDA_CHANNEL_PRIORITY": "flexible"},
        workspace=workspace,
    )


def test_the_answer_comes_without_virtual_packages(conda: Path, tmp_path: Path) -> None:
    assert _solve(conda, tmp_path, "tool") == (
        Chosen("other", "1", "https://example.org/c/noarch/other-1-0.conda", "cd", ""),
        Chosen("third", "1", "https://example.org/c/noarch/third-1-0.conda", "", ""),
        Chosen("tool", "1.0", "https://example.org/c/noarch/tool-1.0-0.conda", "", "ab"),
    )


def test_conda_gets_the_specifications_channels_and_virtual_packages(conda: Path, tmp_path: Path) -> None:
    _solve(conda, tmp_path, "tool=1.0=0", "other>=1,<2", "conda-forge::third")
    log = (tmp_path / "log").read_text().splitlines()
    assert log[0] == "create"
    assert {"--dry-run", "--json", "--override-channels"} <= set(log)
    named = [log[n + 1] for n, word in enumerate(log) if word == "--channel"]
    assert named[:2] == ["https://example.org/c", "defaults"]
    virtual = tmp_path / "workspace" / "virtual"
    assert named[2:] == [virtual.as_uri()]
    packages = json.loads((virtual / "linux-64" / "repodata.json").read_text())["packages"].values()
    assert {(p["name"], p["version"], p["build"]) for p in packages} == {
        ("__archspec", "1", "x86_64"),
        ("__glibc", "2.27", "0"),
    }
    at = log.index(named[2])
    assert log[at + 1 : at + 4] == ["tool ==1.0 0", "other >=1,<2", "conda-forge::third"]
    assert {"CONDA_OVERRIDE_GLIBC=2.27", "CONDA_OVERRIDE_ARCHSPEC=x86_64", "CONDA_OVERRIDE_CUDA="} <= set(log)
    assert {"CONDA_SUBDIR=linux-64", "CONDA_CHANNEL_PRIORITY=flexible"} <= set(log)


def test_what_the_user_set_for_conda_has_no_say_and_is_left_as_it_was(
    conda: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CONDA_FLAGS": "--offline", "CONDA_OVERRIDE_CUDA": "12", "MAMBA_X": "1"}.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    _solve(conda, tmp_path, "tool")
    assert dict(os.environ) == before
    log = (tmp_path / "log").read_text().splitlines()
    assert not {"--offline", "CONDA_OVERRIDE_CUDA=12", "MAMBA_X=1"} & set(log)


def test_a_failure_has_condas_name_and_message_and_prints_nothing(
    conda: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    conda.write_text('#!/bin/sh\necho \'{"exception_name": "SomeError", "message": "why"}\'\nexit 1\n')
    with pytest.raises(CondaFailedError) as caught:
        _solve(conda, tmp_path, "tool")
    assert (caught.value.name, caught.value.message) == ("SomeError", "why")
    assert capfd.readouterr() == ("", "")


def test_a_program_that_says_nothing_is_named_with_its_exit_code(conda: Path, tmp_path: Path) -> None:
    for text, what in (("exit 3", "3, and it said nothing"), ("echo {}; exit 4", "4, and its answer has no message")):
        conda.write_text(f"#!/bin/sh\n{text}\n")
        with pytest.raises(CondaFailedError) as caught:
            _solve(conda, tmp_path / text[-1], "tool")
        assert caught.value.message == f"{conda} ended with exit code {what}"


def test_the_name_mapping_is_not_downloaded(conda: Path, tmp_path: Path) -> None:
    _solve(conda, tmp_path, "tool")  # the tests' network is closed
    assert (tmp_path / "workspace" / "mapping.json").read_text() == "{}"


def test_the_version_is_conda_locks() -> None:
    assert conda_lock_package.version().split(".")[0] == "4"


@pytest.mark.parametrize(
    "answer", ["Continue (y/[n])?", "[]", '{"actions": 5}', '{"actions": {"FETCH": [{"name": []}]}}']
)
def test_an_answer_that_is_none_is_an_error(tmp_path: Path, answer: str) -> None:
    script = tmp_path / "conda"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    script.chmod(0o755)
    with pytest.raises(CondaFailedError):
        _solve(script, tmp_path, "tool")


_LOADED = """
import sys
from cortexlock.conda import condalock
condalock.load()
print(*({"asyncio", "ensureconda", "filelock", "requests"} & set(sys.modules)))
import requests
print(issubclass(requests.exceptions.JSONDecodeError, ValueError))
"""


def test_what_a_solve_needs_is_loaded_ahead_and_no_more() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["", "True"]


def test_what_is_loaded_sees_and_leaves_nothing_of_the_users_conda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_FLAGS", "-v")
    before = dict(os.environ)
    condalock.load()
    assert dict(os.environ) == before
