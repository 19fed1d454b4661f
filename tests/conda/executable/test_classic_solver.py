"""The vendored conda: each thing that is used of it is there, and nothing of the machine reaches it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cortexlock.conda.executable import classic_solver
from tests.support.conda_packages import Package

# Runs in a process of its own: conda keeps its configuration in globals. A warm one has loaded nothing heavy, either:
# hence not `sys.modules`, which would have it started cold.
_SCRIPT = """
import json, sys
from pathlib import Path
from sys import modules
from cortexlock.conda.executable.classic_solver import ClassicSolver, Settings
from cortexlock.conda.executable.conflicts import RefusedRequestError
from cortexlock.conda.executable.environment import CondaEnvironment, write
job = json.loads(sys.stdin.read())
solver = ClassicSolver(Settings("linux-64", **job.get("settings", {})))
environment = CondaEnvironment(**{key: tuple(value) for key, value in job.get("environment", {}).items()})
prefix = write(Path(job["directory"]), environment)
try:
    found = solver.solve(prefix, ["https://example.org/channel"], job["specs"], solver.parsed(job["entries"])[0])
    said = [name if key is None else job["entries"][key]["fn"] for name, key in found.items()]
except RefusedRequestError as error:
    said = [error.name, str(error), *error.blamed]
heavy = ("plugins.manager", "conda_lock.conda_lock")
print(json.dumps([said, sorted(name for name in modules if name.endswith(heavy))]))
"""


def _entry(package: Package) -> dict[str, object]:
    channel = f"https://example.org/channel/{package.subdir}"
    return {**package.record, "fn": package.file, "url": f"{channel}/{package.file}", "channel": channel}


def _solve(tmp_path: Path, specs: list[str], packages: list[Package], **job: object) -> list[str]:
    entries = [_entry(package) for package in packages]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        input=json.dumps({"directory": str(tmp_path / "prefix"), "specs": specs, "entries": entries, **job}),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(tmp_path), "CONDARC": str(tmp_path / "rc"), "CONDA_CHANNEL_PRIORITY": "strict"},
    )
    assert done.stderr == ""
    said, loaded = json.loads(done.stdout)
    assert loaded == []  # conda's plugins find out about the machine; conda-lock's command line is heavy
    return list(said)


def test_its_version_is_the_one_that_was_tested() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from cortexlock.conda.executable import classic_solver as c; print(c.version())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "24.7.1\n"
    bounds = {found.name: found.specifier for found in map(Requirement, requires("cortexlock") or ())}
    assert not bounds["conda-lock"].contains("4.1.0")
    assert bounds["python-sat"].contains("1.9.dev24")  # there are no other versions than of this form


def test_what_is_missing_is_said() -> None:
    script = (
        "import sys; sys.modules['pysat'] = None\n"
        "from cortexlock.conda.executable.classic_solver import ClassicSolver, MissingSolverError, Settings\n"
        "try:\n    ClassicSolver(Settings('linux-64'))\nexcept MissingSolverError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pysat" in done.stdout
    assert set(classic_solver.USED) >= {"core.solve", "resolve", "models.match_spec"}


def test_no_configuration_of_the_machine_reaches_it(tmp_path: Path) -> None:
    rc = "pinned_packages: [tool <2]\nchannel_priority: strict\ntrack_features: [x]\noffline: true\n"
    for name in ("rc", ".condarc"):
        (tmp_path / name).write_text(rc)
    assert _solve(tmp_path, ["tool"], [Package("tool", "1.0"), Package("tool", "2.0")]) == ["tool-2.0-0.tar.bz2"]


def test_features_are_avoided_and_asked_for_by_what_tracks_them(tmp_path: Path) -> None:
    packages = [
        Package("torch", "1.0", "cuda", index={"build_number": 1}),
        Package("torch", "1.0", "cpu", index={"build_number": 1, "features": "cpuonly"}),
        Package("cpuonly", "1.0", index={"track_features": "cpuonly"}),
    ]
    assert _solve(tmp_path / "a", ["torch"], packages) == ["torch-1.0-cuda.tar.bz2"]
    assert _solve(tmp_path / "b", ["torch", "cpuonly"], packages) == ["cpuonly-1.0-0.tar.bz2", "torch-1.0-cpu.tar.bz2"]


INSTALLED = {"subdir": "linux-64", "depends": []}
IMAGE = [
    {"name": "numpy", "version": "1.16.0", "build": "0", **INSTALLED},
    {"name": "certifi", "version": "2020.1", "build": "0", **INSTALLED},
]
NEWER = [Package("numpy", "1.17.0"), Package("certifi", "2021.1"), Package("wants", depends=["numpy >=1.17"])]


def test_what_the_image_was_made_with_holds(tmp_path: Path) -> None:
    kept = {"environment": {"records": IMAGE, "history": ["numpy==1.16.0"]}}
    name, said, *blamed = _solve(tmp_path / "a", ["wants"], NEWER, **kept)
    assert (name, blamed) == ("UnsatisfiableError", ["wants"])
    assert "incompatible with a past" in said
    free = {"environment": {"records": IMAGE, "history": ["certifi"]}}
    assert _solve(tmp_path / "b", ["wants"], NEWER, **free) == [
        "certifi",
        "numpy-1.17.0-0.tar.bz2",
        "wants-1.0-0.tar.bz2",
    ]


def test_pins_hold(tmp_path: Path) -> None:
    pinned = {"environment": {"records": IMAGE, "history": ["numpy"], "pinned": ["numpy <1.17", "# a comment"]}}
    assert _solve(tmp_path / "a", ["numpy"], NEWER, **pinned) == ["certifi", "numpy"]
    # As conda has it, what is asked for counts more where nothing satisfies both.
    assert _solve(tmp_path / "b", ["numpy>=1.17"], NEWER, **pinned) == ["certifi", "numpy-1.17.0-0.tar.bz2"]


@pytest.mark.parametrize(("names", "found"), [(("certifi",), "certifi-2021.1-0.tar.bz2"), ((), "certifi")])
def test_aggressive_updates_are_those_that_are_named(tmp_path: Path, names: tuple[str, ...], found: str) -> None:
    environment, settings = {"records": IMAGE, "history": ["numpy"]}, {"aggressive_updates": list(names)}
    solved = _solve(tmp_path, ["tool"], [*NEWER, Package("tool")], environment=environment, settings=settings)
    assert solved == [found, "numpy", "tool-1.0-0.tar.bz2"]


CUDA = [["__cuda", "10.1", "0"]]
WITH_PYTHON = {"records": [{"name": "python", "version": "3.6.9", "build": "0", **INSTALLED}]}


def _refused(tmp_path: Path, specs: list[str], packages: list[Package]) -> tuple[str, list[str]]:
    """Return conda's explanation and who is blamed."""
    settings = {"virtual_packages": CUDA}
    name, text, *blamed = _solve(tmp_path, specs, packages, settings=settings, environment=WITH_PYTHON)
    assert name == "UnsatisfiableError"
    return text, blamed


