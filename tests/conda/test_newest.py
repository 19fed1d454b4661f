"""The newest version of a package that an image's Python can have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cortexlock.conda.channels import resolve
from cortexlock.conda.newest import newest
from tests.support import conda_packages
from tests.support.conda_packages import Package


@pytest.mark.parametrize(
    ("depends", "fits"),
    [
        ([""], True),
        (["python"], True),
        (["python >=3.7"], True),
        (["python>=3.9"], False),
        (["python[version='>=3.9']"], False),
        (["conda-forge::python >=3.9"], False),
        (["python >=3.6, <3.8"], True),
        (["python >=3.6", "python <3.7"], False),
    ],
)
def test_what_needs_another_python_is_passed_over(tmp_path: Path, depends: Sequence[str], *, fits: bool) -> None:
    packages = [Package("tool", "1.0", depends=["python"]), Package("tool", "2.0", depends=depends)]
    conda_packages.write_channel(tmp_path / "channel", packages)
    channel = resolve("./channel", project=tmp_path)
    found = newest(["tool"], [channel], subdir="linux-64", python="3.7.3", cut_off="", cache=tmp_path / "cache")
    assert found["tool"].ever == ("2.0" if fits else "1.0")
