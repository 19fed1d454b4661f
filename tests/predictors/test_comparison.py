"""What became of an image."""

from __future__ import annotations

from dataclasses import replace

from cortexlock.model.predictor import CondaRecord, Distribution
from cortexlock.predictors.comparison import Change, changes
from tests.support.predictors import example


def test_each_kind_of_change() -> None:
    old = replace(example(), constraints=("numpy<2",), digest="sha256:" + "0" * 64)
    new = replace(
        old,
        python="3.6.10",
        has_conda=False,
        subdir="linux-aarch64",
        cuda="11.0",
        digest="",
        channels=("defaults",),
        constraints=("six<2",),
        distributions=(Distribution("six", "1.15"), Distribution("torch", "1.5.0")),
        conda_records=(CondaRecord("pip", "20.1", "py_0"), old.conda_records[1]),
    )
    assert changes(old, old) == ()
    assert changes(old, new) == (
        Change("fact", "digest", "sha256:" + "0" * 64, ""),
        Change("fact", "python", "3.6.9", "3.6.10"),
        Change("fact", "has-conda", "true", ""),
        Change("fact", "channels", "defaults, conda-forge", "defaults"),
        Change("fact", "subdir", "linux-64", "linux-aarch64"),
        Change("fact", "cuda", "", "11.0"),
        Change("constraint", "numpy<2", "there", ""),
        Change("constraint", "six<2", "", "there"),
        Change("conda", "pip", "20.1", "20.1 py_0"),
        Change("pip", "cortex-internal", "1.10", ""),
        Change("pip", "six", "", "1.15"),
        Change("pip", "torch", "1.4.0", "1.5.0"),
    )
