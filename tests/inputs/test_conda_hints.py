"""What a line that conda cannot read was meant to be."""

from __future__ import annotations

import pytest

from cortexlock.inputs import conda_hints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy>1.17,<1.18.0,", "write `numpy>1.17,<1.18.0`"),
        ("numpy>=1.17 <1.18", "write `numpy>=1.17,<1.18`"),
        ("numpy >=1.16 <1.18 !=1.17", "write `numpy>=1.16,<1.18,!=1.17`"),
        ("numpy>=1.17 and <1.18", "write `numpy>=1.17,<1.18`"),
        ("numpy>=1.0 py36_0", "write `numpy>=1.0=py36_0`"),
        ("python 3.7", "write `python=3.7`"),
        ("numpy 1.18.1 py36_0", "write `numpy=1.18.1=py36_0`"),
        ("numpy~=1.18.2", "write `numpy>=1.18.2,<1.19`"),
        ("numpy ~= 1.4", "write `numpy>=1.4,<2`"),
        ("numpy[version='>=1']", "write `numpy>=1`"),
        ("numpy[version=1.2,build=py_0]", "write `numpy=1.2=py_0`"),
        ("conda-forge::numpy[version='1.2.*']", "write `conda-forge::numpy=1.2.*`"),
        ("numpy(>=1, <2)", "write `numpy>=1,<2`"),
        ("- numpy=1.18", "write `numpy=1.18`"),
        ('"numpy>=1.17",', "write `numpy>=1.17`"),
        ('numpy = "1.18"', "write `numpy=1.18`"),
        ("numpy,", "write `numpy`"),
        ("numpy scipy pandas", "write one package a line: `numpy`, `scipy`, `pandas`"),
        ("numpy=1.18, pandas", "write one package a line: `numpy=1.18`, `pandas`"),
        ("scikit\u2013learn=1.0", "write `scikit-learn=1.0`"),
        ("“numpy=1.18”", "write `numpy=1.18`"),
        ("numpy\uff1d1.18", "write `numpy=1.18`"),
        ("numpy\u200b", "write `numpy`"),
        ("\ufeffnumpy", "write `numpy`"),
        ("numpy\u200b scipy", "write one package a line: `numpy`, `scipy`"),
        ("numpy==", None),
        ("numpy=1..0", None),
        ("numpy=1.2=3=4", None),
        ("numpy[license=MIT]", None),
        ("num*", None),
        ("numpy~=1", None),
    ],
)
def test_what_was_meant_is_written_out_where_it_is_certain(text: str, expected: str | None) -> None:
    assert conda_hints.hint(text) == expected


@pytest.mark.parametrize(
    ("dependency", "line"),
    [
        ("numpy", "numpy"),
        ("numpy=1.18", "numpy=1.18.*"),
        ("numpy==1.18", "numpy=1.18"),
        ("numpy=1.18.1=py36_0", "numpy=1.18.1=py36_0"),
        ("python>=3.6,<4", "python>=3.6,<4"),
        ("conda-forge::rdkit", "conda-forge::rdkit"),
        ("numpy[md5=00000000000000000000000000000000]", None),
        ("numpy=1..0", None),
        ("", None),
    ],
)
def test_a_dependency_of_an_environment_becomes_the_line_that_means_the_same(dependency: str, line: str | None) -> None:
    assert conda_hints.of_environment(dependency) == line


def test_of_many_lines_the_first_are_shown() -> None:
    assert conda_hints.shown([f"p{number}" for number in range(10)]).endswith("`p7` and 2 more")
