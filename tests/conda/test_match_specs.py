"""Names in what records depend on."""

from __future__ import annotations

import pytest

from cortexlock.conda.match_specs import name_of


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("python", "python"),
        ("python >=3.6,<3.7.0a0", "python"),
        (" python>=3.6", "python"),
        ("python[version='>=3.6']", "python"),
        ("conda-forge::python 3.6.*", "python"),
        ("conda-forge/linux-64::python=3.6", "python"),
        ("https://example.org/channel::python", "python"),
        ("", ""),
        (" ", ""),
    ],
)
def test_name(spec: str, name: str) -> None:
    assert name_of(spec) == name
