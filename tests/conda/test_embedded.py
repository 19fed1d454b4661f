"""How the embedded conda is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.conda import channels, embedded
from cortexlock.conda.failure import CondaFailedError
from cortexlock.errors import UsageError
from tests.support import conda_packages
from tests.support.conda_packages import Package


def test_credentials_go_by_the_environment_and_not_by_the_command_line(tmp_path: Path) -> None:
    written = ["defaults", "https://me:s3cret@example.org/channel", "./channel"]
    found = channels.resolve_all(written, project=tmp_path)
    arguments = [embedded.argument(channel) for channel in found]
    assert arguments == ["defaults", "https://example.org/channel", (tmp_path / "channel").as_uri()]
    variables = embedded.variables(found, cache=tmp_path, exclude_newer="2020-06-01T00:00:00Z")
    assert json.loads(variables["CORTEXLOCK_CONDA_CHANNELS"])[arguments[1]] == written[1]
    assert variables["CORTEXLOCK_CONDA_CACHE"] == str(tmp_path)
    assert variables["CORTEXLOCK_CONDA_EXCLUDE_NEWER"] == "2020-06-01T00:00:00Z"


def test_without_a_date_limit_there_is_no_variable_for_it(tmp_path: Path) -> None:
    assert "CORTEXLOCK_CONDA_EXCLUDE_NEWER" not in embedded.variables([], cache=tmp_path)


def test_the_executable_is_the_script_beside_our_python() -> None:
    assert embedded.executable().name.startswith(embedded.NAME)


def test_a_missing_script_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(UsageError, match="`cortexlock-conda` is not beside the Python"):
        embedded.executable()


@pytest.mark.parametrize("says", ["echo broken", 'echo \'{"message": "broken"}\'; exit 1'])
def test_a_failed_search_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str) -> None:
    script = tmp_path / embedded.NAME
    script.write_text(f"#!/bin/sh\n{says}\n")
    script.chmod(0o755)
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(CondaFailedError, match=r"^CondaError: broken$"):
        embedded.search(["a"], [], subdir="linux-64", cache=tmp_path)


def test_modules_of_the_project_are_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("json", "rattler", "cortexlock"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the project has the say')\n")
    conda_packages.write_channel(tmp_path / "channel", [Package("a")])
    monkeypatch.chdir(tmp_path)
    channel = channels.resolve("./channel", project=tmp_path)
    assert len(embedded.search(["a"], [channel], subdir="linux-64", cache=tmp_path / "cache")["a"]) == 1
