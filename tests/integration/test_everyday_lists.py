"""Everyday lists on an image of the Python that runs the tests: as uv installs them there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.everyday_lists import LISTS, compared

pytestmark = pytest.mark.index


@pytest.mark.parametrize("name", ["numpy 2", "fastapi", "aiobotocore", "requests"])
def test_as_uv(tmp_path: Path, name: str) -> None:
    assert compared(tmp_path, Path(sys.executable), LISTS[name].split()) == "equal"
