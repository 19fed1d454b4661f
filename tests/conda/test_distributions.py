"""Which distributions conda packages bring."""

from __future__ import annotations

import pytest

from cortexlock.conda.distributions import brought
from cortexlock.model.package import Pin


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("numpy", ("numpy==1.0",)),
        ("pytorch", ("torch==1.0",)),
        ("matplotlib-base", ("matplotlib==1.0",)),
        ("msgpack-python", ("msgpack==1.0", "msgpack-python==1.0")),
        ("mkl_fft", ("mkl-fft==1.0",)),
        ("ruamel_yaml", ("ruamel-yaml==1.0", "ruamel-yaml-conda==1.0")),
        ("numpy-base", ()),
        ("not-on-any-index", ("not-on-any-index==1.0",)),
    ],
)
def test_names_of_distributions_come_from_the_mapping(name: str, expected: tuple[str, ...]) -> None:
    assert brought(name, "1.0", depends=["python >=3.6,<3.7.0a0"], noarch="") == tuple(map(Pin.parse, expected))


@pytest.mark.parametrize("depends", [(), ("libgcc-ng",), ("python_abi 3.6.*",), ("pythonic",)])
def test_what_does_not_depend_on_python_brings_none(depends: tuple[str, ...]) -> None:
    assert brought("tool", "1.0", depends=depends, noarch="generic") == ()


@pytest.mark.parametrize("depends", [("python",), ("a", "python>=3"), ("python 3.6.*",), ("python[version='3']",)])
def test_what_depends_on_python_in_any_way_brings_one(depends: tuple[str, ...]) -> None:
    assert brought("tool", "1.0", depends=depends, noarch="") == (Pin("tool", "1.0"),)


def test_pure_python_brings_one_whatever_it_depends_on() -> None:
    assert brought("tool", "1.0", depends=(), noarch="python") == (Pin("tool", "1.0"),)
