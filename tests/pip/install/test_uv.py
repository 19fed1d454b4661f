"""uv runs with nothing of the caller's environment that could configure it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import StepError
from cortexlock.pip.install import uv
from cortexlock.pip.install.uv import run_uv


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program that prints its environment in the place of uv."""
    program = tmp_path / "uv"
    program.write_text('#!/bin/sh\necho "$@"\nexport -p\n')
    program.chmod(0o755)
    monkeypatch.setattr(uv, "find_uv_bin", lambda: str(program))
    return program


def test_variables_are_scrubbed(spy: Path) -> None:
    variables = {
        "PATH": "/bin:/usr/bin",
        "UV_INDEX_URL": "https://example.org",
        "PIP_NO_INDEX": "0",
        "TMPDIR": "/scratch",
    }
    completed = run_uv(["pip", "list"], environment=variables)
    assert completed.stdout.splitlines()[0] == "pip list"
    assert "UV_INDEX_URL" not in completed.stdout
    assert "PIP_NO_INDEX" not in completed.stdout
    assert "/scratch" in completed.stdout


def test_a_uv_that_does_not_start_is_an_error(spy: Path) -> None:
    spy.chmod(0o644)
    with pytest.raises(StepError, match="uv does not start"):
        run_uv(["pip", "list"], environment={})