def test_what_the_machine_has_is_not_blamed(tmp_path: Path) -> None:
    packages = [Package("a", depends=["missing >=2", "b"]), Package("b", depends=["__cuda >=10"]), Package("c")]
    assert _refused(tmp_path, ["b", "a", "c"], packages) == (
        "What is asked for depends on:\n  - a==1.0 -> missing[version='>=2']",
        ["a"],
    )


def test_what_the_machine_lacks_is_blamed(tmp_path: Path) -> None:
    packages = [Package("a", depends=["__cuda >=11", "c"]), Package("b", depends=["c >0.9"]), Package("c")]
    text, blamed = _refused(tmp_path, ["b", "a", "c"], packages)
    assert blamed == ["a"]
    assert "  - a -> __cuda[version='>=11']\n\nYour installed version is: 10.1" in text
    assert "feature:" not in text
    assert "Package c conflicts" not in text


def test_those_are_blamed_that_cannot_be_together(tmp_path: Path) -> None:
    packages = [
        *(Package("a", depends=["c <2"]), Package("b", depends=["c >=2"]), Package("d")),
        *(Package("c", version) for version in ("1.0", "2.0")),
    ]
    text, blamed = _refused(tmp_path, ["d", "a", "b"], packages)
    assert blamed == ["a", "b"]
    assert "Package c conflicts for:" in text
