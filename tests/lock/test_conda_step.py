"""What the conda step of a lock leaves for the steps after it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from cortexlock.errors import InputError
from cortexlock.lock.conda_step import after_conda, lock_conda
from cortexlock.lock.locked_step import StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.conda_list import CondaList, CondaSpec
from cortexlock.model.package import CondaPackage, Pin
from cortexlock.model.predictor import Distribution
from tests.support.predictors import example
from tests.support.resolution import PYTHON36

BEFORE = StepContext(PYTHON36, (Distribution("array", "0.9"), Distribution("web", "1.0", ("array",))))
ARRAY = CondaPackage("array", "1.0", file="array-1.0-0.conda", action="change", distributions=(Pin("array", "1.0"),))


def _python(version: str) -> CondaPackage:
    return CondaPackage("python", version, file=f"python-{version}-0.conda", action="change")


def test_condas_distributions_take_the_place_of_pips() -> None:
    after = after_conda(BEFORE, [ARRAY])
    assert after.target == PYTHON36
    assert [(each.name, each.version, each.on_index) for each in after.installed] == [
        ("array", "1.0", False),
        ("web", "1.0", True),
    ]


def test_what_is_kept_changes_nothing() -> None:
    kept = CondaPackage("array", "1.0", action="keep", distributions=(Pin("array", "1.0"),))
    assert after_conda(BEFORE, [kept, CondaPackage("python", "3.7.7", action="keep")]) == BEFORE


def test_another_patch_level_is_the_new_interpreter_with_the_same_packages() -> None:
    after = after_conda(BEFORE, [_python("3.6.10")])
    assert after.target == replace(PYTHON36, python=(3, 6, 10))
    assert after.installed == BEFORE.installed


def test_another_minor_version_has_only_what_conda_brings() -> None:
    after = after_conda(BEFORE, [ARRAY, _python("3.7")])
    assert after.target == replace(PYTHON36, python=(3, 7, 0))
    assert [each.name for each in after.installed] == ["array"]


def test_an_image_without_conda_is_named_with_the_way_out() -> None:
    request = SimpleNamespace(
        previous=None,
        predictor=replace(example(), has_conda=False, image="own-image"),
        inputs=SimpleNamespace(conda=CondaList(specs=(CondaSpec(1, "numpy", "", "numpy", "", ""),))),
    )
    with pytest.raises(InputError, match="the image `own-image` has no conda") as caught:
        lock_conda(cast("PlatformRequest", request), BEFORE, "conda-packages.txt", lambda _text: None)
    assert caught.value.where == "conda-packages.txt"
    assert "requirements file" in str(caught.value.hint)
