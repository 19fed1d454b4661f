"""What goes wrong with the cache says what to do."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from cortexlock.errors import StepError
from cortexlock.replay.supply.cache_errors import reason_of, writing


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "/some/file"),
        shutil.Error([("/from", "/to", "[Errno 28] No space left on device: '/to'")]),
    ],
)
def test_an_error_of_the_system_says_what_to_do(error: OSError, tmp_path: Path) -> None:
    with (
        pytest.raises(StepError, match=r"the cache cannot be written: No space left on device\n") as caught,
        writing(tmp_path),
    ):
        raise error
    assert "--cache-dir" in str(caught.value.hint)


def test_a_program_that_meets_a_full_disk(tmp_path: Path) -> None:
    output = "fatal: cannot write: No space left on device"
    with pytest.raises(StepError) as caught, writing(tmp_path):
        raise StepError(f"git init fails: {output}", hint="check the credentials", output=output)
    assert caught.value.what.splitlines() == [
        "the cache cannot be written: No space left on device",
        "git init fails: fatal: cannot write: No space left on device",
    ]
    assert "--cache-dir" in str(caught.value.hint)


def test_other_failures_stay_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"^the build failed$"), writing(tmp_path):
        raise StepError("the build failed")


def test_a_file_elsewhere_is_not_the_cache(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="the file cannot be read") as caught, writing(tmp_path / "cache"):
        (tmp_path / "nowhere").read_bytes()
    assert caught.value.where == str(tmp_path / "nowhere")


def test_a_reason_without_a_text_of_the_system() -> None:
    assert reason_of(OSError("odd")) == "odd"
    assert reason_of(shutil.Error("odd")) == "odd"
    assert reason_of(PermissionError(errno.EACCES, os.strerror(errno.EACCES))) == "Permission denied"
