"""What is left to do: all in a fresh prefix, nothing in a completed one, and just what is not as locked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda.prefix import InstalledPackage
from cortexlock.conda.prefix_records import read as records
from cortexlock.model.lockfile import CondaStep, Lockfile, ScriptStep
from cortexlock.model.package import BuildRequirement, CondaPackage, FromIndex, Pin, PipPackage
from cortexlock.pip.prefix.distributions import Prefix, installed
from cortexlock.replay.plan import Plan, make_plan
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State
from tests.support.replay import Case


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    site = tmp_path / "prefix" / "lib" / "python3.6" / "site-packages"
    site.mkdir(parents=True)
    return Prefix(tmp_path / "prefix", "3.6.9", site)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", script="true\n")
    case.packages += [
        PipPackage("demo", "1.0", file="demo-1.0-py3-none-any.whl", sha256="a" * 64, source=FromIndex("default")),
        PipPackage("kept", "1.0", action="keep"),
    ]
    return case


def _state(prefix: Prefix, conda: tuple[InstalledPackage, ...] = ()) -> State:
    distributions = {each.name: (each,) for each in installed(prefix)}
    packages = {each.name: each for each in conda}
    return State(prefix, distributions, packages, True, frozenset(), records(prefix.root))  # noqa: FBT003 - in its order


def _put(prefix: Prefix, name: str, version: str) -> None:
    metadata = prefix.site / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    (metadata / "RECORD").write_text(f"{name}.py,,\n")
    (prefix.site / f"{name}.py").write_text("")


def _receipt(lockfile: Lockfile, *steps: str, **pip: str) -> Receipt:
    content_hash = make_plan(lockfile, _state(Prefix(Path("none"), "3.6.9", Path("none"))), None).content_hash
    ran = next((step.sha256 for step in lockfile.steps if isinstance(step, ScriptStep) and "script" in steps), "")
    return Receipt(
        state="completed",
        content_hash=content_hash,
        image="image",
        platform="cpu",
        python="3.6.9",
        steps=steps,
        pip=pip,
        script=ran,
    )


def _left(planned: Plan) -> list[str]:
    found = []
    for step in planned.steps:
        found += ["script"] if step.run else []
        found += [f"conda {each.name}" for each in step.conda]
        found += [f"{step.step.step} {each.name}" for each in step.pip]
    return found


def test_a_fresh_prefix_needs_all_but_what_is_kept(case: Case, prefix: Prefix) -> None:
    planned = make_plan(case.lockfile, _state(prefix), None)
    assert _left(planned) == ["script", "pip demo"]
    assert not planned.is_done


def test_a_completed_prefix_needs_nothing(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    planned = make_plan(case.lockfile, _state(prefix), _receipt(case.lockfile, "script", demo="a" * 64))
    assert planned.is_done


def test_the_right_version_from_another_file_is_not_as_locked(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    for receipt in (None, _receipt(case.lockfile, "script", demo="b" * 64)):
        assert "pip demo" in _left(make_plan(case.lockfile, _state(prefix), receipt))


def test_a_missing_file_is_not_as_locked(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    (prefix.site / "demo.py").unlink()
    planned = make_plan(case.lockfile, _state(prefix), _receipt(case.lockfile, "script", demo="a" * 64))
    assert _left(planned) == ["pip demo"]


def test_a_script_that_has_run_is_not_run_again_for_another_lockfile(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    receipt = replace(_receipt(case.lockfile, "script", demo="a" * 64), content_hash="sha256:other")
    planned = make_plan(case.lockfile, _state(prefix), receipt)
    assert _left(planned) == []
    assert planned.ran == "script.sh"
    assert _left(make_plan(case.lockfile, _state(prefix), replace(receipt, script="b" * 64))) == ["script"]
    case.script = "false\n"
    assert _left(make_plan(case.lockfile, _state(prefix), receipt)) == ["script"]


def test_a_script_runs_again_where_what_goes_before_it_changes(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    package = CondaPackage("lib", "1.0", file="lib-1.0-0.conda", sha256="c" * 64)
    lockfile = replace(case.lockfile, steps=(CondaStep("conda-packages.txt", (package,)), *case.lockfile.steps))
    receipt = _receipt(lockfile, "script", demo="a" * 64)
    assert _left(make_plan(lockfile, _state(prefix), receipt)) == ["conda lib", "script"]


def _with_conda(case: Case, package: CondaPackage) -> Lockfile:
    lockfile = case.lockfile
    return replace(lockfile, steps=(CondaStep("conda-packages.txt", (package,)), *lockfile.steps[1:]))


CONDA = CondaPackage(
    "lib", "1.0", "0", channel="defaults", subdir="linux-64", file="lib-1.0-0.conda", sha256="c" * 64, size=1
)
LINKED = InstalledPackage(name="lib", version="1.0", build="0", sha256=CONDA.sha256)


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (LINKED, []),
        (replace(LINKED, sha256="d" * 64), ["conda lib"]),
        (replace(LINKED, sha256=""), ["conda lib"]),
        (replace(LINKED, version="0.9"), ["conda lib"]),
    ],
)
def test_a_conda_package_is_as_locked_if_its_hash_is_recorded(
    case: Case, prefix: Prefix, there: InstalledPackage, left: list[str]
) -> None:
    _put(prefix, "demo", "1.0")
    record = {"name": there.name, "version": there.version, "build": there.build, "sha256": there.sha256}
    (prefix.root / "conda-meta").mkdir()
    (prefix.root / "conda-meta" / "lib.json").write_text(json.dumps(record))
    lockfile = _with_conda(case, CONDA)
    planned = make_plan(lockfile, _state(prefix, (there,)), _receipt(lockfile, demo="a" * 64))
    assert _left(planned) == left


def test_what_conda_brings_anew_pip_installs_anew_over_it(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    lockfile = _with_conda(case, replace(CONDA, distributions=(Pin("Demo", "0.9"),)))
    planned = make_plan(lockfile, _state(prefix), _receipt(lockfile, demo="a" * 64))
    assert _left(planned) == ["conda lib", "pip demo"]


def test_another_python_needs_all_distributions_anew(case: Case, prefix: Prefix) -> None:
    _put(prefix, "demo", "1.0")
    lockfile = _with_conda(case, replace(CONDA, name="python", version="3.7.0"))
    planned = make_plan(lockfile, _state(prefix), _receipt(lockfile, demo="a" * 64))
    assert _left(planned) == ["conda python", "pip demo"]


def test_build_requirements_are_those_of_what_is_left_to_build(case: Case, prefix: Prefix) -> None:
    sdist = PipPackage("built", "1.0", file="built-1.0.tar.gz", sha256="b" * 64, source=FromIndex("default"))
    tool = PipPackage("tool", "1.0", file="tool-1.0-py3-none-any.whl", sha256="e" * 64, source=FromIndex("default"))
    case.packages.append(sdist)
    case.build_requirements += [BuildRequirement(tool, ("built",)), BuildRequirement(tool, ("demo",))]
    planned = make_plan(case.lockfile, _state(prefix), None)
    assert [each.build_requirements for each in planned.steps] == [(), (BuildRequirement(tool, ("built",)),)]
    _put(prefix, "built", "1.0")
    planned = make_plan(case.lockfile, _state(prefix), _receipt(case.lockfile, built="b" * 64))
    assert [each.build_requirements for each in planned.steps] == [(), ()]
