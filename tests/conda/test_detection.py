"""What the driver supports is asked of the library that knows it, in a process that may end badly."""

from __future__ import annotations

import os

import pytest

from cortexlock import process
from cortexlock.conda.detection import cuda_version, main


@pytest.mark.parametrize(("said", "found"), [("11.2", "11.2"), ("", None)])
def test_what_conda_s_variable_says_goes_first(said: str, found: str | None) -> None:
    assert cuda_version({**os.environ, "CONDA_OVERRIDE_CUDA": said}) == found


def test_a_driver_that_crashes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        process, "run", lambda *_arguments, **_options: process.Completed(-11, "", "Segmentation fault")
    )
    assert cuda_version({}) is None


def test_what_the_child_process_prints(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "10.1")
    main()
    assert "__cuda 10.1" in capsys.readouterr().out.splitlines()
