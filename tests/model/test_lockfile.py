"""A lockfile's steps are found by name, and its file is named after the platform."""

from __future__ import annotations

from cortexlock.model.lockfile import CondaStep, LockedPredictor, Lockfile, PipStep, ScriptStep, lockfile_name
from cortexlock.model.predictor import PLATFORMS

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
