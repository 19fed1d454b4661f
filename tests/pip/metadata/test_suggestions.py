"""What was meant by a line that is no requirement."""

from __future__ import annotations

import pytest

from cortexlock.pip.metadata.suggestions import meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("six>=1.10.*", ("six>=1.10",)),
        ("six => 1.10", ("six>=1.10",)),
        ("attrs; python_version < 3", ('attrs; python_version < "3"',)),
        ('attrs; python_version < "3.8', ('attrs; python_version < "3.8"',)),
        ("attrs; python_version < 3.8'", ('attrs; python_version < "3.8"',)),
        ("a; python_version<=3.6 and os_name == nt", ('a; python_version<= "3.6" and os_name == "nt"',)),
        ("numpy=1.19.5", ("numpy==1.19.5",)),
        ("numpy=1.19.5=py36h76ef", ("numpy==1.19.5",)),
        ("numpy 1.19.5", ("numpy==1.19.5",)),
        ("numpy ~= 1", ("numpy~=1.0",)),
        ("numpy==1.19.5 pandas==1.0", ("numpy==1.19.5", "pandas==1.0")),
        ("pip install numpy==1.19.5", ("numpy==1.19.5",)),
        ("python -m pip install -U numpy", ("numpy",)),
        ("'numpy==1.19.5',", ("numpy==1.19.5",)),
        ("numpy ≥ 1.19; python_version < “3.7”", ('numpy >= 1.19; python_version < "3.7"',)),
        ("scikit\u2013learn\u200b==1.0", ("scikit-learn==1.0",)),
        ("numpy\u00a0==1.19", ("numpy ==1.19",)),
        ("numpy\uff1d\uff1d1.19", ("numpy==1.19",)),
        ("import numpy", ()),
        ("from sklearn import svm", ()),
        ("what is needed", ()),
        ("???", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_meant(text: str, expected: tuple[str, ...]) -> None:
    assert meant(text) == expected
