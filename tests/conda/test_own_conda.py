"""A conda of the user's own says which one it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.conda import own_conda
from cortexlock.errors import UsageError
from cortexlock.model.lockfile import ResolverVersion


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("conda 4.7.12", "4.7.12"),
        ("mamba 1.5.8\nconda 24.3.0", "1.5.8"),
        ("2.0.5", "2.0.5"),
        ("cortexlock-conda 0.1.0.dev1", "0.1.0.dev1"),
    ],
)
def test_the_version_is_what_the_program_says(tmp_path: Path, said: str, version: str) -> None:
    conda = _program(tmp_path / "mamba", f"[ $# = 1 ] && [ $1 = --version ] && printf '{said}\\n'")
    assert own_conda.resolver(conda) == ResolverVersion("mamba", version)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("exit 3", "--version` ended with exit code 3, and it said nothing"),
        ("echo why >&2; exit 1", "--version` ended with exit code 1: why"),
        ("echo hello", "--version` gave no version: 'hello'"),
    ],
)
def test_a_program_that_is_no_conda_is_named(tmp_path: Path, text: str, what: str) -> None:
    conda = _program(tmp_path / "other", text)
    with pytest.raises(UsageError) as caught:
        own_conda.resolver(conda)
    assert caught.value.where == "--conda"
    assert caught.value.what == f"`{conda} {what}"


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be started: No such file"):
        own_conda.resolver(tmp_path / "missing")
