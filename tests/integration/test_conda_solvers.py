"""The embedded conda gives the results that conda's own test suite of solvers demands.

The suite is that of pytest-conda-solvers (BSD-3-Clause), with its channels. What is compared: solves from scratch, by
the packages they choose, or by that there is no solution. Solves of environments with a history of their own are
conda's business; ours is a list on top of an image.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cortexlock.conda import embedded

pytestmark = pytest.mark.index

SUITE = "pytest-conda-solvers==0.1.0"
_UNDERSTOOD = {"channels", "specs_to_add", "add_pip", "override_cuda", "override_glibc", "deps_modifier"}
_UNDERSTOOD |= {"channel_priority", "aggressive_update_packages", "pinned_packages"}  # the last two: not from scratch
_FEWEST = 25  # solves from scratch in the suite


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed suite."""
    directory = tmp_path_factory.mktemp("suite")
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-config", "--no-deps"]
    subprocess.run([*command, "--target", directory, SUITE], check=True, env={**os.environ, "UV_LINK_MODE": "copy"})
    return directory / "pytest_conda_solvers"


def _texts(value: object) -> list[str]:
    if value is None or not value:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value]  # type: ignore[attr-defined]  # a list


def _cases(suite: Path) -> dict[str, Mapping[str, Any]]:
    """Return the solves from scratch by their id."""
    found = {}
    for file in sorted((suite / "conda-solver-tests").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            is_solve = case["kind"] in {"solve", "unsatisfiable"}
            if is_solve and set(case["input"]) <= _UNDERSTOOD and case["input"].get("deps_modifier") != "no_deps":
                found[case["id"]] = case
    return found


def _channel(suite: Path, name: str, directory: Path, *, add_pip: bool) -> str:
    """Write a channel of the suite as a directory, and return its URL."""
    for subdir, part in (("linux-64", "non-noarch"), ("noarch", "noarch")):
        file = suite / "data" / f"{name}_{part}.json"
        records = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        for record in records.values():
            record["subdir"] = subdir
            record.setdefault("depends", [])
            if add_pip and record["name"] == "python" and record["version"].startswith(("2.", "3.")):
                record["depends"] = [*record["depends"], "pip"]
        packages = {name: record for name, record in records.items() if name.endswith(".tar.bz2")}
        newer = {name: record for name, record in records.items() if name.endswith(".conda")}
        (directory / name / subdir).mkdir(parents=True)
        (directory / name / subdir / "repodata.json").write_text(
            json.dumps({"info": {"subdir": subdir}, "packages": packages, "packages.conda": newer}), encoding="utf-8"
        )
    return (directory / name).as_uri()


def _solve(suite: Path, given: Mapping[str, Any], directory: Path) -> set[str] | None:
    """Return the chosen packages as the suite writes them, or None where there is no solution."""
    command = [str(embedded.executable()), "create", "--prefix", "absent", "--dry-run", "--json", "--override-channels"]
    for name in _texts(given["channels"]):
        command += ["--channel", _channel(suite, name, directory, add_pip=bool(given.get("add_pip")))]
    env = {
        **os.environ,
        "CONDA_SUBDIR": "linux-64",
        "CONDA_OVERRIDE_LINUX": "5.4",
        "CONDA_OVERRIDE_UNIX": "0",
        "CONDA_OVERRIDE_CUDA": given.get("override_cuda") or "",
        "CONDA_CHANNEL_PRIORITY": str(given.get("channel_priority") or "flexible").lower(),
        "CONDA_OVERRIDE_GLIBC": given.get("override_glibc") or "2.27",
        "CORTEXLOCK_CONDA_CACHE": str(directory / "cache"),
    }
    done = subprocess.run(
        [*command, *_texts(given["specs_to_add"])], env=env, capture_output=True, text=True, check=False
    )
    answer = json.loads(done.stdout)
    if done.returncode:
        assert answer["exception_name"] in {"UnsatisfiableError", "PackagesNotFoundError"}, answer
        return None
    return {
        "{channel}/{subdir}::{name}-{version}-{build}".format_map({**entry, "channel": entry["url"].split("/")[-3]})
        for entry in answer["actions"]["LINK"]
    }


def test_solves_from_scratch_give_the_expected_result(suite: Path, tmp_path: Path) -> None:
    cases = _cases(suite)
    assert len(cases) >= _FEWEST
    different = {}
    for name, case in cases.items():
        (tmp_path / name).mkdir()
        found = _solve(suite, case["input"], tmp_path / name)
        expected = None
        if case["kind"] == "solve" and not case["output"]:  # only that there is a solution
            expected = found or {"any solution"}
        elif case["kind"] == "solve":
            expected = {text.replace("${{ arch }}", "linux-64") for text in case["output"]["final_state"]}
            if case["input"].get("deps_modifier") == "only_deps":
                asked = {spec.split("=")[0].split("[")[0] for spec in _texts(case["input"]["specs_to_add"])}
                found = found and {text for text in found if text.split("::")[1].rsplit("-", 2)[0] not in asked}
        if found != expected:
            different[name] = (
                f"missing {(expected or set()) - (found or set())}, surplus {(found or set()) - (expected or set())}"
            )
        print(f"{name} {case['name']}: {'as expected' if found == expected else different[name]}")
    assert not different
