"""What is frozen: of conda's packages, and names that no image has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import NoSolutionError, UsageError
from cortexlock.lock import frozen
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.model.lockfile import CondaStep
from cortexlock.model.package import CondaPackage, Replaced
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration, Project
from cortexlock.model.target import Target
from cortexlock.pip.resolution.values import Held
from tests.support.predictors import example


def test_what_is_held() -> None:
    image = replace(example(), constraints=("six<2", "not a requirement"))
    installed = (Distribution("numpy", "1.18"), Distribution("nvidia-cublas", "12"))
    assert frozen.held(Configuration(freeze=("nvidia-*",)), image, installed) == (
        Held("", "not a requirement", frozen=False),
        Held("nvidia-cublas", "nvidia-cublas==12", frozen=True),
        Held("six", "six<2", frozen=False),
    )
    assert frozen.held(Configuration(), example(), installed) == ()


def test_names_that_no_image_has(tmp_path: Path) -> None:
    for names in (("torch",), ("tor*", "python"), ("*",), ()):
        frozen.check_names(Project(tmp_path, Configuration(freeze=names), ()), (example(),))
    asked = Project(tmp_path, Configuration(freeze=("tensorflow", "torhc")), ())
    with pytest.raises(UsageError, match="`freeze` names tensorflow") as caught:
        frozen.check_names(asked, (example(),))
    assert caught.value.where == "--freeze"
    (tmp_path / "cortexlock.yaml").write_text("freeze:\n  - torch\n  - torhc\n")
    with pytest.raises(UsageError, match="`freeze` names torhc") as caught:
        frozen.check_names(Project(tmp_path, Configuration(freeze=("torhc",)), ()), (example(),))
    assert caught.value.where == "cortexlock.yaml:3"
    assert (caught.value.hint or "").startswith("did you mean `torch`? ")


def test_a_conda_step_that_changes_what_is_frozen() -> None:
    package = CondaPackage(
        name="numpy",
        version="1.19",
        build="0",
        channel="defaults",
        subdir="linux-64",
        file="numpy-1.19-0.conda",
        sha256="0" * 64,
        action="change",
        replaces=(Replaced("pip", "1.18"),),
        by=("conda-packages.txt",),
    )
    before = StepContext(Target.of(example()), ())
    step = LockedStep(step=CondaStep("conda-packages.txt", (package,)), after=before)
    for names in ((), ("other",)):
        frozen.refuse_changes(Configuration(freeze=names), step, before)
    with pytest.raises(NoSolutionError, match=r"numpy 1\.18 -> 1\.19 \(for conda-packages\.txt\)") as caught:
        frozen.refuse_changes(Configuration(freeze=("num*",)), step, before)
    assert caught.value.where == "conda-packages.txt"
    other = replace(step, after=StepContext(Target.of(replace(example(), python="3.7.1")), ()))
    with pytest.raises(NoSolutionError, match="every pre-installed pip package would be gone"):
        frozen.refuse_changes(Configuration(freeze=("other",)), other, before)
    frozen.refuse_changes(Configuration(), other, before)
