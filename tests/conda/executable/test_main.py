"""The embedded conda answers conda-lock's calls, and is a decent program besides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cortexlock import __version__
from cortexlock.conda import embedded, image_channel
from cortexlock.conda.executable.main import respond
from cortexlock.model.predictor import CondaRecord
from tests.support import conda_packages
from tests.support.conda_packages import Package

PACKAGES = (
    Package("tool", "1.0"),
    Package("tool", "2.0", depends=["base"], timestamp=1_610_000_000_000),
    Package("base"),
    Package("gpu", depends=["__cuda"]),
    Package("chip", depends=["__archspec 1 x86_64"]),
)


@pytest.fixture
def channel(tmp_path: Path) -> str:
    """A channel on disk."""
    conda_packages.write_channel(tmp_path / "channel", PACKAGES)
    return (tmp_path / "channel").as_uri()


def _call(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, Any]:
    done = subprocess.run(
        [embedded.executable(), *arguments],
        env={**os.environ, "CONDA_SUBDIR": "linux-64", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def _create(channel: str, *specs: str, env: Mapping[str, str] | None = None) -> tuple[int, Any]:
    flags = ["--prefix", "absent", "--dry-run", "--json", "--override-channels", "--channel", channel]
    return _call("create", *flags, *specs, env=env)


def _names(answer: Mapping[str, Any]) -> list[str]:
    return [f"{entry['name']} {entry['version']}" for entry in answer["actions"]["FETCH"]]


def test_it_solves_and_answers_as_conda_does(channel: str, tmp_path: Path) -> None:
    code, answer = _create(channel, "tool")
    assert code == 0
    assert answer["success"] is True
    assert _names(answer) == ["base 1.0", "tool 2.0"]
    tool = answer["actions"]["FETCH"][1]
    raw = (tmp_path / "channel" / "linux-64" / "tool-2.0-0.tar.bz2").read_bytes()
    locked = conda_packages.locked(PACKAGES[1], raw)
    assert (tool["sha256"], tool["md5"], tool["size"]) == (locked.sha256, locked.md5, locked.size)
    assert tool["url"] == f"{channel}/linux-64/tool-2.0-0.tar.bz2"
    assert (tool["fn"], tool["depends"], tool["subdir"]) == ("tool-2.0-0.tar.bz2", ["base"], "linux-64")
    assert answer["actions"]["LINK"] == answer["actions"]["FETCH"]


def test_it_always_comes_to_its_end(channel: str) -> None:
    # An interpreter that shuts down beside py-rattler's threads crashes about one time in five.
    assert [_create(channel, "tool")[0] for _ in range(12)] == [0] * 12


def test_records_that_are_too_new_do_not_count(channel: str) -> None:
    _, answer = _create(channel, "tool", env={"CORTEXLOCK_CONDA_EXCLUDE_NEWER": "2020-06-01T00:00:00Z"})
    assert _names(answer) == ["tool 1.0"]
    _, answer = _create(channel, "tool", env={"CORTEXLOCK_CONDA_EXCLUDE_NEWER": "2021-06-01T02:00:00+02:00"})
    assert _names(answer) == ["base 1.0", "tool 2.0"]


@pytest.mark.parametrize(
    ("spec", "variable", "value"),
    [("gpu", "CONDA_OVERRIDE_CUDA", "10.1"), ("chip", "CONDA_OVERRIDE_ARCHSPEC", "x86_64")],
)
def test_virtual_packages_are_what_the_caller_says(channel: str, spec: str, variable: str, value: str) -> None:
    assert _create(channel, spec, env={variable: value})[0] == 0
    assert _create(channel, spec, env={variable: ""})[0] == 1
    assert _create(channel, spec)[0] == 1


def test_no_solution_is_condas_error_with_the_solvers_words(channel: str) -> None:
    code, answer = _create(channel, "tool>=3")
    assert (code, answer["success"], answer["exception_name"]) == (1, False, "PackagesNotFoundError")
    assert answer["message"] == "  - tool[version='>=3']"


def test_a_channel_that_is_not_there_is_condas_error(tmp_path: Path) -> None:
    code, answer = _create((tmp_path / "absent").as_uri(), "tool")
    assert (code, answer["exception_name"]) == (1, "CondaHTTPError")


def test_a_spec_that_is_none_is_condas_error(channel: str) -> None:
    code, answer = _create(channel, "tool>>3")
    assert (code, answer["exception_name"]) == (1, "InvalidMatchSpec")


def test_what_an_image_has_is_preferred_to_any_channel(channel: str, tmp_path: Path) -> None:
    image = image_channel.write(tmp_path / "image", [CondaRecord("tool", "0.5")])
    flags = ["--dry-run", "--json", "--override-channels", "--channel", image, "--channel", channel]
    assert _names(_call("create", *flags, "tool")[1]) == ["tool 0.5"]
    assert _names(_call("create", *flags, "tool>=1")[1]) == ["base 1.0", "tool 2.0"]


def test_an_update_changes_what_it_is_asked_to(channel: str, tmp_path: Path) -> None:
    meta = tmp_path / "prefix" / "conda-meta"
    meta.mkdir(parents=True)
    for name in ("tool", "base"):
        record = Package(name).record | {"channel": channel, "url": f"{channel}/linux-64/{name}-1.0-0.tar.bz2"}
        (meta / f"{name}.json").write_text(json.dumps({**record, "fn": f"{name}-1.0-0.tar.bz2"}))
    prefix = str(tmp_path / "prefix")
    _, listed = _call("list", "--no-pip", "-p", prefix, "--json")
    assert [(entry["name"], entry["version"]) for entry in listed] == [("base", "1.0"), ("tool", "1.0")]
    flags = ["--override-channels", "--channel", channel, "-p", prefix, "--json", "--dry-run"]
    assert _names(_call("update", *flags, "tool")[1]) == ["tool 2.0"]
    assert _names(_call("install", *flags, "tool<2")[1]) == []


def test_it_searches(channel: str) -> None:
    code, answer = _call("search", "--json", "--override-channels", "--channel", channel, "tool", "absent")
    assert code == 0
    assert [entry["version"] for entry in answer["tool"]] == ["1.0", "2.0"]
    assert answer["absent"] == []


def test_it_says_where_packages_would_be_cached() -> None:
    for command in (["info", "--json"], ["config", "--json", "list", "pkgs_dirs"]):
        _, answer = _call(*command, env={"CONDA_PKGS_DIRS": "/a"})
        assert answer["pkgs_dirs"] == ["/a"]


def test_it_installs_nothing(channel: str) -> None:
    code, answer = _call("create", "--override-channels", "-c", channel, "tool")
    assert (code, answer["exception_name"]) == (2, "ArgumentError")
    assert "--dry-run" in answer["message"]


@pytest.mark.parametrize("arguments", [[], ["clean"], ["create", "--no-such-flag"], ["search"]])
def test_other_calls_are_wrong_usage(arguments: list[str]) -> None:
    code, text = respond(arguments, {})
    assert code == 2
    assert json.loads(text)["exception_name"] == "ArgumentError"


def test_its_version_is_ours() -> None:
    assert respond(["--version"], {}) == (0, f"cortexlock-conda {__version__}\n")


def test_it_is_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cortexlock.conda.executable", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"cortexlock-conda {__version__}\n"


def _of_two(tmp_path: Path, priority: str, *specs: str) -> list[str]:
    """Solve with the channels a and b, and name what comes from each."""
    higher = [Package("base", "1.0"), Package("foo", "1.0"), Package("old", "1.0", depends=["base <2"])]
    lower = [Package("base", "2.0"), Package("foo", "2.0"), Package("old", "2.0")]
    conda_packages.write_channel(tmp_path / "a", higher)
    conda_packages.write_channel(tmp_path / "b", [*lower, Package("bar", "1.0", depends=["base >=2"])])
    flags = ["--prefix", "absent", "--dry-run", "--json", "--override-channels"]
    for name in "ab":
        flags += ["--channel", (tmp_path / name).as_uri()]
    code, answer = _call("create", *flags, *specs, env={"CONDA_CHANNEL_PRIORITY": priority})
    if code:
        return [answer["exception_name"]]
    return [f"{entry['channel'].split('/')[-2]} {entry['name']}" for entry in answer["actions"]["FETCH"]]


@pytest.mark.parametrize(
    ("priority", "found"),
    [
        ("flexible", ["b bar", "b base", "a foo", "b old"]),
        ("strict", ["UnsatisfiableError"]),
        ("disabled", ["b bar", "b base", "b foo", "b old"]),
        ("none", ["ArgumentError"]),
    ],
)
def test_a_lower_channel_gives_only_what_the_higher_cannot(tmp_path: Path, priority: str, found: list[str]) -> None:
    assert _of_two(tmp_path, priority, "bar", "foo", "old") == found


def test_flexible_priority_is_strict_where_that_has_a_solution(tmp_path: Path) -> None:
    assert _of_two(tmp_path, "flexible", "foo", "old") == ["a base", "a foo", "a old"]
