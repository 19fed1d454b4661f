"""A lockfile answers what is there when, and what it says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled, ScriptStep
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.package import CondaPackage, PackageKey, Pin, PipPackage, Replaced
from cortexlock.model.predictor import PLATFORMS, LockedPredictor

LOCKFILE = Lockfile(
    predictor=LockedPredictor("python", "0.16.0", "python-predictor-cpu", slim=False, closure="resolved"),
    platform="cpu",
    subdir="linux-64",
    python="3.6.9",
    glibc="2.27",
    virtual_packages=(),
    inputs=(),
    channels=(),
    indexes=("default",),
    exclude_newer="",
    resolvers=(),
    pre_installed=(),
    steps=(
        ScriptStep("script.sh", "0" * 64),
        PipStep("core", (), step="core"),
        PipStep("requirements.txt", ()),
    ),
)


def test_a_step_is_found_by_its_name() -> None:
    assert LOCKFILE.step("script") is LOCKFILE.steps[0]
    assert LOCKFILE.step("core") is LOCKFILE.steps[1]
    assert LOCKFILE.step("pip") is LOCKFILE.steps[2]
    assert LOCKFILE.step("conda") is None
    assert CondaStep("conda-packages.txt", ()).step == "conda"


def test_lockfile_names() -> None:
    names = [lockfile_name(platform) for platform in PLATFORMS]
    assert names == ["cortexlock.cpu.yaml", "cortexlock.cuda.yaml", "cortexlock.inf.yaml"]


PYTHON = CondaPackage("python", "3.7.7", "0", file="python-3.7.7-0.conda", action="change")
ARRAY = CondaPackage(
    "py_Array", "1.1", "0", file="array-1.1-0.conda", action="change", distributions=(Pin("Array", "1.1"),)
)
IMAGE = (
    PreInstalled("conda", "python", "3.6.9"),
    PreInstalled("conda", "zlib", "1.2"),
    PreInstalled("pip", "array", "1.0"),
    PreInstalled("pip", "web", "1.0"),
)
WEB = PipPackage("web", "1.0", action="keep")
NEW = PipPackage("new", "3.0", sha256="a" * 64)


def _lockfile(*conda: CondaPackage, python: str = "3.6.9") -> Lockfile:
    steps = (ScriptStep("script.sh", "0" * 64), CondaStep("list", conda), PipStep("requirements.txt", (NEW, WEB)))
    return replace(LOCKFILE, python=python, pre_installed=IMAGE, steps=steps)


def _texts(versions: dict[PackageKey, str]) -> dict[str, str]:
    return {str(key): version for key, version in versions.items()}


def test_what_is_there_after_each_step() -> None:
    lockfile = _lockfile(ARRAY)
    image = {"conda python": "3.6.9", "conda zlib": "1.2", "pip array": "1.0", "pip web": "1.0"}
    assert _texts(lockfile.versions_after(0)) == _texts(lockfile.versions_after(1)) == image
    with_conda = image | {"conda py-array": "1.1", "pip array": "1.1"}
    assert _texts(lockfile.versions_after(2)) == with_conda
    assert _texts(lockfile.versions_after(3)) == with_conda | {"pip new": "3.0"}
    assert lockfile.versions()[PackageKey("pip", "array")] == {"1.0", "1.1"}


def test_another_python_has_nothing_of_pip() -> None:
    lockfile = _lockfile(PYTHON, python="3.7.7")
    assert (lockfile.assumed_python, lockfile.changes_python) == ("3.6.9", True)
    assert _texts(lockfile.versions_after(2)) == {"conda python": "3.7.7", "conda zlib": "1.2"}


@pytest.mark.parametrize("python", ["3.6.9", "3.6.10"])
def test_another_patch_level_is_the_same_python(python: str) -> None:
    assert not _lockfile(replace(PYTHON, version=python), python=python).changes_python


def test_an_image_without_conda_has_the_python_that_is_locked() -> None:
    assert (LOCKFILE.assumed_python, LOCKFILE.changes_python) == ("3.6.9", False)


def test_keys_of_what_is_said_installed_and_settled() -> None:
    kept = CondaPackage("zlib", "1.2", action="keep")
    own = CondaPackage("tool", "2", file="tool-2-0.conda", replaces=(Replaced("conda", "1"), Replaced("pip", "1")))
    lockfile = _lockfile(ARRAY, kept, own)
    of_conda = {("conda", "py-array"), ("conda", "tool")}
    assert lockfile.keys == of_conda | {("conda", "zlib"), ("pip", "array"), ("pip", "new"), ("pip", "web")}
    assert lockfile.installed_keys == of_conda | {("pip", "new")}
    assert lockfile.settled_keys == of_conda | {("pip", "array"), ("pip", "tool"), ("pip", "new")}
    assert lockfile.assumed == {each.key for each in IMAGE}
    assert lockfile.kept() == (IMAGE[1], IMAGE[3])


def test_the_last_step_decides_on_a_distribution_unless_conda_has_it() -> None:
    lockfile = _lockfile(ARRAY)
    core = PipStep("", (PipPackage("array", "1.0"), replace(NEW, version="2.0"), WEB), step="core")
    before = replace(lockfile, steps=(core, *lockfile.steps))
    assert before.final_distributions() == {"new": NEW, "web": WEB}
    after = replace(lockfile, steps=(*lockfile.steps, core))
    assert {each.version for each in after.final_distributions().values()} == {"1.0", "2.0"}
    assert list(after.without_kept().final_distributions()) == ["array", "new"]


def test_a_conda_list_whose_rows_are_locked_is_no_requirements_file() -> None:
    assert _lockfile().requirements_files == ("requirements.txt",)
    steps = (CondaStep("list", ()), PipStep("list", ()), PipStep("", (), step="core"))
    assert replace(LOCKFILE, steps=steps).requirements_files == ()
