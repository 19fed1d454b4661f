"""Build requirements that nobody declared."""

from __future__ import annotations

import pytest

from cortexlock.pip.sources import undeclared_requirements


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Traceback …\nModuleNotFoundError: No module named 'pybind11'\nRuntimeError: failed", "pybind11"),
        ("ModuleNotFoundError: No module named 'numpy'", "numpy==1.18.2"),
        ("ModuleNotFoundError: No module named 'numpy.distutils'", "numpy==1.18.2"),
        ("ImportError: No module named Cython", "cython"),
        ("ModuleNotFoundError: No module named 'torch'", "torch==1.4.0"),
        ("ModuleNotFoundError: No module named 'requets'", None),
        ("error: command 'gcc' failed", None),
    ],
)
def test_what_the_image_has_or_builds_are_known_to_need(output: str, expected: str | None) -> None:
    found = undeclared_requirements.requirement(output, {"numpy": "1.18.2", "torch": "1.4.0"})
    assert (found.text if found else None) == expected
